/*
 * Design notes. What is sent waits in a queue until the end of the turn, then travels in one
 * message, if one may leave (rpc/flights.h). Time frees no place while nng itself holds a message
 * back: then the connection is what is slow.
 *
 * Reply messages are counted, and each message tells the server how many came. Where no request
 * takes the count along, it goes alone: at once at half the server's window, which would stall it,
 * and else after ACK_MS, so that the server knows to have delivered.
 *
 * A connection's end, told by nng, is handled in nng's thread as far as it must be before nng dials
 * again: no sends any more, those under way taken back, what was received made events. Then comes
 * DISCONNECTED, and the loop knows exactly: calls whose message was taken back, or never written,
 * surely did not run; of the others nobody knows. Nothing goes out twice.
 *
 * Between machines a connection may end without a word: one of them lost power, or nng missed the
 * end (it does over TLS when that comes between two messages). So a link that hears nothing asks
 * for a sign of life, hangs up when none comes, and dials anew when it stays down. It counts turns
 * of its own timer, not time: a process that was stopped itself must not blame the other end.
 *
 * Even hanging up may come to nothing: the one thread by which nng 1.5 ends connections waits for
 * ever once a connection was closed in the middle of a message that it read. Then the link leaves
 * its socket behind and opens another.
 *
 * The tag of a call in the set is the number of the message it left in, 0 while it waits.
 */
#include "rpc/nng.h"

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/flights.h"
#include "rpc/frame.h"
#include "rpc/frame_queue.h"
#include "rpc/id_set.h"
#include "rpc/nng_dial.h"
#include "rpc/nng_socket.h"

#include <nng/protocol/reqrep0/req.h>

enum {
	ACK_MS = 20,
	MAX_CALLS = 8192,
	MAX_WAITING_BYTES = 4 * RPC_MAX_FRAME,
	PULSE_MS = 1000,
	QUIET_PULSES = 2,  /* then it asks for a sign of life */
	SILENT_PULSES = 5, /* then it hangs up */
	STUCK_PULSES = 7,  /* then it opens another socket */
	DOWN_PULSES = 5    /* then it dials anew */
};

/* What ends the header of a REQ message: nng's request id, whose number nobody needs here. */
static const uint32_t request_header[] = {UINT32_C(0x80000000)};

struct nng_link {
	struct rpc_link        base;
	struct rpc_nng_socket  socket;
	struct loop_task       on_events, on_flush;
	struct loop_timer      timer, pulse;
	struct rpc_nng_dial    dial;
	unsigned               n_pulses; /* since it heard something, or went down */
	uint32_t               pipe;     /* as far as the loop knows; 0: down */
	bool                   is_draining;
	struct rpc_id_set      calls;
	struct rpc_frame_queue waiting;
	struct buf             message; /* being written */
	struct rpc_flights     flights;
	uint32_t               received, acked; /* reply messages */
	uint32_t               dead_pipe;       /* nng's threads: gone before it was there */
};

/* ---- calls that get no reply ---- */

static void lose(struct nng_link *l, uint64_t id, bool may_have_run)
{
	if (rpc_id_set_remove(&l->calls, id))
		l->base.events.on_lost(l->base.events.arg, id, may_have_run);
}

/* Calls of a message that never left. */
static void lose_unsent(struct nng_link *l, str body)
{
	struct rpc_message_head head;
	str                     frames, envelope;
	uint64_t                id;

	if (rpc_message_read(body, &head, &frames).code != CODE_OK)
		return;
	while (rpc_frame_next(&frames, &id, &envelope))
		lose(l, id, false);
}

static void lose_waiting(struct nng_link *l)
{
	uint64_t id;
	str      frame;

	while (rpc_frame_queue_take(&l->waiting, &id, &frame))
		lose(l, id, false);
	rpc_frame_queue_clear(&l->waiting);
}

static void set_state(struct nng_link *l, bool is_up)
{
	if (l->base.is_up == is_up)
		return;
	l->base.is_up = is_up;
	l->base.events.on_state(l->base.events.arg, is_up);
}

