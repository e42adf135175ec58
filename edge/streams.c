#include "edge/streams.h"

#include "base/clock.h"
#include "base/mem.h"
#include "edge/internal.h"
#include "fiber/fiber.h"
#include "log/log.h"

#include <string.h>

enum {
	AWAIT_MS = 3000, /* for feeds to be complete */
	LOST_MS = 5000,  /* after which what is not known is not believed */
	STOP_TURNS = 1000,
	STOP_TURN_MS = 5
};

/* ---- sessions ---- */

static bool has_ended(struct edge_streams *ss, const struct edge_stream *s)
{
	struct edge_standing standing;
	struct arena         a;
	bool                 is_ended;

	arena_init(&a, 1024 * 1024);
	is_ended = edge_sessions_look(ss->edge->host->sessions, s->account_id, s->session_id, &a,
	                              &standing) &&
	           standing.is_ended;
	arena_fini(&a);
	return is_ended;
}

static void end_session(struct edge_stream *s)
{
	edge_stream_end(s, STR("the session has ended"));
}

static void on_session_change(void *arg, int64_t account_id)
{
	struct edge_streams *ss = arg;

	list_for_each_safe (it, &ss->streams) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		if (s->account_id && (account_id == 0 || s->account_id == account_id) &&
		    has_ended(ss, s))
			end_session(s);
	}
}

void edge_streams_recheck_session(struct edge_stream *s)
{
	if (s->account_id && has_ended(s->streams, s))
		end_session(s);
}

static struct edge_stream *next_unchecked(struct edge_streams *ss, int64_t round)
{
	list_for_each (it, &ss->streams) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		if (s->account_id && s->checked_round != round && edge_sse_is_open(&s->sse))
			return s;
	}
	return NULL;
}

static bool is_alive(struct edge_streams *ss, int64_t account_id, int64_t session_id)
{
	struct edge_standing standing;
	struct arena         a;
	status               st;

	arena_init(&a, 1024 * 1024);
	st = edge_session_asks_ask(&ss->edge->asks, account_id, session_id, &a, &standing);
	arena_fini(&a);
	return st.code == CODE_OK && !standing.is_ended;
}

/* All streams of the session know now. */
static void settle_session(struct edge_streams *ss, int64_t round, int64_t session_id, bool lives)
{
	list_for_each_safe (it, &ss->streams) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		if (s->session_id != session_id)
			continue;
		s->checked_round = round;
		if (!lives)
			end_session(s);
	}
}

/* The events of users do not tell: users is asked of each session, once in a while. */
static void check_sessions(void *arg)
{
	struct edge_streams *ss = arg;
	const int64_t        round = ++ss->round;
	struct edge_stream  *s;

	ss->checker = fiber_current();
	fiber_set_label("sessions of event streams");
	while (!fiber_is_cancelled() && (s = next_unchecked(ss, round)) != NULL) {
		const int64_t session_id = s->session_id;
		const bool    lives = is_alive(ss, s->account_id, session_id);

		if (!fiber_is_cancelled())
			settle_session(ss, round, session_id, lives);
	}
	ss->checker = NULL;
	ss->is_checking = false;
}

/* Whether something has not been known for long; begins to count anew when it has. */
static bool is_overdue(int64_t *lost_ns, bool is_known)
{
	const int64_t now = clock_now_ns();

	if (is_known) {
		*lost_ns = 0;
		return false;
	}
	if (*lost_ns == 0)
		*lost_ns = now;
	if (now - *lost_ns < LOST_MS * CLOCK_NS_PER_MS)
		return false;
	*lost_ns = now;
	return true;
}

/* ---- checks ---- */

static void end_channels(struct edge_streams *ss)
{
	struct list *next;

	for (struct list *it = ss->streams.next; it != &ss->streams; it = next) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		next = it->next;
		if (!list_is_empty(&s->subscriptions))
			edge_stream_end(s, STR("whether channels may be read is not known"));
	}
}

void edge_streams_check(struct edge_streams *ss)
{
	if (ss->is_leaving || ss->n_streams == 0)
		return;
	edge_stream_rights_resolve(ss);
	if (is_overdue(&ss->channels_lost_ns,
	               ss->rights.feed == NULL || edge_feed_is_complete(ss->edge, "channels")))
		end_channels(ss);
	if (!is_overdue(&ss->sessions_lost_ns, edge_sessions_are_known(ss->edge->host->sessions)) ||
	    ss->is_checking)
		return;
	ss->is_checking = true;
	if (fiber_spawn(ss->edge->fibers, check_sessions, ss, CLOCK_NEVER, NULL).code != CODE_OK)
		ss->is_checking = false;
}

/* ---- beginning ---- */

/* Where the feed stands, for a source that has heard no fact yet. */
static void take_position(struct edge_stream_source *src)
{
	if (src->heard.epoch == 0)
		src->heard = src->shown = edge_feed_position(src->streams->edge, src->ops->service);
}

static status await_source(struct edge_stream_source *src, int64_t until_ns)
{
	TRY(edge_stream_source_open(src));
	TRY(edge_feed_await(src->streams->edge, src->ops->service, until_ns));
	take_position(src);
	return STATUS_OK;
}

