/*
 * Design notes. A change that may take the right to read away puts subscriptions in doubt; one
 * fiber asks channels for all that are, many at once, an account of a channel only once. Until the
 * answer nothing is shown on this loop, so nobody sees what came after the change was known here.
 * No answer is taken for a no: the client comes again, and is told the truth then.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/channels/v1/channels.rpc.h"
#include "canaduck/channels/v1/events.schema.h"
#include "edge/internal.h"
#include "edge/streams.h"
#include "fiber/fiber.h"
#include "pb/message.h"

#include <string.h>

enum { ASKED_AT_ONCE = 32, ASK_TIMEOUT_MS = 2000, MAX_NAME = 64, EVENT_ARENA_BYTES = 1024 * 1024 };

struct waiter {
	struct fiber *fiber;
	struct list   link;
};

static status no_channel(void)
{
	return status_error(CODE_NOT_FOUND, "no channel of that name");
}

status edge_stream_rights_ask(struct edge_streams *ss, struct rpc_call *call, str name,
                              int64_t account_id, struct edge_stream_readable *out_channel)
{
	channels_check_access_request   req;
	channels_check_access_response *access;

	if (name.len > MAX_NAME)
		return no_channel();
	channels_check_access_request_init(&req);
	req.name = arena_cstr(&call->arena, name);
	req.account_id = account_id;
	TRY(channels_client_check_access(edge_client(ss->edge, "channels"), call, &req, &access));
	if (!access->can_read)
		return no_channel();
	*out_channel = (struct edge_stream_readable){
	        .channel_id = access->channel_id,
	        .name = str_c(access->name),
	        .is_private = access->is_private,
	};
	return STATUS_OK;
}

/* ---- doubts ---- */

static bool is_in_doubt(const struct edge_stream_subscription *sub)
{
	return sub->is_doubted || sub->is_asked;
}

static void settled_one(struct edge_streams *ss)
{
	if (--ss->n_doubted > 0)
		return;
	list_for_each (it, &ss->waiters)
		fiber_wake(container_of(it, struct waiter, link)->fiber);
}

void edge_stream_rights_forget(struct edge_streams *ss, struct edge_stream_subscription *sub)
{
	if (is_in_doubt(sub))
		settled_one(ss);
}

status edge_stream_rights_settle(struct edge_streams *ss)
{
	struct waiter *w;
	status         st = STATUS_OK;

	if (ss->n_doubted == 0)
		return st;
	w = mem_alloc(sizeof *w);
	w->fiber = fiber_current();
	list_append(&ss->waiters, &w->link);
	while (st.code == CODE_OK && ss->n_doubted > 0)
		st = fiber_suspend(CLOCK_NEVER);
	list_remove(&w->link);
	mem_free(w);
	return st;
}

/* ---- asking ---- */

struct ask {
	int64_t                         channel_id, account_id;
	struct rpc_pending              pending;
	channels_check_access_response *access;
	status                          st;
};

static bool is_of(const struct edge_stream_subscription *sub, const struct ask *ask)
{
	return sub->channel->channel_id == ask->channel_id &&
	       sub->stream->account_id == ask->account_id;
}

/* From doubted to asked, all that one question settles. */
static void mark_asked(struct edge_stream_channel *c, const struct ask *ask)
{
	list_for_each (it, &c->subscriptions) {
		struct edge_stream_subscription *sub =
		        container_of(it, struct edge_stream_subscription, of_channel);

		if (sub->is_doubted && is_of(sub, ask)) {
			sub->is_doubted = false;
			sub->is_asked = true;
		}
	}
}

static size_t choose_of(struct edge_stream_channel *c, struct ask *asks, size_t n)
{
	list_for_each (it, &c->subscriptions) {
		const struct edge_stream_subscription *sub =
		        container_of(it, struct edge_stream_subscription, of_channel);

		if (!sub->is_doubted || sub->is_asked || n == ASKED_AT_ONCE)
			continue;
		asks[n] = (struct ask){.channel_id = c->channel_id,
		                       .account_id = sub->stream->account_id};
		mark_asked(c, &asks[n++]);
	}
	return n;
}

static size_t choose(struct edge_streams *ss, struct ask *out_asks)
{
	struct edge_stream_channel *c;
	size_t                      cursor = 0, n = 0;

	while (ss->n_doubted > 0 && n < ASKED_AT_ONCE && (c = id_map_next(&ss->channels, &cursor)))
		n = choose_of(c, out_asks, n);
	return n;
}