/* ---- sending ---- */

/* Writes what waits into l->message, without calls that were given up before; how many frames. */
static unsigned gather(struct nng_link *l, uint32_t number)
{
	unsigned n = 0;
	uint64_t id;
	str      frame;

	buf_reset(&l->message);
	rpc_message_put_head(&l->message, (struct rpc_message_head){.acked = l->received});
	while (n < RPC_NNG_MESSAGE_FRAMES && l->waiting.count > 0) {
		uint32_t *tag;

		if (n > 0 &&
		    l->message.len + rpc_frame_queue_next_size(&l->waiting) > RPC_NNG_MESSAGE_BYTES)
			break;
		rpc_frame_queue_take(&l->waiting, &id, &frame);
		tag = rpc_id_set_tag(&l->calls, id);
		if (tag)
			*tag = number;
		else if (frame.len > RPC_FRAME_HEAD_BYTES)
			continue;
		buf_put(&l->message, frame);
		n++;
	}
	return n;
}

static void send_message(struct nng_link *l)
{
	if (rpc_nng_send(&l->socket, l->pipe, request_header, 1, buf_str(&l->message)))
		l->acked = l->received;
	else
		lose_unsent(l, buf_str(&l->message));
	if (l->message.size > RPC_NNG_MESSAGE_BYTES)
		buf_fini(&l->message);
}

static void send_requests(struct nng_link *l, int64_t now_ns)
{
	uint32_t number;

	while (l->waiting.count > 0 && (number = rpc_flights_begin(&l->flights, now_ns)) != 0) {
		if (gather(l, number) > 0)
			send_message(l);
		else
			rpc_flights_end(&l->flights, number);
	}
}

/* The count of replies alone. */
static void send_ack(struct nng_link *l, uint8_t flags)
{
	buf_reset(&l->message);
	rpc_message_put_head(&l->message,
	                     (struct rpc_message_head){.flags = flags, .acked = l->received});
	send_message(l);
}

static void set_timer(struct nng_link *l, int64_t at_ns)
{
	if (!loop_timer_is_set(&l->timer) || at_ns < l->timer.at_ns)
		loop_timer_set(l->socket.loop, &l->timer, at_ns);
}

/* Sends all that may leave now; what may not has the timer set for it. */
static void flush(struct nng_link *l, uint32_t max_unacked)
{
	int64_t now_ns = clock_now_ns();

	if (l->pipe == 0)
		return;
	if (!rpc_nng_is_sending(&l->socket))
		rpc_flights_end_old(&l->flights, now_ns);
	send_requests(l, now_ns);
	if (l->received - l->acked > max_unacked && !rpc_nng_is_sending(&l->socket))
		send_ack(l, 0);
	if (l->waiting.count > 0)
		set_timer(l, now_ns + RPC_FLIGHT_MS * CLOCK_NS_PER_MS);
	else if (l->received != l->acked)
		set_timer(l, now_ns + ACK_MS * CLOCK_NS_PER_MS);
}

static void on_flush(struct loop_task *t)
{
	struct nng_link *l = container_of(t, struct nng_link, on_flush);

	flush(l, l->is_draining ? 0 : RPC_NNG_WINDOW / 2 - 1);
}

static void on_timer(struct loop_timer *t)
{
	flush(container_of(t, struct nng_link, timer), 0);
}

static status send_request(struct rpc_link *base, uint64_t call_id, str envelope)
{
	struct nng_link *l = container_of(base, struct nng_link, base);

	if (envelope.len > RPC_MAX_FRAME)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the request is too large");
	if (l->pipe == 0 || l->is_draining)
		return status_error(CODE_UNAVAILABLE, "the service is not within reach");
	if (l->calls.count >= MAX_CALLS || !rpc_frame_queue_put(&l->waiting, call_id, envelope))
		return status_error(CODE_UNAVAILABLE, "too many calls are under way");
	rpc_id_set_add(&l->calls, call_id);
	loop_defer(l->socket.loop, &l->on_flush);
	return STATUS_OK;
}

