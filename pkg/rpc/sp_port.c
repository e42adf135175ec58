/*
 * Design notes. Replies of a turn wait in a queue of their peer and leave together at its end, at
 * most RPC_SP_WINDOW messages ahead of what the peer acknowledged: so what a peer has not heard
 * waits here, where it joins into few messages, and a port knows what was delivered. The wait is
 * bounded by the calls a link may have under way; a peer that lets more pile up, acknowledges what
 * was not sent, or sends what is no message, is hung up on; and so is one that for STALL_MS neither
 * takes nor acknowledges while something waits for it, or stops half way in a message. The port
 * itself never stops receiving, since acknowledgements come behind requests.
 *
 * A peer is hung up on in on_ready(), on_flush() and on_look(), never while it is replied to.
 *
 * A drain tells each peer, with no frames if there are none, and lets nobody in any more. A ping is
 * answered likewise.
 */
#include "rpc/sp.h"

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/frame.h"
#include "rpc/frame_queue.h"
#include "rpc/sp_conn.h"
#include "rpc/sp_door.h"
#include "rpc/sp_tls.h"

#include <unistd.h>

enum {
	MAX_PEERS = 1024,
	MAX_WAITING_FRAMES = 8192,
	MAX_WAITING_BYTES = 512 * 1024 * 1024,
	STALL_MS = 5000,
	LOOK_MS = 500 /* at peers that stall */
};

/* What ends the words of a message, as in that of any request. */
static const str reply_words = STR("\x80\0\0\0");

struct sp_port {
	struct rpc_port    base;
	struct loop       *loop;
	struct rpc_sp_tls *tls;
	struct rpc_sp_door door;
	struct loop_task   on_flush;
	struct loop_timer  look;
	struct list        peers;
	struct list        busy; /* peers with something to send, or to be hung up on */
	unsigned           n_peers;
	bool               is_draining;
};

struct sp_peer {
	struct rpc_peer        base;
	struct rpc_sp_conn     conn;
	struct loop_watch      watch;
	struct rpc_frame_queue waiting;
	uint32_t               sent, acked;    /* reply messages */
	int64_t                heard_ns;       /* when something came last */
	int64_t                took_ns;        /* when it last took something, or owed nothing */
	bool                   is_broken;      /* to be hung up on */
	bool                   is_owed_notice; /* of the drain, or that we live */
	struct list            link, busy_link;
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
	list_remove(&peer->link);
	list_remove(&peer->busy_link);
	p->n_peers--;
	rpc_frame_queue_clear(&peer->waiting);
	rpc_sp_conn_fini(&peer->conn);
	mem_free(peer);
}

static void hang_up(struct sp_peer *peer)
{
	const struct rpc_port_events *on = &peer->base.port->events;

	on->on_gone(on->arg, &peer->base);
	free_peer(peer);
}

static bool has_to_send(const struct sp_peer *peer)
{
	return peer->waiting.count > 0 || peer->is_owed_notice;
}

static void make_busy(struct sp_peer *peer)
{
	struct sp_port *p = port_of(peer);

	if (!list_is_empty(&peer->busy_link))
		return;
	list_append(&p->busy, &peer->busy_link);
	loop_defer(p->loop, &p->on_flush);
}

/* ---- peers that stall ---- */

/* It owes the rest of what it began to say. */
static bool owes_words(const struct sp_peer *peer)
{
	return rpc_sp_conn_is_owed(&peer->conn);
}

/* It owes that it takes or acknowledges: what waits behind that would wait for ever. */
static bool owes_room(const struct sp_peer *peer)
{
	if (rpc_sp_conn_unwritten(&peer->conn) > 0)
		return true;
	return peer->sent != peer->acked && (peer->waiting.count > 0 || port_of(peer)->is_draining);
}

static bool is_late(int64_t since_ns, int64_t now_ns)
{
	return now_ns - since_ns >= STALL_MS * CLOCK_NS_PER_MS;
}

static void look_later(struct sp_port *p)
{
	if (!loop_timer_is_set(&p->look))
		loop_timer_set(p->loop, &p->look, clock_after_ms(LOOK_MS));
}

/* Awaits what the kernel tells of, and looks after what it does not. */
static void await(struct sp_peer *peer)
{
	struct sp_port *p = port_of(peer);

	loop_watch_set(p->loop, &peer->watch, rpc_sp_conn_awaits(&peer->conn));
	if (owes_words(peer) || owes_room(peer))
		look_later(p);
}

