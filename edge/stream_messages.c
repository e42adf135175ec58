/*
 * What streams show of messages in channels. Facts carry numbers; what is shown is the message as
 * it is now, as everybody would get it by GET /msg.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/messages/v1/events.schema.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "edge/internal.h"
#include "edge/streams.h"
#include "pb/message.h"
#include "pbjson/pbjson.h"

#include <string.h>

enum { MAX_MESSAGE_BYTES = 4 * 1024 * 1024, GET_TIMEOUT_MS = 5000 };

static const char deleted[] = "message_deleted";

static const struct {
	const char              *type, *name;
	const struct pb_message *schema;
} shown[] = {
        {"canaduck.messages.v1.MessageCreated", "message_created",
         &messages_message_created_schema},
        {"canaduck.messages.v1.MessageEdited", "message_edited", &messages_message_edited_schema},
        {"canaduck.messages.v1.MessageDeleted", deleted, &messages_message_deleted_schema},
        {"canaduck.messages.v1.ReactionChanged", "reaction_changed",
         &messages_reaction_changed_schema},
        {"canaduck.messages.v1.PinChanged", "pin_changed", &messages_pin_changed_schema},
};

/* ---- reading ---- */

/* All these have the message as their first member. */
static const messages_message_state *state_of(size_t i, const ProtobufCMessage *m)
{
	switch (i) {
	case 0:
		return ((const messages_message_created *)m)->message;
	case 1:
		return ((const messages_message_edited *)m)->message;
	case 2:
		return ((const messages_message_deleted *)m)->message;
	case 3:
		return ((const messages_reaction_changed *)m)->message;
	default:
		return ((const messages_pin_changed *)m)->message;
	}
}

static bool read_fact(const events_event *event, struct arena *a, struct edge_stream_fact *out_fact)
{
	const str packed = {(const char *)event->payload.data, event->payload.len};

	if (!str_starts(str_c(event->topic), STR("messages.channel.")))
		return false;
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		const messages_message_state *state;
		ProtobufCMessage             *m;

		if (strcmp(event->type, shown[i].type) != 0)
			continue;
		if (pb_unpack(a, shown[i].schema->descriptor, packed, &m).code != CODE_OK)
			return false;
		state = state_of(i, m);
		if (state == NULL)
			return false;
		out_fact->name = shown[i].name;
		out_fact->channel_id = state->channel_id;
		out_fact->is_public = event->public_;
		out_fact->id = state->message_id;
		return true;
	}
	return false;
}

static bool is_wanted(const struct edge_streams *ss, const struct edge_stream_fact *fact)
{
	return id_map_get(&ss->channels, fact->channel_id) != NULL;
}

/* ---- getting ---- */

static bool is_of_gone(const struct edge_stream_fact *fact)
{
	return fact->name == deleted;
}

static void fill_gone(const struct edge_streams *ss, struct edge_stream_fact *fact)
{
	const struct edge_stream_channel *c = id_map_get(&ss->channels, fact->channel_id);
	struct buf                        data;

	if (c == NULL || fact->data)
		return;
	buf_init(&data, MAX_MESSAGE_BYTES);
	buf_put(&data, STR("{\"id\":"));
	buf_put_i64(&data, fact->id);
	buf_put(&data, STR(",\"channel\":"));
	pbjson_print_string(&data, str_c(c->name));
	buf_put_c(&data, '}');
	fact->data = buf_take(&data, &fact->data_len);
}

static void fill(struct edge_stream_fact *facts, size_t n, const messages_message *message,
                 str data)
{
	for (size_t i = 0; i < n; i++) {
		if (facts[i].id != message->id || facts[i].data || is_of_gone(&facts[i]))
			continue;
		facts[i].data = mem_strndup(data.ptr, data.len);
		facts[i].data_len = data.len;
	}
}

static status take(struct edge_stream_fact *facts, size_t n, const messages_message *message)
{
	AUTO(buf_fini) struct buf data;

	buf_init(&data, MAX_MESSAGE_BYTES);
	TRY(pbjson_print(&data, &message->base, &messages_message_schema, &pbjson_public));
	TRY(buf_status(&data));
	fill(facts, n, message, buf_str(&data));
	return STATUS_OK;
}

static bool has(const int64_t *ids, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Numbers of messages that lack data, of those above a number; each once. */
static size_t list_ids(const struct edge_stream_fact *facts, size_t n, int64_t above,
                       int64_t *out_ids)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (!facts[i].data && !is_of_gone(&facts[i]) && facts[i].id > above &&
		    !has(out_ids, count, facts[i].id))
			out_ids[count++] = facts[i].id;
	return count;
}

/* An answer may end early: what lies above its last message is asked for again. */
static status get_some(struct edge_streams *ss, struct rpc_call *call,
                       struct edge_stream_fact *facts, size_t n, int64_t *above, bool *out_is_all)
{
	messages_get_messages_request   req;
	messages_get_messages_response *answer;

	messages_get_messages_request_init(&req);
	req.message_ids = arena_alloc(&call->arena, (n + 1) * sizeof *req.message_ids);
	req.n_message_ids = list_ids(facts, n, *above, req.message_ids);
	*out_is_all = req.n_message_ids == 0;
	if (*out_is_all)
		return STATUS_OK;
	call->request_id = STR("streams");
	TRY(messages_client_get_messages(edge_client(ss->edge, "messages"), call, &req, &answer));
	*out_is_all = answer->n_messages == 0;
	for (size_t i = 0; i < answer->n_messages; i++) {
		TRY(take(facts, n, answer->messages[i]));
		*above = answer->messages[i]->id;
	}
	return STATUS_OK;
}

static status get(struct edge_streams *ss, struct edge_stream_fact *facts, size_t n)
{
	struct rpc_call call;
	int64_t         above = 0;
	bool            is_all = false;
	status          st = STATUS_OK;

	rpc_call_init(&call, CLOCK_NEVER);
	while (st.code == CODE_OK && !is_all) {
		rpc_call_reuse(&call);
		call.deadline_ns = clock_after_ms(GET_TIMEOUT_MS);
		st = get_some(ss, &call, facts, n, &above, &is_all);
	}
	rpc_call_fini(&call);
	for (size_t i = 0; i < n; i++)
		if (is_of_gone(&facts[i]))
			fill_gone(ss, &facts[i]);
	return st.code == CODE_OK ? st : status_error(st.code, "messages cannot be had");
}

/* ---- showing ---- */

static void show(struct edge_streams *ss, const struct edge_stream_fact *fact)
{
	struct edge_stream_channel *c = id_map_get(&ss->channels, fact->channel_id);

	if (c == NULL)
		return;
	list_for_each_safe (it, &c->subscriptions) {
		struct edge_stream *s =
		        container_of(it, struct edge_stream_subscription, of_channel)->stream;

		if (s->is_live[EDGE_STREAM_MESSAGES])
			edge_stream_show(s, EDGE_STREAM_MESSAGES, fact);
	}
}

const struct edge_stream_source_ops edge_stream_messages = {
        .service = "messages",
        .read = read_fact,
        .is_wanted = is_wanted,
        .get = get,
        .show = show,
};