static void forget(struct rpc_link *base, uint64_t call_id)
{
	struct nng_link *l = container_of(base, struct nng_link, base);
	const uint32_t  *number = rpc_id_set_tag(&l->calls, call_id);
	bool             is_sent = number && *number != 0;

	rpc_id_set_remove(&l->calls, call_id);
	/* What does not fit leaves the call to its deadline. */
	if (is_sent && rpc_frame_queue_put(&l->waiting, call_id, (str){0}))
		loop_defer(l->socket.loop, &l->on_flush);
}

/* ---- what comes ---- */

static void on_connected(struct nng_link *l, uint32_t pipe)
{
	l->pipe = pipe;
	l->n_pulses = 0;
	l->is_draining = false;
	l->received = l->acked = 0;
	rpc_flights_reset(&l->flights);
	set_state(l, true);
}

static void on_disconnected(struct nng_link *l)
{
	uint64_t id;

	l->pipe = 0;
	l->n_pulses = 0;
	lose_waiting(l);
	while (rpc_id_set_take(&l->calls, &id))
		l->base.events.on_lost(l->base.events.arg, id, true);
	set_state(l, false);
}

static void on_message(struct nng_link *l, uint32_t pipe, str body)
{
	const struct rpc_link_events *on = &l->base.events;
	struct rpc_message_head       head;
	str                           frames, envelope;
	uint64_t                      id;

	if (pipe != l->pipe)
		return;
	if (rpc_message_read(body, &head, &frames).code != CODE_OK) {
		rpc_nng_hang_up(pipe);
		return;
	}
	l->n_pulses = 0;
	l->received++;
	while (rpc_frame_next(&frames, &id, &envelope)) {
		const uint32_t *number = rpc_id_set_tag(&l->calls, id);

		if (number == NULL)
			continue;
		rpc_flights_end(&l->flights, *number);
		rpc_id_set_remove(&l->calls, id);
		on->on_reply(on->arg, id, envelope);
	}
	if ((head.flags & RPC_MESSAGE_DRAINING) && !l->is_draining) {
		l->is_draining = true;
		lose_waiting(l);
		set_state(l, false);
	}
	loop_defer(l->socket.loop, &l->on_flush);
}

static void on_event(struct nng_link *l, const struct rpc_nng_event *e)
{
	switch (e->kind) {
	case RPC_NNG_CONNECTED:
		on_connected(l, e->pipe);
		break;
	case RPC_NNG_MESSAGE:
		on_message(l, e->pipe, rpc_nng_body(e->msg));
		break;
	case RPC_NNG_UNSENT:
		lose_unsent(l, rpc_nng_body(e->msg));
		break;
	case RPC_NNG_DISCONNECTED:
		on_disconnected(l);
		break;
	}
	nng_msg_free(e->msg);
}

static void on_events(struct loop_task *t)
{
	struct nng_link *l = container_of(t, struct nng_link, on_events);

	rpc_nng_take(&l->socket);
	for (uint32_t i = 0; i < l->socket.taken.count; i++)
		on_event(l, &l->socket.taken.items[i]);
}

/* ---- on nng's threads ---- */

static void on_pipe_added(nng_pipe pipe, nng_pipe_ev ev __attribute__((unused)), void *arg)
{
	struct nng_link *l = arg;
	const uint32_t   id = (uint32_t)nng_pipe_id(pipe);

	/* The event comes before that of the end, which may be on its way already. */
	pthread_mutex_lock(&l->socket.mutex);
	if (id != l->dead_pipe) {
		l->socket.pipe = id;
		rpc_nng_push_locked(&l->socket,
		                    (struct rpc_nng_event){.kind = RPC_NNG_CONNECTED, .pipe = id});
	}
	pthread_mutex_unlock(&l->socket.mutex);
}

