#include "edge/chat_frames.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/chat/v1/frames.schema.h"
#include "edge/chat_socket.h"
#include "pbjson/pbjson.h"

enum { MAX_FRAME = 64 * 1024, US_PER_S = 1000000, NS_PER_US = 1000 };

/* What is printed is of our own making, and shorter than that: it cannot fail. */
static void must(status st)
{
	if (st.code != CODE_OK)
		mem_die("a frame cannot be printed");
}

static void print_now(struct buf *out)
{
	int64_t           now_us = clock_wall_us();
	pb_timestamp      now;
	chat_server_frame frame;

	chat_server_frame_init(&frame);
	pb_timestamp_init(&now);
	now.seconds = now_us / US_PER_S;
	now.nanos = (int32_t)(now_us % US_PER_S * NS_PER_US);
	frame.timestamp = &now;
	must(pbjson_print_field(out, &frame.base, &chat_server_frame_schema, "timestamp",
	                        &pbjson_public));
}

/* conversation_id 0: it is about none. */
static struct edge_ws_frame *make(const char *type, int64_t conversation_id,
                                  const ProtobufCMessage *data, const struct pb_message *schema)
{
	AUTO(buf_fini) struct buf out = {.ceiling = MAX_FRAME};

	buf_put(&out, STR("{\"type\":\""));
	buf_put(&out, str_c(type));
	buf_put_c(&out, '"');
	if (conversation_id) {
		buf_put(&out, STR(",\"conversation_id\":"));
		buf_put_i64(&out, conversation_id);
	}
	buf_put(&out, STR(",\"data\":"));
	must(pbjson_print(&out, data, schema, &pbjson_public));
	buf_put(&out, STR(",\"timestamp\":"));
	print_now(&out);
	buf_put_c(&out, '}');
	must(buf_status(&out));
	return edge_ws_frame_text(buf_str(&out));
}

struct edge_ws_frame *edge_chat_frames_connected(int64_t account_id)
{
	chat_connected data;

	chat_connected_init(&data);
	data.user_id = account_id;
	data.status = (char *)"connected";
	return make("connected", 0, &data.base, &chat_connected_schema);
}

struct edge_ws_frame *edge_chat_frames_message(int64_t conversation_id, int64_t message_id,
                                               int64_t account_id, const char *text,
                                               pb_timestamp *time)
{
	chat_new_message data;

	chat_new_message_init(&data);
	data.id = message_id;
	data.sender_id = account_id;
	data.message = (char *)text;
	data.timestamp = time;
	return make("new_message", conversation_id, &data.base, &chat_new_message_schema);
}

struct edge_ws_frame *edge_chat_frames_typing(const messages_typing_signalled *signal)
{
	chat_typing data;

	chat_typing_init(&data);
	data.user_id = signal->account_id;
	data.is_typing = signal->is_typing;
	return make("typing", signal->conversation_id, &data.base, &chat_typing_schema);
}

struct edge_ws_frame *edge_chat_frames_presence(const messages_presence_signalled *signal)
{
	chat_presence data;

	chat_presence_init(&data);
	data.user_id = signal->account_id;
	data.status = (char *)(signal->is_connected ? "online" : "offline");
	return make("presence", 0, &data.base, &chat_presence_schema);
}

struct edge_ws_frame *edge_chat_frames_read(const messages_conversation_read *fact)
{
	chat_read data;

	chat_read_init(&data);
	data.user_id = fact->reader_account_id;
	data.message_id = fact->last_message_id;
	data.read = fact->count;
	data.read_at = fact->time;
	return make("read", fact->conversation_id, &data.base, &chat_read_schema);
}

struct edge_ws_frame *edge_chat_frames_reaction(const messages_reaction_changed *fact)
{
	chat_reaction_update data;

	chat_reaction_update_init(&data);
	data.message_id = fact->message->message_id;
	data.user_id = fact->account_id;
	data.emoji = fact->emoji;
	data.is_added = fact->is_added;
	return make("reaction_update", fact->message->conversation_id, &data.base,
	            &chat_reaction_update_schema);
}

/* ---- to one client ---- */

static void send_off(struct edge_chat_socket *s, struct edge_ws_frame *f)
{
	edge_socket_send(&s->socket, f);
	edge_ws_frame_unref(f);
}

void edge_chat_frames_send_ack(struct edge_chat_socket *s, const char *client_id,
                               int64_t message_id, const int64_t *count)
{
	chat_ack data;

	chat_ack_init(&data);
	data.client_id = (char *)client_id;
	if (message_id)
		chat_ack_set_message_id(&data, message_id);
	if (count)
		chat_ack_set_count(&data, *count);
	send_off(s, make("ack", 0, &data.base, &chat_ack_schema));
}

/* At most PB_MAX_VIOLATIONS, each short. */
static void add_details(chat_error *data, const struct pb_violations *v, struct arena *a)
{
	data->details = arena_alloc(a, (v->count + 1) * sizeof *data->details);
	for (unsigned i = 0; i < v->count; i++) {
		chat_field_error *field = arena_alloc(a, sizeof *field);

		chat_field_error_init(field);
		field->field = (char *)v->items[i].field;
		field->reason = (char *)v->items[i].reason;
		data->details[data->n_details++] = field;
	}
}

void edge_chat_frames_send_error(struct edge_chat_socket *s, const char *client_id,
                                 int64_t conversation_id, status st, const struct rpc_call *call)
{
	chat_error   data;
	struct arena a;

	arena_init(&a, MAX_FRAME);
	chat_error_init(&data);
	data.code = (char *)code_name(st.code);
	data.message = (char *)(st.code == CODE_INTERNAL ? "internal error"
	                        : st.msg                 ? st.msg
	                                                 : data.code);
	if (client_id)
		chat_error_set_client_id(&data, (char *)client_id);
	add_details(&data, &call->violations, &a);
	if (st.code == CODE_RESOURCE_EXHAUSTED || st.code == CODE_UNAVAILABLE)
		chat_error_set_retry_after(&data, call->retry_after_s ? call->retry_after_s : 1);
	send_off(s, make("error", conversation_id, &data.base, &chat_error_schema));
	arena_fini(&a);
}
