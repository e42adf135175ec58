/*
 * GET /events: checks what is asked for, and by whom, and hands the exchange over to a stream
 * (edge/streams.h). What was missed is shown in the exchange's fiber.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "edge/internal.h"
#include "edge/respond.h"
#include "edge/streams.h"
#include "fiber/fiber.h"

#include <string.h>

enum { MAX_TOPICS = 100, MAX_PARAMETERS = 256 };

struct request {
	struct edge_stream_topic topics[MAX_TOPICS];
	struct edge_stream_readable
	                      grants[MAX_TOPICS]; /* of those that are channels, in their order */
	unsigned              n_topics, n_grants;
	bool                  has_channels, has_circles, has_id;
	struct edge_stream_id id; /* the last one that the client saw */
};

/* ---- reading ---- */

/* The next parameter of that name, decoded into the arena. False: there is none, or *st says why.
 */
static bool next_parameter(struct edge_exchange *ex, str *rest, str wanted, str *out_value,
                           status *st)
{
	struct arena *a = &ex->call.arena;
	str           pair, name, value;

	while (str_next(rest, '&', &pair)) {
		name = pair;
		value = (str){0};
		(void)str_cut(pair, '=', &name, &value);
		*st = httprule_decode(name, true, a, &name);
		if (st->code == CODE_OK && !str_eq(name, wanted))
			continue;
		if (st->code == CODE_OK)
			*st = httprule_decode(value, true, a, out_value);
		return st->code == CODE_OK;
	}
	return false;
}

static status find_parameter(struct edge_exchange *ex, str name, str *out_value)
{
	status st = STATUS_OK;
	str    rest = ex->query;

	*out_value = (str){0};
	(void)next_parameter(ex, &rest, name, out_value, &st);
	return st;
}

static status read_topic(struct edge_exchange *ex, struct request *r, str text)
{
	struct edge_stream_topic topic;
	status                   st;

	if (r->n_topics == MAX_TOPICS)
		return rpc_call_invalid(&ex->call, "topic", "has more than 100 topics");
	st = edge_stream_topic_parse(text, &topic);
	if (st.code != CODE_OK)
		return rpc_call_invalid(&ex->call, "topic", st.msg);
	r->topics[r->n_topics++] = topic;
	if (topic.kind == EDGE_STREAM_CHANNEL)
		r->has_channels = true;
	else
		r->has_circles = true;
	return STATUS_OK;
}

/* What is no text, anywhere in the query, is told before what makes no sense. */
static status check_texts(struct edge_exchange *ex)
{
	struct arena *a = &ex->call.arena;
	str           rest = ex->query, pair, text;

	for (int i = 0; str_next(&rest, '&', &pair); i++) {
		if (i == MAX_PARAMETERS)
			return status_error(CODE_INVALID_ARGUMENT, "too many query parameters");
		TRY(httprule_decode(pair, true, a, &text));
	}
	return STATUS_OK;
}

static status read_topics(struct edge_exchange *ex, struct request *r)
{
	status st = STATUS_OK;
	str    rest = ex->query, text;

	while (next_parameter(ex, &rest, STR("topic"), &text, &st))
		TRY(read_topic(ex, r, text));
	TRY(st);
	if (r->n_topics == 0)
		return rpc_call_invalid(&ex->call, "topic", "is required");
	return STATUS_OK;
}

static status read_id(struct edge_exchange *ex, struct request *r)
{
	str    text = edge_exchange_header(ex, "last-event-id");
	status st;

	if (text.len == 0)
		TRY(find_parameter(ex, STR("last_event_id"), &text));
	r->has_id = text.len > 0;
	st = edge_stream_id_parse(text, &r->id);
	if (st.code != CODE_OK)
		return rpc_call_refuse(&ex->call, st.code, "last_event_id", st.msg);
	return STATUS_OK;
}

/* Browsers cannot set headers on an EventSource. */
static status authenticate(struct edge_exchange *ex)
{
	str token;

	if (ex->call.who.kind == IDENTITY_ACCOUNT)
		return STATUS_OK;
	if (find_parameter(ex, STR("token"), &token).code != CODE_OK || token.len == 0)
		return STATUS_OK;
	return edge_authenticate_token(ex, token);
}

