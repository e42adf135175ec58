/*
 * Design notes. A connection is read little past the end of a message until that is a call: when
 * one of the CALLS slots is free, what was written to the connection before was taken by its
 * client, and answers that clients have not taken do not pile up. Those that wait stand in line. So
 * a client that does not read stops only itself, and for STALL_MS; so long, too, may a message stop
 * half way. The end of a client in line comes behind what is not read, so it is looked for.
 *
 * Replies are written at the end of a turn. Only there, in on_ready() and in on_stall(), a
 * connection ends; its calls are cancelled and their slots free at once.
 */
#include "rpc/rep_port.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "rpc/sp_conn.h"
#include "rpc/sp_door.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
	CALLS = 16,
	MAX_PEERS = 256,
	MAX_UNWRITTEN = 64 * 1024 * 1024,
	STALL_MS = 5000,
	LOOK_MS = 500, /* whether those in line are still there */
	WORDS_BYTES = RPC_SP_MAX_WORDS * 4
};

struct slot {
	struct rep_peer *peer; /* NULL: free */
	char             words[WORDS_BYTES];
	size_t           words_len;
};

struct rep_port {
	struct rpc_port    base;
	struct loop       *loop;
	struct rpc_sp_door door;
	struct loop_task   on_flush;
	struct list        peers;
	struct list        busy; /* peers with something to write, or to be hung up on */
	struct list        line; /* peers whose message waits for its call */
	uint32_t           n_peers;
	struct slot        slots[CALLS];
};

struct rep_peer {
	struct rpc_peer    base;
	struct rpc_sp_conn conn;
	struct loop_watch  watch;
	struct loop_timer  stall;
	struct list        link, busy_link, line_link;
	bool               is_broken; /* to be hung up on */
};

static struct rep_port *port_of(const struct rep_peer *peer)
{
	return container_of(peer->base.port, struct rep_port, base);
}

/* ---- peers ---- */

static void free_peer(struct rep_peer *peer)
{
	struct rep_port *p = port_of(peer);

	loop_watch_remove(p->loop, &peer->watch);
	loop_timer_cancel(p->loop, &peer->stall);
	list_remove(&peer->link);
	list_remove(&peer->busy_link);
	list_remove(&peer->line_link);
	p->n_peers--;
	rpc_sp_conn_fini(&peer->conn);
	mem_free(peer);
}

static void hang_up(struct rep_peer *peer)
{
	struct rep_port *p = port_of(peer);

	p->base.events.on_gone(p->base.events.arg, &peer->base);
	for (unsigned i = 0; i < CALLS; i++)
		if (p->slots[i].peer == peer)
			p->slots[i].peer = NULL;
	free_peer(peer);
	loop_defer(p->loop, &p->on_flush);
}

static void make_busy(struct rep_peer *peer)
{
	struct rep_port *p = port_of(peer);

	if (list_is_empty(&peer->busy_link))
		list_append(&p->busy, &peer->busy_link);
	loop_defer(p->loop, &p->on_flush);
}

/* What is awaited of the client, and for how long: from now, since something came or went. */
static void await(struct rep_peer *peer)
{
	struct rep_port *p = port_of(peer);
	const bool       is_in_line = !list_is_empty(&peer->line_link);
	const bool       has_unwritten = rpc_sp_conn_unwritten(&peer->conn) > 0;

	loop_watch_set(p->loop, &peer->watch,
	               rpc_sp_conn_awaits(&peer->conn) &
	                       (is_in_line ? LOOP_WRITE : LOOP_READ | LOOP_WRITE));
	if (is_in_line && !has_unwritten)
		loop_timer_set(p->loop, &peer->stall, clock_after_ms(LOOK_MS));
	else if (has_unwritten || rpc_sp_conn_is_owed(&peer->conn))
		loop_timer_set(p->loop, &peer->stall, clock_after_ms(STALL_MS));
	else
		loop_timer_cancel(p->loop, &peer->stall);
}

/* Its end comes behind what it sent, which is not read now. */
static bool has_left(const struct rep_peer *peer)
{
	struct pollfd end = {.fd = peer->conn.fd, .events = POLLRDHUP};

	return poll(&end, 1, 0) == 1;
}

static void on_stall(struct loop_timer *t)
{
	struct rep_peer *peer = container_of(t, struct rep_peer, stall);

	if (!list_is_empty(&peer->line_link) && rpc_sp_conn_unwritten(&peer->conn) == 0 &&
	    !has_left(peer))
		await(peer);
	else
		hang_up(peer);
}

/* Puts a peer with a message in line; false at the end of the connection. */
static bool look(struct rep_peer *peer)
{
	struct rep_port         *p = port_of(peer);
	const enum rpc_sp_result result = rpc_sp_conn_look(&peer->conn);

	if (result == RPC_SP_MESSAGE) {
		list_append(&p->line, &peer->line_link);
		loop_defer(p->loop, &p->on_flush);
	}
	return result != RPC_SP_END;
}