static void ask_together(struct edge_streams *ss, struct rpc_call *call, struct ask *asks, size_t n)
{
	struct rpc_client            *client = edge_client(ss->edge, "channels");
	channels_check_access_request req;

	rpc_call_reuse(call);
	call->deadline_ns = clock_after_ms(ASK_TIMEOUT_MS);
	call->request_id = STR("rights");
	for (size_t i = 0; i < n; i++) {
		channels_check_access_request_init(&req);
		req.channel_id = asks[i].channel_id;
		req.account_id = asks[i].account_id;
		channels_client_check_access_start(client, call, &req, &asks[i].pending);
	}
	for (size_t i = 0; i < n; i++)
		asks[i].st = channels_client_check_access_finish(&asks[i].pending, &asks[i].access);
}

static void end_topic(struct edge_stream_subscription *sub, status st)
{
	const bool is_known = st.code == CODE_OK || st.code == CODE_NOT_FOUND;

	edge_stream_unsubscribe(sub, STR("topic_end"),
	                        is_known ? STR("the channel may not be read any more")
	                                 : STR("whether the channel may be read is not known"));
}

static struct edge_stream_subscription *find_asked(struct edge_streams *ss, const struct ask *ask)
{
	const struct edge_stream_channel *c = id_map_get(&ss->channels, ask->channel_id);

	if (c == NULL)
		return NULL;
	list_for_each (it, &c->subscriptions) {
		struct edge_stream_subscription *sub =
		        container_of(it, struct edge_stream_subscription, of_channel);

		if (sub->is_asked && is_of(sub, ask))
			return sub;
	}
	return NULL;
}

/* What was doubted again meanwhile stays in doubt. */
static void apply(struct edge_streams *ss, const struct ask *ask)
{
	const bool may_read = ask->st.code == CODE_OK && ask->access->can_read;
	struct edge_stream_subscription *sub;

	while ((sub = find_asked(ss, ask)) != NULL) {
		if (!may_read) {
			end_topic(sub, ask->st);
			continue;
		}
		sub->is_asked = false;
		if (!sub->is_doubted)
			settled_one(ss);
	}
}

static void ask_all(void *arg)
{
	struct edge_streams *ss = arg;
	struct ask          *asks = mem_alloc(ASKED_AT_ONCE * sizeof *asks);
	struct rpc_call      call;
	size_t               n;

	ss->asker = fiber_current();
	fiber_set_label("rights of event streams");
	rpc_call_init(&call, CLOCK_NEVER);
	while ((n = choose(ss, asks)) > 0) {
		ask_together(ss, &call, asks, n);
		for (size_t i = 0; i < n; i++)
			apply(ss, &asks[i]);
	}
	rpc_call_fini(&call);
	mem_free(asks);
	ss->asker = NULL;
	ss->is_asking = false;
}

void edge_stream_rights_resolve(struct edge_streams *ss)
{
	status st;

	if (ss->is_asking || ss->n_doubted == 0)
		return;
	ss->is_asking = true;
	st = fiber_spawn(ss->edge->fibers, ask_all, ss, CLOCK_NEVER, NULL);
	if (st.code != CODE_OK)
		ss->is_asking = false; /* too busy: soon again */
}

static void doubt(struct edge_streams *ss, struct edge_stream_subscription *sub)
{
	if (!is_in_doubt(sub))
		ss->n_doubted++;
	sub->is_doubted = true;
}

void edge_stream_rights_doubt(struct edge_streams *ss, struct edge_stream *s)
{
	list_for_each (it, &s->subscriptions)
		doubt(ss, container_of(it, struct edge_stream_subscription, of_stream));
	edge_stream_rights_resolve(ss);
}

/* account_id below 0: of everybody. */
static void doubt_channel(struct edge_streams *ss, struct edge_stream_channel *c,
                          int64_t account_id)
{
	list_for_each (it, &c->subscriptions) {
		struct edge_stream_subscription *sub =
		        container_of(it, struct edge_stream_subscription, of_channel);

		if (account_id < 0 || sub->stream->account_id == account_id)
			doubt(ss, sub);
	}
}

void edge_stream_rights_see(struct edge_streams *ss, const struct edge_stream_fact *fact)
{
	struct edge_stream_channel *c;

	if (fact->channel_id == 0 || fact->is_public)
		return;
	c = id_map_get(&ss->channels, fact->channel_id);
	if (c == NULL || c->is_private)
		return;
	c->is_private = true;
	doubt_channel(ss, c, -1);
	edge_stream_rights_resolve(ss);
}

