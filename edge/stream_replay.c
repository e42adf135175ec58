/*
 * Design notes. A client that reads slowly must not hold a fiber, of which there are few, for as
 * long as that takes: after a moment its replay ends where it stands, and begins again from there
 * when the client has read what it had been sent. Facts that were got and not shown are got again
 * then.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/events/v1/events.rpc.h"
#include "edge/internal.h"
#include "edge/streams.h"
#include "fiber/fiber.h"

enum {
	PAGE = 200,
	READ_TIMEOUT_MS = 5000,
	GET_TIMEOUT_MS = 10000,
	SLOW_PAGE = 50, /* of a client that was waited for in vain */
	ROOM_PATIENCE_MS = 200,
	MAX_MISSED = 50000 /* facts of the service; more are not read again */
};

static struct edge_stream_source *source_of(struct edge_stream          *s,
                                            enum edge_stream_source_kind kind)
{
	return &s->streams->sources[kind];
}

/*
 * A client that reads slowly gets what it missed slowly, and is not ended for that: ABORTED says
 * that there is no room for now.
 */
static status await_room(struct edge_stream *s, size_t n)
{
	const size_t  half = s->streams->edge->cfg->events_queue_bytes / 2;
	const int64_t until_ns = clock_after_ms(ROOM_PATIENCE_MS);
	status        st = STATUS_OK;

	while (st.code == CODE_OK && edge_sse_waiting(&s->sse) > 0 &&
	       edge_sse_waiting(&s->sse) + n > half)
		st = fiber_suspend(until_ns);
	if (!edge_sse_is_open(&s->sse))
		return status_error(CODE_CANCELLED, "the stream is over");
	if (st.code == CODE_DEADLINE_EXCEEDED)
		return status_error(CODE_ABORTED, "the client reads slowly");
	return st;
}

static status show_all(struct edge_stream *s, enum edge_stream_source_kind kind,
                       struct edge_stream_fact *facts, size_t n)
{
	struct edge_stream_source *src = source_of(s, kind);
	bool                       is_whole;

	if (n == 0)
		return STATUS_OK;
	TRY(edge_stream_source_get(src, facts, n, clock_after_ms(GET_TIMEOUT_MS), &is_whole));
	if (!is_whole)
		return status_error(CODE_OUT_OF_RANGE, "what facts are about cannot be had");
	for (size_t i = 0; i < n; i++) {
		TRY(await_room(s, facts[i].data_len));
		edge_stream_rights_see(s->streams, &facts[i]);
		TRY(edge_stream_rights_settle(s->streams));
		if (edge_stream_concerns(s, kind, &facts[i]))
			edge_stream_show(s, kind, &facts[i]);
	}
	return STATUS_OK;
}

/* What of a page concerns the stream. */
static size_t choose(struct edge_stream *s, enum edge_stream_source_kind kind, struct arena *a,
                     const events_read_response *page, struct edge_stream_fact *out_facts)
{
	const struct edge_stream_source *src = source_of(s, kind);
	size_t                           n = 0;

	for (size_t i = 0; i < page->n_events; i++) {
		const events_event     *event = page->events[i];
		struct edge_stream_fact fact = {.at = {event->epoch, event->position}};

		if (!src->ops->read(event, a, &fact))
			continue;
		if (edge_stream_concerns(s, kind, &fact))
			out_facts[n++] = fact;
		else
			edge_stream_fact_free(&fact);
	}
	return n;
}

static status show_page(struct edge_stream *s, enum edge_stream_source_kind kind, struct arena *a,
                        const events_read_response *page)
{
	struct edge_stream_fact *facts = mem_zalloc_array(PAGE, sizeof *facts);
	const size_t             n = choose(s, kind, a, page, facts);
	const status             st = show_all(s, kind, facts, n);

	for (size_t i = 0; i < n; i++)
		edge_stream_fact_free(&facts[i]);
	mem_free(facts);
	return st;
}

static bool is_dense(const events_read_response *page, const struct events_position *after)
{
	for (size_t i = 0; i < page->n_events; i++)
		if (page->events[i]->position != after->position + 1 + (int64_t)i)
			return false;
	return page->n_events > 0 && page->n_events <= PAGE && page->epoch == after->epoch;
}

static status read_page(struct edge_stream *s, enum edge_stream_source_kind kind,
                        struct rpc_call *call, events_read_response **out_page)
{
	const struct events_position *at = &s->id.at[kind];
	events_read_request           req;

