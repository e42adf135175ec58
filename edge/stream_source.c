/*
 * Design notes. Facts that somebody listens to are queued; one fiber takes some from the front,
 * gets what they lack with one call, waits for rights that are in doubt, and shows them. What
 * nobody listens to is passed over, so `shown` runs along with the feed while the queue is empty. A
 * stream that begins does so behind all that was heard, whatever is still queued.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "edge/internal.h"
#include "edge/streams.h"
#include "fiber/fiber.h"
#include "log/log.h"

#include <string.h>

enum { MAX_QUEUE = 16384, SHOWN_AT_ONCE = 200, READ_ARENA_BYTES = 1024 * 1024, GET_PAUSE_MS = 100 };

void edge_stream_fact_free(struct edge_stream_fact *fact)
{
	mem_free(fact->data);
	fact->data = NULL;
}

static void drop(struct edge_stream_fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		edge_stream_fact_free(&facts[i]);
}

static void empty(struct edge_stream_source *src)
{
	drop(src->queue, src->n_queue);
	src->n_queue = 0;
}

/* ---- getting ---- */

static bool is_transient(status st)
{
	return st.code == CODE_UNAVAILABLE || st.code == CODE_DEADLINE_EXCEEDED;
}

static status pause_until(int64_t until_ns)
{
	while (clock_now_ns() < until_ns) {
		const status st = fiber_suspend(until_ns);

		if (st.code == CODE_CANCELLED)
			return st;
	}
	return STATUS_OK;
}

status edge_stream_source_get(struct edge_stream_source *src, struct edge_stream_fact *facts,
                              size_t n, int64_t until_ns, bool *out_is_whole)
{
	for (;;) {
		const status st = src->ops->get(src->streams, facts, n);

		if (st.code == CODE_CANCELLED || fiber_is_cancelled())
			return status_error(CODE_CANCELLED, "nobody waits for it");
		if (!is_transient(st)) {
			if (st.code != CODE_OK)
				log_error("facts cannot be shown",
				          LOG_CSTR("service", src->ops->service), LOG_CODE(st));
			*out_is_whole = st.code == CODE_OK;
			return STATUS_OK;
		}
		if (clock_now_ns() >= until_ns)
			return status_error(CODE_UNAVAILABLE, "what facts are about cannot be had");
		TRY(pause_until(clock_after_ms(GET_PAUSE_MS)));
	}
}

/* ---- showing ---- */

static void reset_all(struct edge_stream_source *src)
{
	list_for_each_safe (it, &src->streams->streams) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		if (s->is_live[src->kind])
			edge_stream_reset(s, src->kind);
		else if (s->is_wanting[src->kind])
			s->has_gap[src->kind] = true;
	}
}

static status show_some(struct edge_stream_source *src, struct edge_stream_fact *facts, size_t n)
{
	bool is_whole;

	TRY(edge_stream_source_get(src, facts, n, CLOCK_NEVER, &is_whole));
	for (size_t i = 0; i < n; i++)
		edge_stream_rights_see(src->streams, &facts[i]);
	TRY(edge_stream_rights_settle(src->streams));
	/* The stream began anew meanwhile: these are of the past. */
	if (facts[0].at.epoch != src->heard.epoch)
		return STATUS_OK;
	for (size_t i = 0; i < n; i++)
		src->ops->show(src->streams, &facts[i]);
	src->shown = src->n_queue > 0 ? facts[n - 1].at : src->heard;
	if (!is_whole)
		reset_all(src);
	return STATUS_OK;
}

static size_t take_some(struct edge_stream_source *src, struct edge_stream_fact *out_facts)
{
	const size_t n = src->n_queue < SHOWN_AT_ONCE ? src->n_queue : SHOWN_AT_ONCE;

	memcpy(out_facts, src->queue, n * sizeof *out_facts);
	src->n_queue -= n;
	memmove(src->queue, src->queue + n, src->n_queue * sizeof *src->queue);
	return n;
}

static void work(void *arg)
{
	struct edge_stream_source *src = arg;
	struct edge_stream_fact   *facts = mem_alloc(SHOWN_AT_ONCE * sizeof *facts);
	status                     st = STATUS_OK;

	src->worker = fiber_current();
	fiber_set_label("event streams");
	while (st.code == CODE_OK && src->n_queue > 0) {
		const size_t n = take_some(src, facts);

		st = show_some(src, facts, n);
		drop(facts, n);
	}
	mem_free(facts);
	src->worker = NULL;
	src->is_working = false;
}

static void begin_work(struct edge_stream_source *src)
{
	status st;

	if (src->is_working || src->n_queue == 0 || src->streams->is_leaving)
		return;
	src->is_working = true;
	st = fiber_spawn(src->streams->edge->fibers, work, src, CLOCK_NEVER, NULL);
	if (st.code != CODE_OK)
		src->is_working = false; /* too busy: with the next fact */
}

/* ---- hearing ---- */

/* Nobody could be shown anything for very long. */
static void give_up(struct edge_stream_source *src)
{
	log_warn("event streams end: what they show cannot be had",
	         LOG_CSTR("service", src->ops->service));
	empty(src);
	list_for_each_safe (it, &src->streams->streams) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		if (s->is_live[src->kind])
			edge_stream_end(s, STR("the service behind is out of reach"));
	}
}

static void put_in_queue(struct edge_stream_source *src, const struct edge_stream_fact *fact)
{
	if (src->n_queue == src->max_queue) {
		src->max_queue = src->max_queue ? src->max_queue * 2 : SHOWN_AT_ONCE;
		src->queue = mem_realloc(src->queue, src->max_queue * sizeof *src->queue);
	}
	src->queue[src->n_queue++] = *fact;
}

static void on_fact(void *arg, const events_event *event)
{
	struct edge_stream_source *src = arg;
	struct edge_stream_fact    fact = {.at = {event->epoch, event->position}};
	struct arena               a;

	src->heard = fact.at;
	arena_init(&a, READ_ARENA_BYTES);
	if (src->ops->read(event, &a, &fact)) {
		if (src->ops->is_wanted(src->streams, &fact))
			put_in_queue(src, &fact);
		else
			edge_stream_fact_free(&fact);
	}
	arena_fini(&a);
	if (!src->is_working && src->n_queue == 0)
		src->shown = src->heard;
	else if (src->n_queue > MAX_QUEUE)
		give_up(src);
	begin_work(src);
}

static void on_gap(void *arg)
{
	struct edge_stream_source *src = arg;

	src->heard = src->shown = edge_feed_position(src->streams->edge, src->ops->service);
	empty(src);
	reset_all(src);
}

void edge_stream_source_init(struct edge_stream_source *src, struct edge_streams *ss,
                             enum edge_stream_source_kind         kind,
                             const struct edge_stream_source_ops *ops)
{
	*src = (struct edge_stream_source){.streams = ss, .kind = kind, .ops = ops};
}

status edge_stream_source_open(struct edge_stream_source *src)
{
	struct edge *e = src->streams->edge;

	if (src->listener.feed)
		return STATUS_OK;
	src->listener =
	        (struct edge_feed_listener){.on_fact = on_fact, .on_gap = on_gap, .arg = src};
	TRY(edge_feed_listen(e, src->ops->service, &src->listener));
	src->heard = src->shown = edge_feed_position(e, src->ops->service);
	return STATUS_OK;
}

void edge_stream_source_close(struct edge_stream_source *src)
{
	edge_feed_ignore(src->streams->edge, &src->listener);
	empty(src);
	mem_free(src->queue);
	src->queue = NULL;
	src->max_queue = 0;
}
