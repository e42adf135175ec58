#include "edge/chat_socket.h"

#include "base/clock.h"
#include "base/mem.h"
#include "edge/census.h"
#include "edge/chat_frames.h"

#include <string.h>

/* One block: the identity, its roles, their texts. */
static struct identity *identity_dup(const struct identity *who)
{
	size_t           len = who->name.len;
	struct identity *copy;
	str             *roles;
	char            *text;

	for (unsigned i = 0; i < who->n_roles; i++)
		len += who->roles[i].len;
	copy = mem_alloc(sizeof *copy + who->n_roles * sizeof *roles + len);
	*copy = *who;
	roles = (str *)(copy + 1);
	text = (char *)(roles + who->n_roles);
	copy->name.ptr = memcpy(text, who->name.ptr, who->name.len);
	text += who->name.len;
	for (unsigned i = 0; i < who->n_roles; i++) {
		roles[i] = (str){memcpy(text, who->roles[i].ptr, who->roles[i].len),
		                 who->roles[i].len};
		text += who->roles[i].len;
	}
	copy->roles = roles;
	return copy;
}

status edge_chat_socket_new(struct edge_exchange *ex, struct edge_chat_socket **out_socket)
{
	struct edge              *e = ex->edge;
	const struct edge_config *cfg = e->cfg;
	struct edge_chat_socket  *s;
	bool                      is_first;

	if (e->chat.is_draining)
		return status_error(CODE_UNAVAILABLE, "the server shuts down");
	TRY(edge_census_enter(e->host->census, ex->call.who.account_id, cfg->max_account_sockets,
	                      cfg->max_sockets, &is_first));
	s = mem_zalloc(sizeof *s);
	s->edge = e;
	s->who = identity_dup(&ex->call.who);
	s->expire_time = ex->token_expire_time;
	s->refs = 1;
	list_init(&s->link);
	list_init(&s->doubt);
	edge_chat_inbox_init(&s->inbox);
	edge_chat_resume_init(s);
	e->chat.n_sockets++;
	if (is_first)
		edge_chat_presence_changed(e, s->who->account_id);
	*out_socket = s;
	return STATUS_OK;
}

void edge_chat_socket_ref(struct edge_chat_socket *s)
{
	s->refs++;
}

void edge_chat_socket_unref(struct edge_chat_socket *s)
{
	if (--s->refs > 0)
		return;
	edge_chat_inbox_clear(s);
	mem_free((void *)s->who);
	mem_free(s);
}

static struct edge_chat_socket *of(struct edge_socket *socket)
{
	return container_of(socket, struct edge_chat_socket, socket);
}

static void greet(struct edge_chat_socket *s)
{
	struct edge_ws_frame *f = edge_chat_frames_connected(s->who->account_id);

	edge_socket_send(&s->socket, f);
	edge_ws_frame_unref(f);
}

static void on_open(struct edge_socket *socket)
{
	struct edge_chat_socket *s = of(socket);

	edge_chat_enter(s);
	edge_presence_note(s->edge, s->who->account_id, clock_now_ns());
	greet(s);
	edge_chat_resume_await(s);
	if (s->edge->chat.is_draining)
		edge_socket_close(socket, EDGE_WS_RESTART, STR("the server shuts down"));
	else
		edge_chat_sessions_check(s); /* it may have ended since the token was looked at */
}

static void on_message(struct edge_socket *socket, str message, bool is_text)
{
	edge_chat_inbox_add(of(socket), message, is_text);
}

static void on_sent(struct edge_socket *socket)
{
	edge_chat_resume_go_on(of(socket));
}

static void on_ping(struct edge_socket *socket)
{
	struct edge_chat_socket *s = of(socket);

	edge_presence_note(s->edge, s->who->account_id, clock_now_ns());
	edge_chat_sessions_check(s);
}

static void on_end(struct edge_socket *socket)
{
	struct edge_chat_socket *s = of(socket);
	struct edge             *e = s->edge;

	list_remove(&s->link);
	edge_presence_note(e, s->who->account_id, clock_now_ns());
	if (edge_census_leave(e->host->census, s->who->account_id))
		edge_chat_presence_changed(e, s->who->account_id);
	if (!socket->has_client_closed)
		edge_chat_inbox_clear(s);
	edge_chat_resume_fini(s);
	e->chat.n_sockets--;
	edge_chat_socket_unref(s);
}

const struct edge_socket_ops edge_chat_socket_ops = {.on_open = on_open,
                                                     .on_message = on_message,
                                                     .on_sent = on_sent,
                                                     .on_ping = on_ping,
                                                     .on_end = on_end};
