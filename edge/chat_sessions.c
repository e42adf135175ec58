#include "edge/chat_socket.h"
#include "edge/ws_frame.h"
#include "fiber/fiber.h"

#include "base/clock.h"

enum { ARENA_BYTES = 64 * 1024 };

static void apply(struct edge_chat_socket *s, const struct edge_standing *standing)
{
	if (standing->is_ended)
		edge_socket_close(&s->socket, EDGE_WS_SESSION_ENDED, STR("the session has ended"));
}

static void ask(struct edge_chat_socket *s)
{
	struct edge_standing standing;
	struct arena         arena;

	arena_init(&arena, ARENA_BYTES);
	/* Who cannot be asked about now is asked about with the next ping. */
	if (edge_session_asks_ask(&s->edge->asks, s->who->account_id, s->who->session_id, &arena,
	                          &standing)
	            .code == CODE_OK)
		apply(s, &standing);
	arena_fini(&arena);
}

static void ask_all(void *arg)
{
	struct edge      *e = arg;
	struct edge_chat *c = &e->chat;

	c->asker = fiber_current();
	fiber_set_label("ask of sockets' sessions");
	while (!list_is_empty(&c->doubted)) {
		struct edge_chat_socket *s =
		        container_of(c->doubted.next, struct edge_chat_socket, doubt);

		list_remove(&s->doubt);
		ask(s);
		edge_chat_socket_unref(s);
	}
	c->asker = NULL;
	c->is_asking = false;
}

static void doubt(struct edge_chat_socket *s)
{
	struct edge_chat *c = &s->edge->chat;

	if (s->doubt.next == &s->doubt) {
		edge_chat_socket_ref(s);
		list_append(&c->doubted, &s->doubt);
	}
	if (c->is_asking)
		return;
	c->is_asking = true;
	if (fiber_spawn(s->edge->fibers, ask_all, s->edge, CLOCK_NEVER, NULL).code != CODE_OK)
		c->is_asking = false; /* too busy: with the next ping */
}

void edge_chat_sessions_check(struct edge_chat_socket *s)
{
	struct edge_standing standing;
	struct arena         arena;

	arena_init(&arena, ARENA_BYTES);
	if (edge_sessions_look(s->edge->host->sessions, s->who->account_id, s->who->session_id,
	                       &arena, &standing))
		apply(s, &standing);
	else
		doubt(s);
	arena_fini(&arena);
}

static void check(struct edge_chat_socket *s, void *arg __attribute__((unused)))
{
	edge_chat_sessions_check(s);
}

void edge_chat_sessions_changed(void *arg, int64_t account_id)
{
	edge_chat_each(arg, account_id, check, NULL);
}
