#include "edge/chat.h"

#include "base/mem.h"
#include "edge/chat_socket.h"
#include "edge/ws_frame.h"
#include "fiber/fiber.h"

enum { BUCKETS = 4096 }; /* a power of two */

/* Ids are numbered through: a multiplication spreads them (Knuth, TAOCP 6.4). */
static struct list *bucket_of(struct edge_chat *c, int64_t account_id)
{
	return &c->by_account[(uint64_t)account_id * UINT64_C(0x9e3779b97f4a7c15) >> 32 &
	                      (BUCKETS - 1)];
}

void edge_chat_enter(struct edge_chat_socket *s)
{
	list_append(bucket_of(&s->edge->chat, s->who->account_id), &s->link);
}

void edge_chat_each(struct edge *e, int64_t                                  account_id,
                    void (*fn)(struct edge_chat_socket *s, void *arg), void *arg)
{
	struct list *first = account_id ? bucket_of(&e->chat, account_id) : e->chat.by_account;
	struct list *end = account_id ? first + 1 : first + BUCKETS;

	for (struct list *bucket = first; bucket < end; bucket++)
		list_for_each_safe (it, bucket) {
			struct edge_chat_socket *s =
			        container_of(it, struct edge_chat_socket, link);

			if (account_id == 0 || s->who->account_id == account_id)
				fn(s, arg);
		}
}

status edge_chat_start(struct edge *e)
{
	struct edge_chat *c = &e->chat;

	c->by_account = mem_zalloc_array(BUCKETS, sizeof *c->by_account);
	for (size_t i = 0; i < BUCKETS; i++)
		list_init(&c->by_account[i]);
	list_init(&c->doubted);
	edge_socket_stats_init(&e->sockets);
	c->watch = (struct edge_sessions_watch){
	        .loop = e->loop, .on_change = edge_chat_sessions_changed, .arg = e};
	edge_sessions_watch(e->host->sessions, &c->watch);
	edge_chat_work_init(&c->work);
	edge_chat_presence_init(&c->presence);
	c->feed = (struct edge_feed_listener){.on_fact = edge_chat_deliver_fact,
	                                      .on_signal = edge_chat_deliver_signal,
	                                      .on_gap = edge_chat_deliver_gap,
	                                      .arg = e};
	return edge_feed_listen(e, "messages", &c->feed);
}

static void send_away(struct edge_chat_socket *s, void *arg __attribute__((unused)))
{
	edge_socket_close(&s->socket, EDGE_WS_RESTART, STR("the server shuts down"));
}

void edge_chat_drain(struct edge *e)
{
	e->chat.is_draining = true;
	edge_chat_each(e, 0, send_away, NULL);
}

bool edge_chat_is_idle(const struct edge *e)
{
	return e->chat.n_sockets == 0 && e->chat.work.n_workers == 0 && !e->chat.is_asking &&
	       !e->chat.presence.is_telling;
}

static void cut(struct edge_chat_socket *s, void *arg __attribute__((unused)))
{
	edge_socket_cut(&s->socket);
}

void edge_chat_cancel(struct edge *e)
{
	edge_chat_each(e, 0, cut, NULL);
	edge_chat_work_cancel(&e->chat.work);
	if (e->chat.asker)
		fiber_cancel(e->chat.asker);
	if (e->chat.presence.fiber)
		fiber_cancel(e->chat.presence.fiber);
}

void edge_chat_stop(struct edge *e)
{
	edge_sessions_unwatch(&e->chat.watch);
	edge_feed_ignore(e, &e->chat.feed);
	edge_chat_presence_fini(&e->chat.presence);
	mem_free(e->chat.by_account);
	e->chat.by_account = NULL;
}