static void on_look(struct loop_timer *t)
{
	struct sp_port *p = container_of(t, struct sp_port, look);
	const int64_t   now_ns = clock_now_ns();

	list_for_each_safe (it, &p->peers) {
		struct sp_peer *peer = container_of(it, struct sp_peer, link);
		const bool      words = owes_words(peer), room = owes_room(peer);

		if ((words && is_late(peer->heard_ns, now_ns)) ||
		    (room && is_late(peer->took_ns, now_ns)))
			hang_up(peer);
		else if (words || room)
			look_later(p);
	}
}

/* ---- sending ---- */

static void put_replies(struct sp_peer *peer)
{
	const uint8_t flags = port_of(peer)->is_draining ? RPC_MESSAGE_DRAINING : 0;
	struct buf   *to = rpc_sp_conn_begin(&peer->conn, reply_words);
	const size_t  before = to->len;
	uint64_t      id;
	str           frame;

	rpc_message_put_head(to, (struct rpc_message_head){.flags = flags});
	for (unsigned n = 0; n < RPC_SP_CUT_FRAMES && peer->waiting.count > 0; n++) {
		if (n > 0 &&
		    to->len - before + rpc_frame_queue_next_size(&peer->waiting) > RPC_SP_CUT_BYTES)
			break;
		rpc_frame_queue_take(&peer->waiting, &id, &frame);
		buf_put(to, frame);
	}
	rpc_sp_conn_end(&peer->conn);
}

static bool write_out(struct sp_peer *peer, int64_t now_ns)
{
	const uint64_t written = peer->conn.written;
	const bool     is_fine = rpc_sp_conn_write(&peer->conn);

	if (peer->conn.written != written)
		peer->took_ns = now_ns;
	return is_fine;
}

static void send_replies(struct sp_peer *peer)
{
	const int64_t now_ns = clock_now_ns();

	if (!owes_room(peer))
		peer->took_ns = now_ns;
	while (has_to_send(peer) && peer->sent - peer->acked < RPC_SP_WINDOW) {
		put_replies(peer);
		peer->is_owed_notice = false;
		peer->sent++;
	}
	if (!peer->is_broken && write_out(peer, now_ns))
		await(peer);
	else
		hang_up(peer);
}

static void on_flush(struct loop_task *t)
{
	struct sp_port *p = container_of(t, struct sp_port, on_flush);

	while (!list_is_empty(&p->busy)) {
		struct sp_peer *peer = container_of(p->busy.next, struct sp_peer, busy_link);

		list_remove(&peer->busy_link);
		send_replies(peer);
	}
}

static void reply(struct rpc_peer *base, uint64_t call_id, str envelope)
{
	struct sp_peer *peer = container_of(base, struct sp_peer, base);

	if (peer->is_broken)
		return;
	if (envelope.len > RPC_MAX_FRAME || !rpc_frame_queue_put(&peer->waiting, call_id, envelope))
		peer->is_broken = true;
	make_busy(peer);
}

/* ---- what comes ---- */

/* Counts modulo 2^32; false when more is acknowledged than was sent. */
static bool take_ack(struct sp_peer *peer, uint32_t acked)
{
	if (acked - peer->acked > peer->sent - peer->acked)
		return false;
	if (acked != peer->acked)
		peer->took_ns = clock_now_ns();
	peer->acked = acked;
	return true;
}

static void on_frame(struct sp_peer *peer, uint64_t id, str envelope)
{
	const struct rpc_port_events *on = &peer->base.port->events;

	if (envelope.len > 0)
		on->on_request(on->arg, &peer->base, id, envelope);
	else if (on->on_cancel)
		on->on_cancel(on->arg, &peer->base, id);
}

/* False when it is none. */
static bool on_message(struct sp_peer *peer, str body)
{
	struct rpc_message_head head;
	str                     frames, envelope;
	uint64_t                id;

	if (rpc_message_read(body, &head, &frames).code != CODE_OK || !take_ack(peer, head.acked))
		return false;
	peer->is_owed_notice |= head.flags & RPC_MESSAGE_PING;
	while (rpc_frame_next(&frames, &id, &envelope))
		on_frame(peer, id, envelope);
	if (has_to_send(peer))
		make_busy(peer);
	return true;
}

