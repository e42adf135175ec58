/*
 * Design notes. Replies of a turn wait in a queue of their peer and leave together at its end, at
 * most RPC_NNG_WINDOW messages ahead of what the peer acknowledged: raw REP drops replies silently
 * once 64 wait for a connection, and this is what keeps them from it. The rest waits here, bounded
 * by the calls a link may have under way; a peer that lets more pile up, lets replies wait for
 * STALL_MS without acknowledging one, acknowledges what was not sent or sends what is no message,
 * is hung up on. The port itself never stops receiving, since acknowledgements come behind
 * requests.
 *
 * A peer begins with nng's word that a connection comes, which precedes its messages, and ends
 * with nng's word that it is gone; messages taken after that are of nobody. Both pass through the
 * socket's queue of events.
 *
 * A drain tells each peer, with no frames if there are none, and closes connections that come. A
 * ping is answered likewise.
 */
#include "rpc/nng.h"

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/frame.h"
#include "rpc/frame_queue.h"
#include "rpc/nng_serve.h"
#include "rpc/nng_socket.h"

#include <nng/protocol/reqrep0/rep.h>

enum {
	MAX_WAITING_FRAMES = 8192,
	MAX_WAITING_BYTES = 512 * 1024 * 1024,
	STALL_MS = 5000,
	LOOK_MS = 500 /* at peers that stall */
};

struct nng_port {
	struct rpc_port       base;
	struct rpc_nng_socket socket;
	struct loop_task      on_events, on_flush;
	struct loop_timer     timer;
	struct list           peers;
	struct list           busy; /* peers with something to send */
	struct buf            message;
	bool                  is_draining;
};

struct nng_peer {
	struct rpc_peer        base;
	uint32_t               pipe;
	struct rpc_frame_queue waiting;
	uint32_t               sent, acked; /* reply messages */
	int64_t                acked_ns;    /* when it last owed nothing, or paid */
	bool                   is_hung_up;
	bool                   is_owed_notice; /* of the drain, or that we live */
	struct list            link, busy_link;
};

static struct nng_port *port_of(const struct nng_peer *peer)
{
	return container_of(peer->base.port, struct nng_port, base);
}

static void hang_up(struct nng_peer *peer)
{
	peer->is_hung_up = true;
	list_remove(&peer->busy_link);
	rpc_frame_queue_clear(&peer->waiting);
	rpc_nng_hang_up(peer->pipe);
}

/* ---- sending ---- */

static void gather(struct nng_port *p, struct nng_peer *peer)
{
	const uint8_t flags = p->is_draining ? RPC_MESSAGE_DRAINING : 0;
	uint64_t      id;
	str           frame;

	buf_reset(&p->message);
	rpc_message_put_head(&p->message, (struct rpc_message_head){.flags = flags});
	for (unsigned n = 0; n < RPC_NNG_MESSAGE_FRAMES && peer->waiting.count > 0; n++) {
		if (n > 0 && p->message.len + rpc_frame_queue_next_size(&peer->waiting) >
		                     RPC_NNG_MESSAGE_BYTES)
			break;
		rpc_frame_queue_take(&peer->waiting, &id, &frame);
		buf_put(&p->message, frame);
	}
}

static bool has_to_send(const struct nng_peer *peer)
{
	return peer->waiting.count > 0 || peer->is_owed_notice;
}

static void send_replies(struct nng_port *p, struct nng_peer *peer)
{
	/* Where the reply goes, and what ends the header of a REP message. */
	const uint32_t header[] = {peer->pipe, UINT32_C(0x80000000)};

	while (has_to_send(peer) && peer->sent - peer->acked < RPC_NNG_WINDOW) {
		gather(p, peer);
		peer->is_owed_notice = false;
		if (peer->sent == peer->acked)
			peer->acked_ns = clock_now_ns();
		peer->sent++;
		rpc_nng_send(&p->socket, 0, header, 2, buf_str(&p->message));
		if (p->message.size > RPC_NNG_MESSAGE_BYTES)
			buf_fini(&p->message);
	}
}