/* ---- the events of channels ---- */

static void end_channel(struct edge_streams *ss, int64_t channel_id)
{
	struct edge_stream_channel *c;

	while ((c = id_map_get(&ss->channels, channel_id)) != NULL)
		edge_stream_unsubscribe(container_of(c->subscriptions.next,
		                                     struct edge_stream_subscription, of_channel),
		                        STR("channel_deleted"), STR("the channel was deleted"));
}

static void hear_of_channel(struct edge_streams *ss, struct edge_stream_channel *c,
                            const events_event *event, struct arena *a)
{
	const str         packed = {(const char *)event->payload.data, event->payload.len};
	ProtobufCMessage *m;

	if (strcmp(event->type, "canaduck.channels.v1.ChannelDeleted") == 0) {
		end_channel(ss, c->channel_id);
	} else if (strcmp(event->type, "canaduck.channels.v1.ChannelChanged") == 0 &&
	           pb_unpack(a, channels_channel_changed_schema.descriptor, packed, &m).code ==
	                   CODE_OK) {
		const channels_channel_state *state = ((channels_channel_changed *)m)->channel;

		if (state == NULL)
			return;
		c->is_private = state->private_;
		/* What is public anybody may read. */
		if (c->is_private)
			doubt_channel(ss, c, -1);
	}
}

/* The account whom an event takes something from; -1: none. */
static int64_t account_of(const events_event *event, struct arena *a)
{
	const str         packed = {(const char *)event->payload.data, event->payload.len};
	ProtobufCMessage *m;

	if (strcmp(event->type, "canaduck.channels.v1.MemberLeft") == 0 &&
	    pb_unpack(a, channels_member_left_schema.descriptor, packed, &m).code == CODE_OK &&
	    ((channels_member_left *)m)->membership)
		return ((channels_member_left *)m)->membership->account_id;
	if (strcmp(event->type, "canaduck.channels.v1.Uninvited") == 0 &&
	    pb_unpack(a, channels_uninvited_schema.descriptor, packed, &m).code == CODE_OK)
		return ((channels_uninvited *)m)->account_id;
	if (strcmp(event->type, "canaduck.channels.v1.Banned") == 0 &&
	    pb_unpack(a, channels_banned_schema.descriptor, packed, &m).code == CODE_OK)
		return ((channels_banned *)m)->account_id;
	return -1;
}

static bool cut_number(str topic, str prefix, int64_t *out_number)
{
	return str_starts(topic, prefix) && str_to_i64(str_from(topic, prefix.len), out_number);
}

static void on_fact(void *arg, const events_event *event)
{
	struct edge_streams        *ss = arg;
	const str                   topic = str_c(event->topic);
	struct edge_stream_channel *c;
	struct arena                a;
	int64_t                     channel_id, account_id;
	const bool is_of_channel = cut_number(topic, STR("channels.channel."), &channel_id);

	if (!is_of_channel && !cut_number(topic, STR("channels.members."), &channel_id))
		return;
	c = id_map_get(&ss->channels, channel_id);
	if (c == NULL)
		return;
	arena_init(&a, EVENT_ARENA_BYTES);
	if (is_of_channel) {
		hear_of_channel(ss, c, event, &a);
	} else {
		account_id = account_of(event, &a);
		if (account_id > 0)
			doubt_channel(ss, c, account_id);
	}
	arena_fini(&a);
	edge_stream_rights_resolve(ss);
}

static void on_gap(void *arg)
{
	struct edge_streams        *ss = arg;
	struct edge_stream_channel *c;
	size_t                      cursor = 0;

	while ((c = id_map_next(&ss->channels, &cursor)) != NULL)
		doubt_channel(ss, c, -1);
	edge_stream_rights_resolve(ss);
}

status edge_stream_rights_open(struct edge_streams *ss)
{
	if (ss->rights.feed)
		return STATUS_OK;
	ss->rights = (struct edge_feed_listener){.on_fact = on_fact, .on_gap = on_gap, .arg = ss};
	return edge_feed_listen(ss->edge, "channels", &ss->rights);
}

void edge_stream_rights_close(struct edge_streams *ss)
{
	edge_feed_ignore(ss->edge, &ss->rights);
}
