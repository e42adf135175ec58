/*
 * Design notes. This speaks nng's protocol without nng. nng's own REP socket was tried: when a
 * client goes away that has answers under way and requests unread, nng 1.5 may close the connection
 * between head and body of a message, and then waits for that message for ever, on the one thread
 * that ends connections, of all sockets of the process. Clients that are not ours may not do that
 * to us.
 *
 * A connection is read up to the end of a message and not further until that is a call: when one of
 * the CALLS slots is free, what was written to the connection before was taken by its client, and
 * answers that clients have not taken do not pile up. Those that wait stand in line. So a client
 * that does not read stops only itself, and for STALL_MS; so long, too, may a message stop half
 * way. The end of a client in line comes behind what is not read, so it is looked for.
 *
 * Replies are written at the end of a turn. Only there, in on_ready() and in on_stall(), a
 * connection ends; its calls are cancelled and their slots free at once.
 */
#include "rpc/sp_port.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "rpc/nng.h"
#include "rpc/sp_conn.h"
#include "rpc/sp_listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CALLS = 16,
	MAX_PEERS = 256,
	MAX_UNWRITTEN = 64 * 1024 * 1024,
	STALL_MS = 5000,
	LOOK_MS = 500,         /* whether those in line are still there */
	ACCEPT_AGAIN_MS = 100, /* when descriptors are out */
	WORDS_BYTES = RPC_SP_MAX_WORDS * 4
};

struct slot {
	struct sp_peer *peer; /* NULL: free */
	char            words[WORDS_BYTES];
	size_t          words_len;
};

struct sp_port {
	struct rpc_port   base;
	struct loop      *loop;
	int               fd;   /* -1: listens no more */
	char             *path; /* of ipc */
	struct loop_watch watch;
	struct loop_timer accept_again;
	struct loop_task  on_flush;
	struct list       peers;
	struct list       busy; /* peers with something to write */
	struct list       line; /* peers whose message waits for its call */
	uint32_t          n_peers;
	struct slot       slots[CALLS];
};

struct sp_peer {
	struct rpc_peer    base;
	struct rpc_sp_conn conn;
	struct loop_watch  watch;
	struct loop_timer  stall;
	struct list        link, busy_link, line_link;
	bool               is_broken; /* to be hung up on */
};

static struct sp_port *port_of(const struct sp_peer *peer)
{
	return container_of(peer->base.port, struct sp_port, base);
}

/* ---- peers ---- */

static void free_peer(struct sp_peer *peer)
{
	struct sp_port *p = port_of(peer);

	loop_watch_remove(p->loop, &peer->watch);
	loop_timer_cancel(p->loop, &peer->stall);
	list_remove(&peer->link);
	list_remove(&peer->busy_link);
	list_remove(&peer->line_link);
	p->n_peers--;
	rpc_sp_conn_fini(&peer->conn);
	mem_free(peer);
}

static void hang_up(struct sp_peer *peer)
{
	struct sp_port *p = port_of(peer);

	p->base.events.on_gone(p->base.events.arg, &peer->base);
	for (unsigned i = 0; i < CALLS; i++)
		if (p->slots[i].peer == peer)
			p->slots[i].peer = NULL;
	free_peer(peer);
	loop_defer(p->loop, &p->on_flush);
}

static void make_busy(struct sp_peer *peer)
{
	struct sp_port *p = port_of(peer);

	if (list_is_empty(&peer->busy_link))
		list_append(&p->busy, &peer->busy_link);
	loop_defer(p->loop, &p->on_flush);
}

/* What is awaited of the client, and for how long: from now, since something came or went. */
static void await(struct sp_peer *peer)
{
	struct sp_port *p = port_of(peer);
	const bool      is_in_line = !list_is_empty(&peer->line_link);
	const bool      has_unwritten = rpc_sp_conn_unwritten(&peer->conn) > 0;

	loop_watch_set(p->loop, &peer->watch,
	               (is_in_line ? 0 : LOOP_READ) | (has_unwritten ? LOOP_WRITE : 0));
	if (is_in_line && !has_unwritten)
		loop_timer_set(p->loop, &peer->stall, clock_after_ms(LOOK_MS));
	else if (has_unwritten || rpc_sp_conn_is_owed(&peer->conn))
		loop_timer_set(p->loop, &peer->stall, clock_after_ms(STALL_MS));
	else
		loop_timer_cancel(p->loop, &peer->stall);
}