static void on_pipe_removed(nng_pipe pipe, nng_pipe_ev ev __attribute__((unused)), void *arg)
{
	struct nng_link *l = arg;
	const uint32_t   id = (uint32_t)nng_pipe_id(pipe);
	bool             was_there;

	pthread_mutex_lock(&l->socket.mutex);
	was_there = id == l->socket.pipe;
	l->dead_pipe = id;
	if (was_there)
		l->socket.pipe = 0;
	pthread_mutex_unlock(&l->socket.mutex);
	if (!was_there)
		return;
	rpc_nng_flush(&l->socket);
	rpc_nng_push(&l->socket, (struct rpc_nng_event){.kind = RPC_NNG_DISCONNECTED, .pipe = id});
}

/* ---- connecting ---- */

static void open_socket(struct nng_link *l, struct loop *loop)
{
	rpc_nng_open(&l->socket, loop, &l->on_events, nng_req0_open_raw);
	rpc_nng_receive(&l->socket);
}

static status dial(struct nng_link *l)
{
	const nng_socket nng = l->socket.nng;

	TRY(rpc_nng_status(nng_pipe_notify(nng, NNG_PIPE_EV_ADD_POST, on_pipe_added, l)));
	TRY(rpc_nng_status(nng_pipe_notify(nng, NNG_PIPE_EV_REM_POST, on_pipe_removed, l)));
	return rpc_nng_dial_start(&l->dial, nng);
}

/* ---- signs of life ---- */

static void start_over(struct nng_link *l)
{
	rpc_nng_close(&l->socket);
	on_disconnected(l);
	l->dead_pipe = 0;
	open_socket(l, l->socket.loop);
	/* What fails now the next dialling may do. */
	(void)!dial(l).code;
}

static void on_pulse(struct loop_timer *t)
{
	struct nng_link *l = container_of(t, struct nng_link, pulse);

	l->n_pulses++;
	if (l->pipe == 0 && l->n_pulses >= DOWN_PULSES) {
		l->n_pulses = 0;
		rpc_nng_dial_again(&l->dial);
	} else if (l->pipe && l->n_pulses >= STUCK_PULSES) {
		start_over(l);
	} else if (l->pipe && l->n_pulses >= SILENT_PULSES) {
		rpc_nng_hang_up(l->pipe);
	} else if (l->pipe && l->n_pulses >= QUIET_PULSES && !rpc_nng_is_sending(&l->socket)) {
		send_ack(l, RPC_MESSAGE_PING);
	}
	loop_timer_set(l->socket.loop, t, clock_after_ms(PULSE_MS));
}

/* ---- life ---- */

static void close_link(struct rpc_link *base)
{
	struct nng_link *l = container_of(base, struct nng_link, base);

	rpc_nng_close(&l->socket);
	loop_task_cancel(l->socket.loop, &l->on_flush);
	loop_timer_cancel(l->socket.loop, &l->timer);
	loop_timer_cancel(l->socket.loop, &l->pulse);
	rpc_id_set_fini(&l->calls);
	rpc_frame_queue_clear(&l->waiting);
	buf_fini(&l->message);
	mem_free(l);
}

status rpc_nng_link(struct loop *loop, const char *url, const struct rpc_tls *tls,
                    const struct rpc_link_events *events, struct rpc_link **out_link)
{
	static const struct rpc_link_ops ops = {
	        .send = send_request, .forget = forget, .close = close_link};
	struct nng_link *l = mem_zalloc(sizeof *l);
	status           st;

	l->base = (struct rpc_link){.ops = &ops, .events = *events};
	loop_task_init(&l->on_events, on_events);
	loop_task_init(&l->on_flush, on_flush);
	loop_timer_init(&l->timer, on_timer);
	loop_timer_init(&l->pulse, on_pulse);
	rpc_frame_queue_init(&l->waiting, MAX_WAITING_BYTES, MAX_CALLS);
	buf_init(&l->message, SIZE_MAX);
	rpc_nng_dial_init(&l->dial, url, tls);
	open_socket(l, loop);
	st = dial(l);
	if (st.code != CODE_OK) {
		close_link(&l->base);
		return st;
	}
	/* On one machine the kernel tells of every end. */
	if (rpc_nng_is_network(url))
		loop_timer_set(loop, &l->pulse, clock_after_ms(PULSE_MS));
	*out_link = &l->base;
	return STATUS_OK;
}
