/*
 * Design notes. A consumer (events/consumer.h) does the work; it has no database behind it, so its
 * snapshot is only where the stream stands now. Listeners are called in a walk that keeps its place
 * in the feed: who ignores while it goes on moves that place along, and who begins to listen is put
 * before all others, where the walk has been. Walks do not nest, since callbacks do not suspend.
 */
#include "edge/feed.h"

#include "base/clock.h"
#include "canaduck/events/v1/events.rpc.h"
#include "edge/internal.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "runtime/address.h"

#include <string.h>

enum { WHERE_TIMEOUT_MS = 5000, STOP_TURNS = 1000, STOP_TURN_MS = 5, FACTS_A_TURN = 8 };

struct edge_feed {
	struct edge            *edge;
	const char             *service;
	struct events_consumer *consumer;
	struct events_position  at;
	bool                    is_begun, is_counted;
	struct list             listeners, waiters;
	struct list            *next; /* of the walk under way */
	struct metrics_gauge   *complete;
	struct metrics_counter *gaps;
	struct list             link; /* of the edge's feeds */
};

struct waiter {
	struct fiber *fiber;
	struct list   link;
};

static struct edge_feed *find(const struct edge *e, const char *service)
{
	list_for_each (it, &e->feeds) {
		struct edge_feed *f = container_of(it, struct edge_feed, link);

		if (strcmp(f->service, service) == 0)
			return f;
	}
	return NULL;
}

/* ---- handing out ---- */

static void walk(struct edge_feed *f,
                 void (*call)(struct edge_feed_listener *l, const events_event *event),
                 const events_event *event)
{
	for (struct list *it = f->listeners.next; it != &f->listeners; it = f->next) {
		f->next = it->next;
		call(container_of(it, struct edge_feed_listener, link), event);
	}
	f->next = NULL;
}

static void tell_fact(struct edge_feed_listener *l, const events_event *event)
{
	if (l->on_fact)
		l->on_fact(l->arg, event);
}

static void tell_signal(struct edge_feed_listener *l, const events_event *event)
{
	if (l->on_signal)
		l->on_signal(l->arg, event);
}

static void tell_gap(struct edge_feed_listener *l,
                     const events_event        *event __attribute__((unused)))
{
	if (l->on_gap)
		l->on_gap(l->arg);
}

static status on_events(void *arg, struct arena *a __attribute__((unused)),
                        const struct events_batch *batch)
{
	struct edge_feed *f = arg;

	for (size_t i = 0; i < batch->n; i++) {
		const events_event *event = batch->events[i];

		f->at = (struct events_position){event->epoch, event->position};
		walk(f, tell_fact, event);
		/* A fact may be for thousands, whose sockets take it in the loop's turns. */
		if (i % FACTS_A_TURN == FACTS_A_TURN - 1)
			TRY(fiber_yield());
	}
	return STATUS_OK;
}

static void on_signal(void *arg, const events_event *event)
{
	walk(arg, tell_signal, event);
}

static status where_is_it(struct edge_feed *f, struct rpc_call *call,
                          struct events_position *out_position)
{
	events_read_request   req;
	events_read_response *answer;

	call->request_id = STR("feed");
	events_read_request_init(&req); /* a limit of 0: only where it stands */
	TRY(events_client_read(edge_client(f->edge, f->service), call, &req, &answer));
	/* A position without an epoch could not be told from none. */
	if (answer->epoch == 0)
		return status_error(CODE_UNAVAILABLE, "the stream has not begun");
	*out_position = (struct events_position){answer->epoch, answer->last_position};
	return STATUS_OK;
}

static status on_rebuild(void *arg, struct arena *a __attribute__((unused)),
                         struct events_position *out_position)
{
	struct edge_feed      *f = arg;
	struct events_position now;
	struct rpc_call        call;
	status                 st;

	rpc_call_init(&call, clock_after_ms(WHERE_TIMEOUT_MS));
	st = where_is_it(f, &call, &now);
	rpc_call_fini(&call);
	if (st.code != CODE_OK)
		return status_error(st.code, "the service does not say where its stream stands");
	*out_position = f->at = now;
	if (f->is_begun) {
		metrics_counter_add(f->gaps, 1);
		walk(f, tell_gap, NULL);
	}
	f->is_begun = true;
	return STATUS_OK;
}

/* Several loops add to one gauge. */
static void count(struct edge_feed *f, bool is_complete)
{
	if (f->is_counted != is_complete)
		metrics_gauge_add(f->complete, is_complete ? 1 : -1);
	f->is_counted = is_complete;
}

