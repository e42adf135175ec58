#include "edge/chat_commands.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/chat/v1/frames.schema.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "edge/chat_frames.h"
#include "edge/chat_socket.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "pbjson/pbjson.h"

#include <string.h>

struct command {
	struct edge_chat_socket *s;
	struct rpc_call          call;
	struct rpc_client       *messages;
	chat_client_frame        frame;
	int64_t                  message_id; /* that was written, for the ack */
	bool                     is_resume;
};

/* ---- one for each type; fields that it must have were looked for ---- */

/* Who asks is told of fields by the names that they have in frames. */
static void rename_faults(struct pb_violations *v, const char *from, const char *to)
{
	for (unsigned i = 0; i < v->count; i++)
		if (strcmp(v->items[i].field, from) == 0)
			v->items[i].field = to;
}

static status send_message(struct command *c)
{
	messages_send_conversation_message_request req;
	messages_conversation_message             *message;
	status                                     st;

	messages_send_conversation_message_request_init(&req);
	req.conversation_id = c->frame.conversation_id;
	req.message = c->frame.content;
	st = messages_client_send_conversation_message(c->messages, &c->call, &req, &message);
	if (st.code == CODE_OK)
		c->message_id = message->id;
	else
		rename_faults(&c->call.violations, "message", "content");
	return st;
}

static status mark_read(struct command *c)
{
	messages_mark_conversation_read_request   req;
	messages_mark_conversation_read_response *answer;

	messages_mark_conversation_read_request_init(&req);
	req.id = c->frame.conversation_id;
	return messages_client_mark_conversation_read(c->messages, &c->call, &req, &answer);
}

static status typing(struct command *c)
{
	messages_signal_typing_request   req;
	messages_signal_typing_response *answer;

	messages_signal_typing_request_init(&req);
	req.conversation_id = c->frame.conversation_id;
	req.is_typing = !chat_client_frame_has_is_typing(&c->frame) || c->frame.is_typing;
	return messages_client_signal_typing(c->messages, &c->call, &req, &answer);
}

static status reaction_add(struct command *c)
{
	messages_add_reaction_request req;
	messages_message             *message;

	messages_add_reaction_request_init(&req);
	req.message_id = c->frame.message_id;
	req.emoji = c->frame.emoji;
	return messages_client_add_reaction(c->messages, &c->call, &req, &message);
}

static status reaction_remove(struct command *c)
{
	messages_remove_reaction_request req;
	messages_message                *message;

	messages_remove_reaction_request_init(&req);
	req.message_id = c->frame.message_id;
	req.emoji = c->frame.emoji;
	return messages_client_remove_reaction(c->messages, &c->call, &req, &message);
}

static status resume(struct command *c)
{
	return edge_chat_resume_begin(c->s, c->frame.after_message_id, c->frame.client_id);
}

enum { CONVERSATION = 1, CONTENT = 2, MESSAGE = 4, EMOJI = 8, AFTER = 16 };

static const struct kind {
	str      type;
	unsigned needs;
	status (*run)(struct command *c);
} kinds[] = {
        {{"send_message", 12}, CONVERSATION | CONTENT, send_message},
        {{"join_conversation", 17}, CONVERSATION, mark_read},
        {{"mark_read", 9}, CONVERSATION, mark_read},
        {{"typing", 6}, CONVERSATION, typing},
        {{"reaction_add", 12}, MESSAGE | EMOJI, reaction_add},
        {{"reaction_remove", 15}, MESSAGE | EMOJI, reaction_remove},
        {{"resume", 6}, AFTER, resume},
};

/* ---- what all have in common ---- */

static status read_frame(struct command *c, str message, bool is_text)
{
	struct pbjson_error error;
	status              st;

	if (!is_text)
		return status_error(CODE_INVALID_ARGUMENT, "frames are text, in JSON");
	st = pbjson_parse(&c->call.arena, message, &chat_client_frame_schema, &c->frame.base, NULL,
	                  &error);
	if (st.code == CODE_INVALID_ARGUMENT && error.field[0] == '\0')
		return status_errorf(&c->call.arena, st.code, "the frame %s", error.reason);
	if (st.code == CODE_INVALID_ARGUMENT)
		return rpc_call_refuse(&c->call, st.code, error.field, error.reason);
	return st;
}

static const struct kind *find_kind(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(kinds[i].type, str_c(type)))
			return &kinds[i];
	return NULL;
}

/* Names all that is missing. */
static status check_needs(struct command *c, unsigned needs)
{
	const chat_client_frame *f = &c->frame;
	const struct {
		unsigned    bit;
		bool        is_there;
		const char *field;
	} all[] = {
	        {CONVERSATION, chat_client_frame_has_conversation_id(f), "conversation_id"},
	        {CONTENT, chat_client_frame_has_content(f), "content"},
	        {MESSAGE, chat_client_frame_has_message_id(f), "message_id"},
	        {EMOJI, chat_client_frame_has_emoji(f), "emoji"},
	        {AFTER, chat_client_frame_has_after_message_id(f), "after_message_id"},
	};
	status st = STATUS_OK;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if ((needs & all[i].bit) && !all[i].is_there)
			st = rpc_call_invalid(&c->call, all[i].field, "is required");
	return st;
}

static status run(struct command *c, str message, bool is_text)
{
	const struct kind *kind;

	TRY(read_frame(c, message, is_text));
	if (!pb_validate(&c->frame.base, &chat_client_frame_schema, &c->call.violations))
		return status_error(CODE_INVALID_ARGUMENT, "some fields are not valid");
	kind = find_kind(c->frame.type);
	c->is_resume = kind && kind->run == resume;
	if (kind == NULL)
		return rpc_call_invalid(&c->call, "type", "is none of this chat's");
	TRY(check_needs(c, kind->needs));
	if (!c->is_resume)
		edge_chat_resume_await_no_more(c->s);
	TRY(edge_identify(c->s->edge, c->s->who, c->s->expire_time, &c->call));
	return kind->run(c);
}

static void refuse(struct command *c, status st)
{
	if (st.code == CODE_INTERNAL)
		log_error("a frame of the chat failed", LOG_STR("request_id", c->call.request_id),
		          LOG_CODE(st), LOG_REASON(st));
	edge_chat_resume_await_no_more(c->s);
	edge_chat_frames_send_error(c->s, c->frame.client_id, c->frame.conversation_id, st,
	                            &c->call);
}

void edge_chat_commands_handle(struct edge_chat_socket *s, str message, bool is_text)
{
	struct command c = {.s = s, .messages = edge_client(s->edge, "messages")};
	status         st;

	rpc_call_init(&c.call, clock_after_ms(s->edge->cfg->request_timeout_ms));
	c.call.request_id = edge_request_id_new(&s->edge->request_ids, &c.call.arena);
	chat_client_frame_init(&c.frame);
	st = run(&c, message, is_text);
	if (st.code != CODE_OK)
		refuse(&c, st);
	else if (c.frame.client_id && !c.is_resume) /* that goes on */
		edge_chat_frames_send_ack(s, c.frame.client_id, c.message_id, NULL);
	rpc_call_fini(&c.call);
}