/* Its end comes behind what it sent, which is not read now. */
static bool has_left(const struct sp_peer *peer)
{
	struct pollfd end = {.fd = peer->conn.fd, .events = POLLRDHUP};

	return poll(&end, 1, 0) == 1;
}

static void on_stall(struct loop_timer *t)
{
	struct sp_peer *peer = container_of(t, struct sp_peer, stall);

	if (!list_is_empty(&peer->line_link) && rpc_sp_conn_unwritten(&peer->conn) == 0 &&
	    !has_left(peer))
		await(peer);
	else
		hang_up(peer);
}

static void on_ready(struct loop_watch *w, unsigned events)
{
	struct sp_peer    *peer = container_of(w, struct sp_peer, watch);
	struct sp_port    *p = port_of(peer);
	enum rpc_sp_result result = RPC_SP_MORE;

	if (events & LOOP_WRITE)
		make_busy(peer);
	if (events & LOOP_ERROR)
		result = RPC_SP_END;
	else if (events & LOOP_READ)
		result = rpc_sp_conn_read(&peer->conn);
	if (result == RPC_SP_END) {
		hang_up(peer);
		return;
	}
	if (result == RPC_SP_MESSAGE) {
		list_append(&p->line, &peer->line_link);
		loop_defer(p->loop, &p->on_flush);
	}
	if (events & LOOP_READ)
		await(peer);
}

/* ---- calls ---- */

static struct slot *find_free_slot(struct sp_port *p)
{
	for (unsigned i = 0; i < CALLS; i++)
		if (p->slots[i].peer == NULL)
			return &p->slots[i];
	return NULL;
}

static void start_call(struct sp_port *p, struct slot *slot, struct sp_peer *peer)
{
	str words, envelope;

	rpc_sp_conn_message(&peer->conn, &words, &envelope);
	slot->peer = peer;
	slot->words_len = words.len;
	memcpy(slot->words, words.ptr, words.len);
	/* A message without an envelope is one that names no method. */
	p->base.events.on_request(p->base.events.arg, &peer->base, (uint64_t)(slot - p->slots) + 1,
	                          envelope);
	rpc_sp_conn_next(&peer->conn);
	list_remove(&peer->line_link);
	await(peer);
}

static size_t count_unwritten(const struct sp_port *p)
{
	size_t n = 0;

	list_for_each (it, &p->peers)
		n += rpc_sp_conn_unwritten(&container_of(it, struct sp_peer, link)->conn);
	return n;
}

static void start_calls(struct sp_port *p)
{
	if (list_is_empty(&p->line) || count_unwritten(p) > MAX_UNWRITTEN)
		return;
	list_for_each_safe (it, &p->line) {
		struct sp_peer *peer = container_of(it, struct sp_peer, line_link);
		struct slot    *slot = find_free_slot(p);

		if (slot == NULL)
			return;
		if (rpc_sp_conn_unwritten(&peer->conn) == 0)
			start_call(p, slot, peer);
	}
}

static void on_flush(struct loop_task *t)
{
	struct sp_port *p = container_of(t, struct sp_port, on_flush);

	while (!list_is_empty(&p->busy)) {
		struct sp_peer *peer = container_of(p->busy.next, struct sp_peer, busy_link);

		list_remove(&peer->busy_link);
		if (!peer->is_broken && rpc_sp_conn_write(&peer->conn))
			await(peer);
		else
			hang_up(peer);
	}
	start_calls(p);
}

static void reply(struct rpc_peer *base, uint64_t call_id, str envelope)
{
	struct sp_peer *peer = container_of(base, struct sp_peer, base);
	struct slot    *slot = &port_of(peer)->slots[call_id - 1];

	if (envelope.len > RPC_MAX_FRAME)
		peer->is_broken = true;
	else
		rpc_sp_conn_put(&peer->conn, (str){slot->words, slot->words_len}, envelope);
	slot->peer = NULL;
	make_busy(peer);
}

/* ---- listening ---- */