static void on_flush(struct loop_task *t)
{
	struct nng_port *p = container_of(t, struct nng_port, on_flush);

	while (!list_is_empty(&p->busy)) {
		struct nng_peer *peer = container_of(p->busy.next, struct nng_peer, busy_link);

		list_remove(&peer->busy_link);
		send_replies(p, peer);
		if (peer->sent != peer->acked && !loop_timer_is_set(&p->timer))
			loop_timer_set(p->socket.loop, &p->timer, clock_after_ms(LOOK_MS));
	}
}

static void make_busy(struct nng_peer *peer)
{
	struct nng_port *p = port_of(peer);

	if (peer->is_hung_up || !has_to_send(peer) || !list_is_empty(&peer->busy_link))
		return;
	list_append(&p->busy, &peer->busy_link);
	loop_defer(p->socket.loop, &p->on_flush);
}

static void reply(struct rpc_peer *base, uint64_t call_id, str envelope)
{
	struct nng_peer *peer = container_of(base, struct nng_peer, base);

	if (peer->is_hung_up)
		return;
	if (envelope.len > RPC_MAX_FRAME || !rpc_frame_queue_put(&peer->waiting, call_id, envelope))
		hang_up(peer);
	make_busy(peer);
}

static bool is_stalled(const struct nng_port *p, const struct nng_peer *peer, int64_t now_ns)
{
	if (peer->is_hung_up || peer->sent == peer->acked)
		return false;
	return (peer->waiting.count > 0 || p->is_draining) &&
	       now_ns - peer->acked_ns >= STALL_MS * CLOCK_NS_PER_MS;
}

static void on_timer(struct loop_timer *t)
{
	struct nng_port *p = container_of(t, struct nng_port, timer);
	int64_t          now_ns = clock_now_ns();
	bool             is_owed = false;

	list_for_each (it, &p->peers) {
		struct nng_peer *peer = container_of(it, struct nng_peer, link);

		if (is_stalled(p, peer, now_ns))
			hang_up(peer);
		is_owed |= !peer->is_hung_up && peer->sent != peer->acked;
	}
	if (is_owed)
		loop_timer_set(p->socket.loop, t, now_ns + LOOK_MS * CLOCK_NS_PER_MS);
}

/* ---- what comes ---- */

static struct nng_peer *find_peer(struct nng_port *p, uint32_t pipe)
{
	list_for_each (it, &p->peers) {
		struct nng_peer *peer = container_of(it, struct nng_peer, link);

		if (peer->pipe == pipe)
			return peer;
	}
	return NULL;
}

static void on_connected(struct nng_port *p, uint32_t pipe)
{
	struct nng_peer *peer = mem_zalloc(sizeof *peer);

	peer->base.port = &p->base;
	peer->pipe = pipe;
	peer->is_owed_notice = p->is_draining;
	rpc_frame_queue_init(&peer->waiting, MAX_WAITING_BYTES, MAX_WAITING_FRAMES);
	list_append(&p->peers, &peer->link);
	list_init(&peer->busy_link);
	make_busy(peer);
}

static void free_peer(struct nng_peer *peer)
{
	list_remove(&peer->link);
	list_remove(&peer->busy_link);
	rpc_frame_queue_clear(&peer->waiting);
	mem_free(peer);
}

static void on_disconnected(struct nng_port *p, uint32_t pipe)
{
	struct nng_peer *peer = find_peer(p, pipe);

	if (peer == NULL)
		return;
	p->base.events.on_gone(p->base.events.arg, &peer->base);
	free_peer(peer);
}

/* Counts modulo 2^32; false when more is acknowledged than was sent. */
static bool take_ack(struct nng_peer *peer, uint32_t acked)
{
	if (acked - peer->acked > peer->sent - peer->acked)
		return false;
	if (acked != peer->acked)
		peer->acked_ns = clock_now_ns();
	peer->acked = acked;
	return true;
}