static void on_complete(void *arg, bool is_complete)
{
	struct edge_feed *f = arg;

	count(f, is_complete);
	if (!is_complete)
		return;
	list_for_each (it, &f->waiters)
		fiber_wake(container_of(it, struct waiter, link)->fiber);
}

/* ---- listening ---- */

static status open_feed(struct edge *e, const char *service, struct edge_feed **out_feed)
{
	static const struct events_consumer_ops ops = {.on_rebuild = on_rebuild,
	                                               .on_events = on_events,
	                                               .on_signal = on_signal,
	                                               .on_complete = on_complete};
	const struct runtime_address *at = runtime_address_find(e->host->addresses, service);
	struct edge_feed             *f;

	if (at == NULL || at->events[0] == '\0' || edge_client(e, service) == NULL)
		return status_error(CODE_NOT_FOUND, "the service has no events here");
	f = arena_zalloc(&e->arena, sizeof *f);
	*f = (struct edge_feed){.edge = e, .service = at->service};
	list_init(&f->listeners);
	list_init(&f->waiters);
	f->complete = metrics_gauge_get("edge_feeds_complete",
	                                "Loops that know all that the service told.",
	                                METRICS_LABELS("service", f->service));
	f->gaps = metrics_counter_get("edge_feed_gaps_total",
	                              "Times that facts of the service may be missing.",
	                              METRICS_LABELS("service", f->service));
	TRY(events_consumer_new(&(struct events_consumer_config){.loop = e->loop,
	                                                         .fibers = e->fibers,
	                                                         .client = edge_client(e, service),
	                                                         .service = f->service,
	                                                         .tls = e->host->tls,
	                                                         .urls = at->events,
	                                                         .ops = &ops,
	                                                         .arg = f},
	                        &f->consumer));
	list_append(&e->feeds, &f->link);
	*out_feed = f;
	return STATUS_OK;
}

status edge_feed_listen(struct edge *e, const char *service, struct edge_feed_listener *l)
{
	struct edge_feed *f = find(e, service);

	if (f == NULL)
		TRY(open_feed(e, service, &f));
	l->feed = f;
	list_prepend(&f->listeners, &l->link);
	return STATUS_OK;
}

void edge_feed_ignore(struct edge *e __attribute__((unused)), struct edge_feed_listener *l)
{
	struct edge_feed *f = l->feed;

	if (f == NULL)
		return;
	if (f->next == &l->link)
		f->next = l->link.next;
	list_remove(&l->link);
	l->feed = NULL;
}

bool edge_feed_is_complete(const struct edge *e, const char *service)
{
	const struct edge_feed *f = find(e, service);

	return f && f->consumer && events_consumer_is_complete(f->consumer);
}

struct events_position edge_feed_position(const struct edge *e, const char *service)
{
	const struct edge_feed *f = find(e, service);

	return f ? f->at : (struct events_position){0};
}

status edge_feed_await(struct edge *e, const char *service, int64_t until_ns)
{
	struct edge_feed *f = find(e, service);
	struct waiter     w = {.fiber = fiber_current()};
	status            st = STATUS_OK;

	if (f == NULL)
		return status_error(CODE_NOT_FOUND, "nobody listens to the service");
	list_append(&f->waiters, &w.link);
	while (st.code == CODE_OK && !edge_feed_is_complete(e, service))
		st = fiber_suspend(until_ns);
	list_remove(&w.link);
	if (st.code == CODE_DEADLINE_EXCEEDED)
		return status_error(CODE_UNAVAILABLE, "the stream of events is not complete");
	return st;
}

/* ---- life of the loop ---- */

bool edge_feed_leave(struct edge *e)
{
	bool is_left = true;

	list_for_each (it, &e->feeds) {
		struct edge_feed *f = container_of(it, struct edge_feed, link);

		events_consumer_close(f->consumer);
		is_left = is_left && events_consumer_is_closed(f->consumer);
	}
	return is_left;
}

void edge_feed_stop(struct edge *e)
{
	for (int i = 0; i < STOP_TURNS && !edge_feed_leave(e); i++)
		loop_turn(e->loop, STOP_TURN_MS);
	list_for_each_safe (it, &e->feeds) {
		struct edge_feed *f = container_of(it, struct edge_feed, link);

		list_for_each_safe (lt, &f->listeners)
			edge_feed_ignore(e, container_of(lt, struct edge_feed_listener, link));
		events_consumer_free(f->consumer);
		list_remove(it);
	}
}