static status await_all(struct edge_streams *ss, bool has_channels, bool has_circles)
{
	const int64_t until_ns = clock_after_ms(AWAIT_MS);

	if (has_channels) {
		/* Both begin before one is waited for. */
		TRY(edge_stream_source_open(&ss->sources[EDGE_STREAM_MESSAGES]));
		TRY(edge_stream_rights_open(ss));
		TRY(await_source(&ss->sources[EDGE_STREAM_MESSAGES], until_ns));
		TRY(edge_feed_await(ss->edge, "channels", until_ns));
	}
	if (has_circles)
		TRY(await_source(&ss->sources[EDGE_STREAM_INCIDENTS], until_ns));
	return STATUS_OK;
}

status edge_streams_await(struct edge_streams *ss, bool has_channels, bool has_circles)
{
	const status st = await_all(ss, has_channels, has_circles);

	if (st.code == CODE_OK || st.code == CODE_CANCELLED)
		return st;
	return status_error(CODE_UNAVAILABLE, "the events are not to be had now");
}

static bool is_same_client(const struct edge_stream *s, const struct rpc_call *call)
{
	if (call->who.account_id || s->account_id)
		return s->account_id == call->who.account_id;
	return str_eq(str_c(s->address), call->client_address);
}

status edge_streams_admit(struct edge_streams *ss, struct rpc_call *call)
{
	const struct edge_config *cfg = ss->edge->cfg;
	unsigned                  n = 0;

	if (ss->is_draining || ss->n_streams >= cfg->max_streams)
		return status_error(CODE_UNAVAILABLE, "too many streams are open");
	list_for_each (it, &ss->streams)
		if (is_same_client(container_of(it, struct edge_stream, link), call))
			n++;
	if (n >= cfg->max_streams_each)
		return status_errorf(&call->arena, CODE_RESOURCE_EXHAUSTED,
		                     "you have %u streams open already", n);
	return STATUS_OK;
}

/* ---- life ---- */

void edge_streams_start(struct edge *e)
{
	struct edge_streams *ss = mem_zalloc(sizeof *ss);

	ss->edge = e;
	list_init(&ss->streams);
	list_init(&ss->waiters);
	edge_stream_source_init(&ss->sources[EDGE_STREAM_MESSAGES], ss, EDGE_STREAM_MESSAGES,
	                        &edge_stream_messages);
	edge_stream_source_init(&ss->sources[EDGE_STREAM_INCIDENTS], ss, EDGE_STREAM_INCIDENTS,
	                        &edge_stream_incidents);
	ss->live = metrics_gauge_get("edge_streams", "Streams of events open.", METRICS_LABELS());
	ss->shown = metrics_counter_get("edge_streams_events_total",
	                                "Facts sent on streams of events.", METRICS_LABELS());
	ss->resets = metrics_counter_get("edge_streams_resets_total",
	                                 "Times that a stream of events was told that it may have "
	                                 "missed some.",
	                                 METRICS_LABELS());
	ss->ended = metrics_counter_get("edge_streams_ended_total",
	                                "Streams of events that this side ended, with a word why.",
	                                METRICS_LABELS());
	ss->watch = (struct edge_sessions_watch){
	        .loop = e->loop, .on_change = on_session_change, .arg = ss};
	edge_sessions_watch(e->host->sessions, &ss->watch);
	e->streams = ss;
}

void edge_streams_drain(struct edge_streams *ss)
{
	ss->is_draining = true;
	list_for_each_safe (it, &ss->streams)
		edge_stream_end(container_of(it, struct edge_stream, link),
		                STR("the server shuts down"));
}

bool edge_streams_leave(struct edge_streams *ss)
{
	ss->is_leaving = true;
	for (int i = 0; i < EDGE_STREAM_SOURCES; i++)
		if (ss->sources[i].worker)
			fiber_cancel(ss->sources[i].worker);
	if (ss->asker)
		fiber_cancel(ss->asker);
	if (ss->checker)
		fiber_cancel(ss->checker);
	list_for_each (it, &ss->streams) {
		struct edge_stream *s = container_of(it, struct edge_stream, link);

		if (s->replayer)
			fiber_cancel(s->replayer);
	}
	return ss->n_replayers == 0 && !ss->is_asking && !ss->is_checking &&
	       !ss->sources[0].is_working && !ss->sources[1].is_working;
}

void edge_streams_quiet(struct edge *e)
{
	struct edge_streams *ss = e->streams;

	if (ss == NULL)
		return;
	edge_sessions_unwatch(&ss->watch);
	for (int i = 0; i < STOP_TURNS && !edge_streams_leave(ss); i++)
		loop_turn(e->loop, STOP_TURN_MS);
	for (int i = 0; i < EDGE_STREAM_SOURCES; i++)
		edge_stream_source_close(&ss->sources[i]);
	edge_stream_rights_close(ss);
}

void edge_streams_stop(struct edge *e)
{
	struct edge_streams *ss = e->streams;

	if (ss == NULL)
		return;
	id_map_fini(&ss->channels);
	mem_free(ss);
	e->streams = NULL;
}
