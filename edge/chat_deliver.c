#include "base/mem.h"
#include "canaduck/messages/v1/events.schema.h"
#include "edge/chat_frames.h"
#include "edge/chat_socket.h"
#include "pb/message.h"

enum { ARENA_BYTES = 1024 * 1024 };

/* A frame for some people, made when the first of them is found to be here. */
struct telling {
	struct edge_ws_frame *(*make)(const void *event);
	const void           *event;
	struct edge_ws_frame *frame;
	int64_t               message_id; /* of a message that was written */
	bool                  is_fact;
};

static void tell_one(struct edge_chat_socket *s, void *arg)
{
	struct telling *t = arg;

	if (t->frame == NULL)
		t->frame = t->make(t->event);
	if (t->is_fact)
		edge_chat_resume_tell(s, t->frame, t->message_id);
	else
		edge_socket_send(&s->socket, t->frame);
}

static void tell(struct edge *e, struct telling t, const int64_t *account_ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (account_ids[i])
			edge_chat_each(e, account_ids[i], tell_one, &t);
	if (t.frame)
		edge_ws_frame_unref(t.frame);
}

/* ---- what is told ---- */

static struct edge_ws_frame *make_message(const void *event)
{
	const messages_message_state *m = event;

	return edge_chat_frames_message(m->conversation_id, m->message_id, m->account_id, m->text,
	                                m->created_time);
}

static void on_message_created(struct edge *e, const ProtobufCMessage *fact)
{
	const messages_message_state *m = ((const messages_message_created *)fact)->message;

	if (m)
		tell(e,
		     (struct telling){.make = make_message,
		                      .event = m,
		                      .message_id = m->message_id,
		                      .is_fact = true},
		     (const int64_t[]){m->account_id, m->to_account_id}, 2);
}

static struct edge_ws_frame *make_reaction(const void *event)
{
	return edge_chat_frames_reaction(event);
}

static void on_reaction_changed(struct edge *e, const ProtobufCMessage *fact)
{
	const messages_message_state *m = ((const messages_reaction_changed *)fact)->message;

	if (m)
		tell(e, (struct telling){.make = make_reaction, .event = fact, .is_fact = true},
		     (const int64_t[]){m->account_id, m->to_account_id}, 2);
}

static struct edge_ws_frame *make_read(const void *event)
{
	return edge_chat_frames_read(event);
}

static void on_conversation_read(struct edge *e, const ProtobufCMessage *fact)
{
	const messages_conversation_read *r = (const messages_conversation_read *)fact;

	tell(e, (struct telling){.make = make_read, .event = r, .is_fact = true},
	     (const int64_t[]){r->other_account_id, r->reader_account_id}, 2);
}

static struct edge_ws_frame *make_typing(const void *event)
{
	return edge_chat_frames_typing(event);
}

static void on_typing(struct edge *e, const ProtobufCMessage *signal)
{
	const messages_typing_signalled *t = (const messages_typing_signalled *)signal;

	tell(e, (struct telling){.make = make_typing, .event = t}, &t->to_account_id, 1);
}

static struct edge_ws_frame *make_presence(const void *event)
{
	return edge_chat_frames_presence(event);
}

static void on_presence(struct edge *e, const ProtobufCMessage *signal)
{
	const messages_presence_signalled *p = (const messages_presence_signalled *)signal;

	tell(e, (struct telling){.make = make_presence, .event = p}, p->to_account_ids,
	     p->n_to_account_ids);
	edge_chat_presence_heard(e, p->account_id, p->is_connected);
}

/* ---- the stream ---- */

static const struct kind {
	str                      type;
	const struct pb_message *schema;
	void (*take)(struct edge *e, const ProtobufCMessage *event);
} facts[] =
        {
                {{"canaduck.messages.v1.MessageCreated", 35},
                 &messages_message_created_schema,
                 on_message_created},
                {{"canaduck.messages.v1.ReactionChanged", 36},
                 &messages_reaction_changed_schema,
                 on_reaction_changed},
                {{"canaduck.messages.v1.ConversationRead", 37},
                 &messages_conversation_read_schema,
                 on_conversation_read},
},
  signals[] = {
          {{"canaduck.messages.v1.TypingSignalled", 36},
           &messages_typing_signalled_schema,
           on_typing},
          {{"canaduck.messages.v1.PresenceSignalled", 38},
           &messages_presence_signalled_schema,
           on_presence},
};

static void take(struct edge *e, const struct kind *kinds, size_t n, const events_event *event)
{
	str               payload = {(const char *)event->payload.data, event->payload.len};
	ProtobufCMessage *m;
	struct arena      a;

	for (size_t i = 0; i < n; i++) {
		if (!str_eq(kinds[i].type, str_c(event->type)))
			continue;
		arena_init(&a, ARENA_BYTES);
		/* What is no message of that kind is of another release. */
		if (pb_unpack(&a, kinds[i].schema->descriptor, payload, &m).code == CODE_OK)
			kinds[i].take(e, m);
		arena_fini(&a);
	}
}

/* Most facts are of channels. */
void edge_chat_deliver_fact(void *arg, const events_event *event)
{
	if (str_starts(str_c(event->topic), STR("messages.conversation.")))
		take(arg, facts, sizeof facts / sizeof *facts, event);
}

void edge_chat_deliver_signal(void *arg, const events_event *event)
{
	take(arg, signals, sizeof signals / sizeof *signals, event);
}

static void send_away(struct edge_chat_socket *s, void *arg __attribute__((unused)))
{
	edge_socket_close(&s->socket, EDGE_WS_RESTART,
	                  STR("messages may be missing: connect and resume"));
}

void edge_chat_deliver_gap(void *arg)
{
	edge_chat_each(arg, 0, send_away, NULL);
}
