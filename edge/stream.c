#include "base/clock.h"
#include "base/mem.h"
#include "edge/internal.h"
#include "edge/streams.h"
#include "fiber/fiber.h"
#include "pbjson/pbjson.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAX_NOTICE_BYTES = 4096, MAX_LINES = 256, RETRY_MS = 1000, RETRY_SPREAD_MS = 2000 };

struct edge_stream *edge_stream_new(struct edge_streams *ss)
{
	struct edge_stream *s = mem_zalloc(sizeof *s);

	s->streams = ss;
	list_init(&s->subscriptions);
	list_init(&s->link);
	return s;
}

/* ---- topics ---- */

static struct edge_stream_channel *channel_of(struct edge_streams               *ss,
                                              const struct edge_stream_readable *r)
{
	struct edge_stream_channel *c = id_map_get(&ss->channels, r->channel_id);

	if (c) {
		/* Taken for public it is asked about once more, at worst. */
		c->is_private = c->is_private && r->is_private;
		return c;
	}
	c = mem_zalloc(sizeof *c);
	c->channel_id = r->channel_id;
	c->name = mem_strndup(r->name.ptr, r->name.len);
	c->is_private = r->is_private;
	list_init(&c->subscriptions);
	id_map_put(&ss->channels, r->channel_id, c);
	return c;
}

bool edge_stream_subscribe(struct edge_stream *s, const struct edge_stream_readable *channel)
{
	struct edge_stream_channel      *c = channel_of(s->streams, channel);
	struct edge_stream_subscription *sub;

	list_for_each (it, &s->subscriptions)
		if (container_of(it, struct edge_stream_subscription, of_stream)->channel == c)
			return false;
	sub = mem_zalloc(sizeof *sub);
	sub->stream = s;
	sub->channel = c;
	list_append(&s->subscriptions, &sub->of_stream);
	list_append(&c->subscriptions, &sub->of_channel);
	return true;
}

static void unlink_subscription(struct edge_stream_subscription *sub)
{
	struct edge_streams        *ss = sub->stream->streams;
	struct edge_stream_channel *c = sub->channel;

	edge_stream_rights_forget(ss, sub);
	list_remove(&sub->of_stream);
	list_remove(&sub->of_channel);
	mem_free(sub);
	if (!list_is_empty(&c->subscriptions))
		return;
	id_map_take(&ss->channels, c->channel_id);
	mem_free(c->name);
	mem_free(c);
}

static void unsubscribe_all(struct edge_stream *s)
{
	list_for_each_safe (it, &s->subscriptions)
		unlink_subscription(container_of(it, struct edge_stream_subscription, of_stream));
}

bool edge_stream_concerns(const struct edge_stream *s, enum edge_stream_source_kind kind,
                          const struct edge_stream_fact *fact)
{
	if (kind == EDGE_STREAM_INCIDENTS) {
		for (size_t i = 0; i < s->n_circles; i++)
			if (edge_stream_circle_has(&s->circles[i], fact->lat, fact->lon))
				return true;
		return false;
	}
	list_for_each (it, &s->subscriptions)
		if (container_of(it, struct edge_stream_subscription, of_stream)
		            ->channel->channel_id == fact->channel_id)
			return true;
	return false;
}

/* ---- what is sent ---- */

static str print_id(const struct edge_stream_id *id, char out[EDGE_STREAM_ID_BYTES])
{
	const size_t len = edge_stream_id_print(id, out);

	return (str){out, len};
}

void edge_stream_show(struct edge_stream *s, enum edge_stream_source_kind kind,
                      const struct edge_stream_fact *fact)
{
	char id[EDGE_STREAM_ID_BYTES];

	if (s->id.at[kind].epoch == fact->at.epoch && fact->at.position <= s->id.at[kind].position)
		return;
	s->id.at[kind] = fact->at;
	if (fact->data == NULL)
		return;
	if (edge_sse_put(&s->sse, str_c(fact->name), (str){fact->data, fact->data_len},
	                 print_id(&s->id, id)))
		metrics_counter_add(s->streams->shown, 1);
	edge_sse_flush(&s->sse);
}

/* An event that is no fact: why, and of which channel. */
static void put_notice(struct edge_stream *s, str event, const char *channel, str reason)
{
	AUTO(buf_fini) struct buf data;
	char                      id[EDGE_STREAM_ID_BYTES];

	buf_init(&data, MAX_NOTICE_BYTES);
	buf_put_c(&data, '{');
	if (channel) {
		buf_put(&data, STR("\"topic\":\"channel:"));
		buf_put(&data, str_c(channel));
		buf_put(&data, STR("\",\"channel\":"));
		pbjson_print_string(&data, str_c(channel));
		buf_put_c(&data, ',');
	}
	buf_put(&data, STR("\"reason\":"));
	pbjson_print_string(&data, reason);
	buf_put_c(&data, '}');
	(void)edge_sse_put(&s->sse, event, buf_str(&data), print_id(&s->id, id));
	edge_sse_flush(&s->sse);
}