/* Hears all that was read; false at the end of the connection. */
static bool hear(struct sp_peer *peer)
{
	enum rpc_sp_result result;
	str                words, body;

	while ((result = rpc_sp_conn_look(&peer->conn)) == RPC_SP_MESSAGE && !peer->is_broken) {
		rpc_sp_conn_message(&peer->conn, &words, &body);
		if (!on_message(peer, body))
			return false;
		rpc_sp_conn_next(&peer->conn);
	}
	return result != RPC_SP_END && !peer->is_broken;
}

static void on_ready(struct loop_watch *w, unsigned events)
{
	struct sp_peer *peer = container_of(w, struct sp_peer, watch);
	bool            is_fine = !(events & LOOP_ERROR);

	if (is_fine && events & LOOP_WRITE)
		make_busy(peer);
	if (is_fine && events & LOOP_READ) {
		if (rpc_sp_conn_fill(&peer->conn))
			peer->heard_ns = clock_now_ns();
		is_fine = hear(peer);
	}
	if (is_fine)
		await(peer);
	else
		hang_up(peer);
}

/* ---- listening ---- */

static void let_in(struct sp_port *p, int fd)
{
	struct sp_peer *peer = mem_zalloc(sizeof *peer);
	struct ssl_st  *ssl = p->tls ? rpc_sp_tls_accept(p->tls, fd) : NULL;

	peer->base.port = &p->base;
	peer->heard_ns = peer->took_ns = clock_now_ns();
	rpc_sp_conn_init(&peer->conn, fd, ssl, RPC_SP_REP, p->door.address.net == RPC_SP_IPC,
	                 RPC_SP_MAX_BODY);
	rpc_frame_queue_init(&peer->waiting, MAX_WAITING_BYTES, MAX_WAITING_FRAMES);
	list_append(&p->peers, &peer->link);
	list_init(&peer->busy_link);
	p->n_peers++;
	if (loop_watch_add(p->loop, &peer->watch, fd, LOOP_READ, on_ready).code != CODE_OK)
		free_peer(peer);
	else
		make_busy(peer);
}

static void on_connection(struct rpc_sp_door *d, int fd)
{
	struct sp_port *p = container_of(d, struct sp_port, door);

	if (p->n_peers < MAX_PEERS)
		let_in(p, fd);
	else
		close(fd);
}

/* ---- life ---- */

static void drain(struct rpc_port *base)
{
	struct sp_port *p = container_of(base, struct sp_port, base);

	if (p->is_draining)
		return;
	p->is_draining = true;
	rpc_sp_door_close(&p->door);
	list_for_each (it, &p->peers) {
		struct sp_peer *peer = container_of(it, struct sp_peer, link);

		peer->is_owed_notice = true;
		make_busy(peer);
	}
}

static bool is_idle(const struct rpc_port *base)
{
	const struct sp_port *p = container_of(base, struct sp_port, base);

	list_for_each (it, &p->peers) {
		const struct sp_peer *peer = container_of(it, struct sp_peer, link);

		if (has_to_send(peer) || peer->sent != peer->acked ||
		    rpc_sp_conn_unwritten(&peer->conn) > 0)
			return false;
	}
	return true;
}

static void close_port(struct rpc_port *base)
{
	struct sp_port *p = container_of(base, struct sp_port, base);

	rpc_sp_door_close(&p->door);
	while (!list_is_empty(&p->peers))
		free_peer(container_of(p->peers.next, struct sp_peer, link));
	loop_task_cancel(p->loop, &p->on_flush);
	loop_timer_cancel(p->loop, &p->look);
	rpc_sp_tls_free(p->tls);
	mem_free(p);
}

status rpc_sp_listen(struct loop *l, const struct rpc_sp_address *at, const struct rpc_tls *tls,
                     const struct rpc_port_events *events, struct rpc_port **out_port)
{
	static const struct rpc_port_ops ops = {
	        .reply = reply, .drain = drain, .is_idle = is_idle, .close = close_port};
	struct rpc_sp_tls *context = NULL;
	struct sp_port    *p;
	status             st;

	if (at->net == RPC_SP_TLS)
		TRY(rpc_sp_tls_new(tls, &context));
	p = mem_zalloc(sizeof *p);
	p->base = (struct rpc_port){&ops, *events};
	p->loop = l;
	p->tls = context;
	loop_task_init(&p->on_flush, on_flush);
	loop_timer_init(&p->look, on_look);
	list_init(&p->peers);
	list_init(&p->busy);
	st = rpc_sp_door_open(&p->door, l, at, on_connection);
	if (st.code != CODE_OK)
		close_port(&p->base);
	else
		*out_port = &p->base;
	return st;
}