/* ---- beginning ---- */

static void add_circle(struct edge_stream *s, const struct edge_stream_circle *c)
{
	s->circles = mem_realloc(s->circles, (s->n_circles + 1) * sizeof *s->circles);
	s->circles[s->n_circles++] = *c;
}

static status ask_rights(struct edge_exchange *ex, struct request *r)
{
	for (unsigned i = 0; i < r->n_topics; i++) {
		if (r->topics[i].kind != EDGE_STREAM_CHANNEL)
			continue;
		TRY(edge_stream_rights_ask(ex->edge->streams, &ex->call, r->topics[i].channel,
		                           ex->call.who.account_id, &r->grants[r->n_grants]));
		r->n_grants++;
	}
	return STATUS_OK;
}

static void add_topics(struct edge_stream *s, const struct request *r)
{
	for (unsigned i = 0; i < r->n_topics; i++)
		if (r->topics[i].kind == EDGE_STREAM_CIRCLE)
			add_circle(s, &r->topics[i].circle);
	for (unsigned i = 0; i < r->n_grants; i++)
		(void)edge_stream_subscribe(s, &r->grants[i]);
	s->is_wanting[EDGE_STREAM_MESSAGES] = r->has_channels;
	s->is_wanting[EDGE_STREAM_INCIDENTS] = r->has_circles;
}

/* Sources of which the client saw nothing yet begin now. */
static void set_positions(struct edge_stream *s, const struct request *r)
{
	for (int i = 0; i < EDGE_STREAM_SOURCES; i++) {
		if (!s->is_wanting[i])
			continue;
		s->id.at[i] = r->id.at[i];
		if (s->id.at[i].epoch == 0) {
			s->id.at[i] = s->streams->sources[i].heard;
			s->is_live[i] = true;
		}
	}
}

static bool is_at(struct edge *e, struct events_position at)
{
	const struct events_position now = edge_feed_position(e, "channels");

	return now.epoch == at.epoch && now.position == at.position;
}

/* Where nothing waits: what comes finds the whole stream, or none of it. */
static struct edge_stream *begin(struct edge_exchange *ex, const struct request *r)
{
	struct edge_stream *s = edge_stream_new(ex->edge->streams);

	add_topics(s, r);
	set_positions(s, r);
	edge_stream_begin(s, ex);
	return s;
}

static status open_stream(struct edge_exchange *ex, struct request *r)
{
	struct edge_streams   *ss = ex->edge->streams;
	struct edge_stream    *s;
	struct events_position at;

	TRY(edge_streams_await(ss, r->has_channels, r->has_circles));
	/* What changes from here on, while rights are asked, is asked again. */
	at = edge_feed_position(ex->edge, "channels");
	TRY(ask_rights(ex, r));
	TRY(edge_streams_admit(ss, &ex->call));
	if (ex->req == NULL)
		return status_error(CODE_CANCELLED, "the client left");
	s = begin(ex, r);
	if (r->has_channels && !is_at(ex->edge, at))
		edge_stream_rights_doubt(ss, s);
	edge_streams_recheck_session(s);
	fiber_set_deadline(CLOCK_NEVER);
	edge_stream_replay(s);
	return STATUS_OK;
}

status edge_events(struct edge_exchange *ex)
{
	struct request *r = arena_zalloc(&ex->call.arena, sizeof *r);
	status          st;

	TRY(authenticate(ex));
	st = check_texts(ex);
	if (st.code == CODE_OK)
		st = read_id(ex, r);
	if (st.code == CODE_INVALID_ARGUMENT) {
		edge_respond_error(ex, st, 400);
		return STATUS_OK;
	}
	TRY(st);
	TRY(read_topics(ex, r));
	if (str_eq(ex->method, STR("HEAD"))) {
		TRY(ask_rights(ex, r));
		edge_respond(ex, 200, "text/event-stream", (str){0});
		return STATUS_OK;
	}
	return open_stream(ex, r);
}