	rpc_call_reuse(call);
	call->deadline_ns = clock_after_ms(READ_TIMEOUT_MS);
	call->request_id = STR("replay");
	events_read_request_init(&req);
	req.epoch = at->epoch;
	req.after = at->position;
	req.limit = s->is_slow ? SLOW_PAGE : PAGE;
	return events_client_read(edge_client(s->streams->edge, source_of(s, kind)->ops->service),
	                          call, &req, out_page);
}

static status replay_page(struct edge_stream *s, enum edge_stream_source_kind kind,
                          struct rpc_call *call)
{
	struct events_position *at = &s->id.at[kind];
	events_read_response   *page;

	TRY(read_page(s, kind, call, &page));
	if (!is_dense(page, at))
		return status_error(CODE_UNAVAILABLE, "facts are missing from an answer");
	TRY(show_page(s, kind, &call->arena, page));
	*at = (struct events_position){page->epoch, page->events[page->n_events - 1]->position};
	return STATUS_OK;
}

static status catch_up(struct edge_stream *s, enum edge_stream_source_kind kind,
                       struct rpc_call *call)
{
	const struct events_position *heard = &source_of(s, kind)->heard;
	const struct events_position *at = &s->id.at[kind];
	events_read_response         *page;

	/* Another loop or edge may have been ahead of this one, which passes over what was shown.
	 */
	if (at->epoch == heard->epoch && at->position > heard->position)
		TRY(read_page(s, kind, call, &page));
	/* No fact comes between the last look at the feed and being live. */
	while (at->epoch != heard->epoch || at->position < heard->position) {
		if (s->has_gap[kind] || at->epoch != heard->epoch ||
		    heard->position - at->position > MAX_MISSED)
			return status_error(CODE_OUT_OF_RANGE, "too much was missed");
		TRY(replay_page(s, kind, call));
	}
	return s->has_gap[kind] ? status_error(CODE_OUT_OF_RANGE, "the stream began anew")
	                        : STATUS_OK;
}

/* Until it is live; ABORTED when it goes on later, CANCELLED when the stream is over. */
static status replay(struct edge_stream *s, enum edge_stream_source_kind kind)
{
	struct rpc_call call;
	status          st;

	rpc_call_init(&call, CLOCK_NEVER);
	st = catch_up(s, kind, &call);
	rpc_call_fini(&call);
	if (s->is_over || !edge_sse_is_open(&s->sse))
		return status_error(CODE_CANCELLED, "the stream is over");
	if (st.code == CODE_ABORTED)
		return status_error(CODE_ABORTED, "the client reads slowly");
	if (st.code == CODE_OUT_OF_RANGE) {
		edge_stream_reset(s, kind);
	} else if (st.code != CODE_OK) {
		edge_stream_end(s, STR("what was missed cannot be had now"));
		return status_error(CODE_CANCELLED, "the stream is over");
	}
	s->is_live[kind] = true;
	return STATUS_OK;
}

void edge_stream_replay(struct edge_stream *s)
{
	status st = STATUS_OK;

	s->replayer = fiber_current();
	s->is_behind = false;
	for (int i = 0; i < EDGE_STREAM_SOURCES && st.code == CODE_OK; i++)
		if (s->is_wanting[i] && !s->is_live[i])
			st = replay(s, (enum edge_stream_source_kind)i);
	s->replayer = NULL;
	/* What waits is being sent: edge_stream_replay_go_on() will be called. */
	s->is_behind = s->is_slow = st.code == CODE_ABORTED;
	if (s->is_over)
		edge_stream_free(s);
}

static void run(void *arg)
{
	struct edge_stream  *s = arg;
	struct edge_streams *ss = s->streams;

	fiber_set_label("missed events");
	edge_stream_replay(s);
	ss->n_replayers--;
}

void edge_stream_replay_go_on(struct edge_stream *s)
{
	struct edge_streams *ss = s->streams;

	if (s->replayer) {
		fiber_wake(s->replayer);
		return;
	}
	if (!s->is_behind || !edge_sse_is_open(&s->sse) || ss->is_leaving)
		return;
	ss->n_replayers++;
	if (fiber_spawn(ss->edge->fibers, run, s, CLOCK_NEVER, NULL).code != CODE_OK)
		ss->n_replayers--; /* too busy: with the next heartbeat */
}