static void on_frame(struct nng_port *p, struct nng_peer *peer, uint64_t id, str envelope)
{
	const struct rpc_port_events *on = &p->base.events;

	if (envelope.len > 0)
		on->on_request(on->arg, &peer->base, id, envelope);
	else if (on->on_cancel)
		on->on_cancel(on->arg, &peer->base, id);
}

static void on_message(struct nng_port *p, uint32_t pipe, str body)
{
	struct nng_peer        *peer = find_peer(p, pipe);
	struct rpc_message_head head;
	str                     frames, envelope;
	uint64_t                id;

	if (peer == NULL || peer->is_hung_up)
		return;
	if (rpc_message_read(body, &head, &frames).code != CODE_OK || !take_ack(peer, head.acked)) {
		hang_up(peer);
		return;
	}
	peer->is_owed_notice |= head.flags & RPC_MESSAGE_PING;
	while (rpc_frame_next(&frames, &id, &envelope))
		on_frame(p, peer, id, envelope);
	make_busy(peer);
}

static void on_events(struct loop_task *t)
{
	struct nng_port *p = container_of(t, struct nng_port, on_events);

	rpc_nng_take(&p->socket);
	for (uint32_t i = 0; i < p->socket.taken.count; i++) {
		const struct rpc_nng_event *e = &p->socket.taken.items[i];

		if (e->kind == RPC_NNG_CONNECTED)
			on_connected(p, e->pipe);
		else if (e->kind == RPC_NNG_DISCONNECTED)
			on_disconnected(p, e->pipe);
		else if (e->kind == RPC_NNG_MESSAGE)
			on_message(p, e->pipe, rpc_nng_body(e->msg));
		nng_msg_free(e->msg);
	}
}

/* ---- life ---- */

static void drain(struct rpc_port *base)
{
	struct nng_port *p = container_of(base, struct nng_port, base);

	if (p->is_draining)
		return;
	p->is_draining = true;
	rpc_nng_shut(&p->socket);
	list_for_each (it, &p->peers) {
		struct nng_peer *peer = container_of(it, struct nng_peer, link);

		peer->is_owed_notice = true;
		make_busy(peer);
	}
}

static bool is_idle(const struct rpc_port *base)
{
	const struct nng_port *p = container_of(base, struct nng_port, base);

	list_for_each (it, &p->peers) {
		const struct nng_peer *peer = container_of(it, struct nng_peer, link);

		if (!peer->is_hung_up && (has_to_send(peer) || peer->sent != peer->acked))
			return false;
	}
	return true;
}

static void close_port(struct rpc_port *base)
{
	struct nng_port *p = container_of(base, struct nng_port, base);

	rpc_nng_close(&p->socket);
	while (!list_is_empty(&p->peers))
		free_peer(container_of(p->peers.next, struct nng_peer, link));
	loop_task_cancel(p->socket.loop, &p->on_flush);
	loop_timer_cancel(p->socket.loop, &p->timer);
	buf_fini(&p->message);
	mem_free(p);
}

status rpc_nng_listen(struct loop *l, const char *url, const struct rpc_tls *tls,
                      const struct rpc_port_events *events, struct rpc_port **out_port)
{
	static const struct rpc_port_ops ops = {
	        .reply = reply, .drain = drain, .is_idle = is_idle, .close = close_port};
	struct nng_port *p = mem_zalloc(sizeof *p);
	status           st;

	p->base = (struct rpc_port){&ops, *events};
	loop_task_init(&p->on_events, on_events);
	loop_task_init(&p->on_flush, on_flush);
	loop_timer_init(&p->timer, on_timer);
	list_init(&p->peers);
	list_init(&p->busy);
	buf_init(&p->message, SIZE_MAX);
	rpc_nng_open(&p->socket, l, &p->on_events, nng_rep0_open_raw);
	rpc_nng_receive(&p->socket);
	st = rpc_nng_serve(&p->socket, url, tls);
	if (st.code != CODE_OK) {
		close_port(&p->base);
		return st;
	}
	*out_port = &p->base;
	return STATUS_OK;
}