static void let_in(struct sp_port *p, int fd)
{
	struct sp_peer *peer = mem_zalloc(sizeof *peer);
	const int       yes = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	peer->base.port = &p->base;
	rpc_sp_conn_init(&peer->conn, fd, p->path != NULL);
	loop_timer_init(&peer->stall, on_stall);
	list_append(&p->peers, &peer->link);
	list_init(&peer->busy_link);
	list_init(&peer->line_link);
	p->n_peers++;
	if (loop_watch_add(p->loop, &peer->watch, fd, LOOP_READ, on_ready).code != CODE_OK)
		free_peer(peer);
	else
		make_busy(peer);
}

static void on_connection(struct loop_watch *w, unsigned events __attribute__((unused)))
{
	struct sp_port *p = container_of(w, struct sp_port, watch);
	const int       fd = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 && p->n_peers < MAX_PEERS) {
		let_in(p, fd);
	} else if (fd >= 0) {
		close(fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		loop_watch_set(p->loop, w, 0);
		loop_timer_set(p->loop, &p->accept_again, clock_after_ms(ACCEPT_AGAIN_MS));
	}
}

static void on_accept_again(struct loop_timer *t)
{
	struct sp_port *p = container_of(t, struct sp_port, accept_again);

	loop_watch_set(p->loop, &p->watch, LOOP_READ);
}

static void stop_listening(struct sp_port *p)
{
	if (p->fd < 0)
		return;
	loop_watch_remove(p->loop, &p->watch);
	loop_timer_cancel(p->loop, &p->accept_again);
	if (p->path)
		unlink(p->path);
	close(p->fd);
	p->fd = -1;
}

/* ---- life ---- */

static void drain(struct rpc_port *base)
{
	stop_listening(container_of(base, struct sp_port, base));
}

static bool is_idle(const struct rpc_port *base)
{
	const struct sp_port *p = container_of(base, struct sp_port, base);

	for (unsigned i = 0; i < CALLS; i++)
		if (p->slots[i].peer)
			return false;
	return count_unwritten(p) == 0;
}

static void close_port(struct rpc_port *base)
{
	struct sp_port *p = container_of(base, struct sp_port, base);

	stop_listening(p);
	while (!list_is_empty(&p->peers))
		free_peer(container_of(p->peers.next, struct sp_peer, link));
	loop_task_cancel(p->loop, &p->on_flush);
	mem_free(p->path);
	mem_free(p);
}

static status open_port(struct loop *l, int fd, str path, const struct rpc_port_events *events,
                        struct rpc_port **out_port)
{
	static const struct rpc_port_ops ops = {
	        .reply = reply, .drain = drain, .is_idle = is_idle, .close = close_port};
	struct sp_port *p = mem_zalloc(sizeof *p);
	status          st;

	p->base = (struct rpc_port){&ops, *events};
	p->loop = l;
	p->fd = fd;
	if (path.len > 0) {
		p->path = mem_zalloc(path.len + 1);
		memcpy(p->path, path.ptr, path.len);
	}
	loop_timer_init(&p->accept_again, on_accept_again);
	loop_task_init(&p->on_flush, on_flush);
	list_init(&p->peers);
	list_init(&p->busy);
	list_init(&p->line);
	st = loop_watch_add(l, &p->watch, fd, LOOP_READ, on_connection);
	if (st.code != CODE_OK)
		close_port(&p->base);
	else
		*out_port = &p->base;
	return st;
}

status rpc_sp_ipc_listen(struct loop *l, str path,
                         const struct rpc_tls         *tls __attribute__((unused)),
                         const struct rpc_port_events *events, struct rpc_port **out_port)
{
	int fd;

	TRY(rpc_sp_listen_ipc(path, &fd));
	return open_port(l, fd, path, events, out_port);
}

status rpc_sp_insecure_tcp_listen(struct loop *l, str host_port,
                                  const struct rpc_tls         *tls __attribute__((unused)),
                                  const struct rpc_port_events *events, struct rpc_port **out_port)
{
	int fd;

	TRY(rpc_sp_listen_tcp(host_port, &fd));
	return open_port(l, fd, (str){0}, events, out_port);
}

status rpc_sp_tcp_listen(struct loop *l, str host_port,
                         const struct rpc_tls         *tls __attribute__((unused)),
                         const struct rpc_port_events *events, struct rpc_port **out_port)
{
	TRY(rpc_nng_check_loopback(host_port));
	return rpc_sp_insecure_tcp_listen(l, host_port, tls, events, out_port);
}
