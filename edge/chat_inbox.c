#include "edge/chat_inbox.h"

#include "base/clock.h"
#include "base/mem.h"
#include "edge/chat_commands.h"
#include "edge/chat_resume.h"
#include "edge/chat_socket.h"
#include "fiber/fiber.h"

#include <string.h>

enum { PAUSE_AT = 16, RESUME_AT = 8 };

struct message {
	struct list link;
	bool        is_text;
	size_t      len;
	char        bytes[];
};

/* A fiber that works, on its stack. */
struct worker {
	struct fiber *fiber;
	struct list   link;
};

void edge_chat_inbox_init(struct edge_chat_inbox *inbox)
{
	list_init(&inbox->messages);
	list_init(&inbox->ready);
}

void edge_chat_work_init(struct edge_chat_work *w)
{
	list_init(&w->ready);
	list_init(&w->workers);
}

static struct message *take_message(struct edge_chat_socket *s)
{
	struct message *m;

	if (list_is_empty(&s->inbox.messages))
		return NULL;
	m = container_of(s->inbox.messages.next, struct message, link);
	list_remove(&m->link);
	if (--s->inbox.n == RESUME_AT)
		edge_socket_pause(&s->socket, false);
	return m;
}

void edge_chat_inbox_clear(struct edge_chat_socket *s)
{
	struct message *m;

	while ((m = take_message(s)) != NULL)
		mem_free(m);
}

/* One thing of one client, then the next client's turn. */
static void work_for(struct edge_chat_socket *s)
{
	struct message *m;

	if (s->socket.state == EDGE_SOCKET_OPEN && edge_chat_resume_wants_page(s)) {
		edge_chat_resume_read_page(s);
		return;
	}
	m = take_message(s);
	if (m == NULL)
		return;
	edge_chat_commands_handle(s, (str){m->bytes, m->len}, m->is_text);
	mem_free(m);
}

/* What a client said before it said goodbye is done, even if it has gone meanwhile. */
static bool has_work(const struct edge_chat_socket *s)
{
	if (s->socket.state != EDGE_SOCKET_OPEN)
		return s->socket.has_client_closed && s->inbox.n > 0;
	return s->inbox.n > 0 || edge_chat_resume_wants_page(s);
}

static void work(void *arg)
{
	struct edge           *e = arg;
	struct edge_chat_work *w = &e->chat.work;
	struct worker          me = {.fiber = fiber_current()};

	list_append(&w->workers, &me.link);
	fiber_set_label("chat");
	while (!list_is_empty(&w->ready)) {
		struct edge_chat_socket *s =
		        container_of(w->ready.next, struct edge_chat_socket, inbox.ready);

		list_remove(&s->inbox.ready);
		s->inbox.is_busy = true;
		work_for(s);
		s->inbox.is_busy = false;
		edge_chat_inbox_wake(s);
		edge_chat_socket_unref(s);
	}
	list_remove(&me.link);
	w->n_workers--;
}

void edge_chat_inbox_wake(struct edge_chat_socket *s)
{
	struct edge_chat_work *w = &s->edge->chat.work;

	if (s->inbox.is_busy || s->inbox.ready.next != &s->inbox.ready || !has_work(s))
		return;
	edge_chat_socket_ref(s);
	list_append(&w->ready, &s->inbox.ready);
	if (w->n_workers == EDGE_CHAT_MAX_WORKERS)
		return;
	w->n_workers++;
	/* There is room for all of them among the loop's fibers. */
	if (fiber_spawn(s->edge->fibers, work, s->edge, CLOCK_NEVER, NULL).code != CODE_OK)
		w->n_workers--;
}

void edge_chat_inbox_add(struct edge_chat_socket *s, str bytes, bool is_text)
{
	struct message *m = mem_alloc(sizeof *m + bytes.len);

	m->is_text = is_text;
	m->len = bytes.len;
	if (bytes.len > 0)
		memcpy(m->bytes, bytes.ptr, bytes.len);
	list_append(&s->inbox.messages, &m->link);
	if (++s->inbox.n == PAUSE_AT)
		edge_socket_pause(&s->socket, true);
	edge_chat_inbox_wake(s);
}

void edge_chat_work_cancel(struct edge_chat_work *w)
{
	list_for_each (it, &w->workers)
		fiber_cancel(container_of(it, struct worker, link)->fiber);
}