static void on_ready(struct loop_watch *w, unsigned events)
{
	struct rep_peer *peer = container_of(w, struct rep_peer, watch);
	bool             is_fine = !(events & LOOP_ERROR);

	if (is_fine && events & LOOP_WRITE)
		make_busy(peer);
	if (is_fine && events & LOOP_READ) {
		rpc_sp_conn_fill(&peer->conn);
		is_fine = look(peer);
		if (is_fine)
			await(peer);
	}
	if (!is_fine)
		hang_up(peer);
}

/* ---- calls ---- */

static struct slot *find_free_slot(struct rep_port *p)
{
	for (unsigned i = 0; i < CALLS; i++)
		if (p->slots[i].peer == NULL)
			return &p->slots[i];
	return NULL;
}

static void start_call(struct rep_port *p, struct slot *slot, struct rep_peer *peer)
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
	if (!look(peer)) {
		peer->is_broken = true;
		make_busy(peer);
	}
	await(peer);
}

static size_t count_unwritten(const struct rep_port *p)
{
	size_t n = 0;

	list_for_each (it, &p->peers)
		n += rpc_sp_conn_unwritten(&container_of(it, struct rep_peer, link)->conn);
	return n;
}

static void start_calls(struct rep_port *p)
{
	if (list_is_empty(&p->line) || count_unwritten(p) > MAX_UNWRITTEN)
		return;
	list_for_each_safe (it, &p->line) {
		struct rep_peer *peer = container_of(it, struct rep_peer, line_link);
		struct slot     *slot = find_free_slot(p);

		if (slot == NULL)
			return;
		if (rpc_sp_conn_unwritten(&peer->conn) == 0)
			start_call(p, slot, peer);
	}
}

static void on_flush(struct loop_task *t)
{
	struct rep_port *p = container_of(t, struct rep_port, on_flush);

	while (!list_is_empty(&p->busy)) {
		struct rep_peer *peer = container_of(p->busy.next, struct rep_peer, busy_link);

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
	struct rep_peer *peer = container_of(base, struct rep_peer, base);
	struct slot     *slot = &port_of(peer)->slots[call_id - 1];

	if (envelope.len > RPC_MAX_FRAME)
		peer->is_broken = true;
	else
		rpc_sp_conn_put(&peer->conn, (str){slot->words, slot->words_len}, envelope);
	slot->peer = NULL;
	make_busy(peer);
}

/* ---- listening ---- */

static void let_in(struct rep_port *p, int fd)
{
	struct rep_peer *peer = mem_zalloc(sizeof *peer);

	peer->base.port = &p->base;
	rpc_sp_conn_init(&peer->conn, fd, NULL, RPC_SP_REP, p->door.address.net == RPC_SP_IPC,
	                 RPC_MAX_FRAME);
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

static void on_connection(struct rpc_sp_door *d, int fd)
{
	struct rep_port *p = container_of(d, struct rep_port, door);

	if (p->n_peers < MAX_PEERS)
		let_in(p, fd);
	else
		close(fd);
}

/* ---- life ---- */

static void drain(struct rpc_port *base)
{
	rpc_sp_door_close(&container_of(base, struct rep_port, base)->door);
}

static bool is_idle(const struct rpc_port *base)
{
	const struct rep_port *p = container_of(base, struct rep_port, base);

	for (unsigned i = 0; i < CALLS; i++)
		if (p->slots[i].peer)
			return false;
	return count_unwritten(p) == 0;
}

static void close_port(struct rpc_port *base)
{
	struct rep_port *p = container_of(base, struct rep_port, base);

	rpc_sp_door_close(&p->door);
	while (!list_is_empty(&p->peers))
		free_peer(container_of(p->peers.next, struct rep_peer, link));
	loop_task_cancel(p->loop, &p->on_flush);
	mem_free(p);
}

status rpc_rep_listen(struct loop *l, const struct rpc_sp_address *at,
                      const struct rpc_port_events *events, struct rpc_port **out_port)
{
	static const struct rpc_port_ops ops = {
	        .reply = reply, .drain = drain, .is_idle = is_idle, .close = close_port};
	struct rep_port *p = mem_zalloc(sizeof *p);
	status           st;

	p->base = (struct rpc_port){&ops, *events};
	p->loop = l;
	loop_task_init(&p->on_flush, on_flush);
	list_init(&p->peers);
	list_init(&p->busy);
	list_init(&p->line);
	st = rpc_sp_door_open(&p->door, l, at, on_connection);
	if (st.code != CODE_OK)
		close_port(&p->base);
	else
		*out_port = &p->base;
	return st;
}