void edge_stream_reset(struct edge_stream *s, enum edge_stream_source_kind kind)
{
	s->id.at[kind] = s->streams->sources[kind].heard;
	metrics_counter_add(s->streams->resets, 1);
	put_notice(s, STR("reset"), NULL, STR("events may be missing"));
}

static bool has_topics(const struct edge_stream *s)
{
	return !list_is_empty(&s->subscriptions) || s->n_circles > 0;
}

void edge_stream_unsubscribe(struct edge_stream_subscription *sub, str event, str reason)
{
	struct edge_stream *s = sub->stream;

	put_notice(s, event, sub->channel->name, reason);
	unlink_subscription(sub);
	if (!has_topics(s))
		edge_stream_end(s, STR("no topic is left"));
}

void edge_stream_end(struct edge_stream *s, str reason)
{
	if (!edge_sse_is_open(&s->sse))
		return;
	metrics_counter_add(s->streams->ended, 1);
	put_notice(s, STR("end"), NULL, reason);
	edge_sse_close(&s->sse);
	/* It is shown nothing any more. */
	unsubscribe_all(s);
	s->n_circles = 0;
	if (s->replayer)
		fiber_cancel(s->replayer);
}

/* All up to there was shown: whoever comes again need not be shown it. */
static void move_on(struct edge_stream *s)
{
	for (int i = 0; i < EDGE_STREAM_SOURCES; i++) {
		const struct events_position *shown = &s->streams->sources[i].shown;

		if (s->is_live[i] && shown->epoch == s->id.at[i].epoch &&
		    shown->position > s->id.at[i].position)
			s->id.at[i] = *shown;
	}
}

/* ---- life ---- */

static void note_presence(struct edge_stream *s)
{
	if (s->account_id && !s->streams->is_leaving)
		edge_presence_note(s->streams->edge, s->account_id, clock_now_ns());
}

/* An id without data is no event, but clients remember it (HTML, 9.2.6). */
static void on_heartbeat(struct edge_sse *sse)
{
	struct edge_stream *s = container_of(sse, struct edge_stream, sse);
	char                id[EDGE_STREAM_ID_BYTES], lines[MAX_LINES];

	note_presence(s);
	edge_stream_replay_go_on(s);
	move_on(s);
	if (edge_stream_id_print(&s->id, id) == 0)
		return;
	snprintf(lines, sizeof lines, ":\nid: %s\n\n", id);
	(void)edge_sse_put_lines(sse, str_c(lines));
}

static void on_sent(struct edge_sse *sse)
{
	edge_stream_replay_go_on(container_of(sse, struct edge_stream, sse));
}

void edge_stream_free(struct edge_stream *s)
{
	unsubscribe_all(s);
	mem_free(s->circles);
	mem_free(s);
}

static void on_end(struct edge_sse *sse)
{
	struct edge_stream  *s = container_of(sse, struct edge_stream, sse);
	struct edge_streams *ss = s->streams;

	note_presence(s);
	loop_timer_cancel(ss->edge->loop, &s->expiry);
	list_remove(&s->link);
	ss->n_streams--;
	metrics_gauge_add(ss->live, -1);
	s->is_over = true;
	if (s->replayer)
		fiber_cancel(s->replayer);
	else
		edge_stream_free(s);
}

static void on_expiry(struct loop_timer *t)
{
	edge_stream_end(container_of(t, struct edge_stream, expiry), STR("the token has expired"));
}

static void watch_token(struct edge_stream *s, int64_t expire_time)
{
	const int64_t left_us = expire_time * 1000000 - clock_wall_us();

	loop_timer_init(&s->expiry, on_expiry);
	if (expire_time)
		loop_timer_set(s->streams->edge->loop, &s->expiry,
		               clock_after_ms(left_us / 1000 + 1));
}

void edge_stream_begin(struct edge_stream *s, struct edge_exchange *ex)
{
	static const struct edge_sse_ops ops = {
	        .on_heartbeat = on_heartbeat, .on_sent = on_sent, .on_end = on_end};
	char id[EDGE_STREAM_ID_BYTES], lines[MAX_LINES];
	/* Those who lost their streams together should not come back together. */
	const int64_t retry_ms = RETRY_MS + clock_now_ns() / CLOCK_NS_PER_US % RETRY_SPREAD_MS;

	s->account_id = ex->call.who.account_id;
	s->session_id = ex->call.who.session_id;
	snprintf(s->address, sizeof s->address, "%.*s", STR_ARG(ex->call.client_address));
	edge_sse_start(&s->sse, ex, &ops);
	list_append(&s->streams->streams, &s->link);
	s->streams->n_streams++;
	metrics_gauge_add(s->streams->live, 1);
	watch_token(s, ex->token_expire_time);
	note_presence(s);
	snprintf(lines, sizeof lines, ": open\nretry: %" PRId64 "\n", retry_ms);
	(void)edge_sse_put_lines(&s->sse, str_c(lines));
	if (edge_stream_id_print(&s->id, id) > 0) {
		snprintf(lines, sizeof lines, "id: %s\n", id);
		(void)edge_sse_put_lines(&s->sse, str_c(lines));
	}
	(void)edge_sse_put_lines(&s->sse, STR("\n"));
	edge_sse_flush(&s->sse);
}
