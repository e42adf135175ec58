/*
 * Design notes. What is sent waits in a queue until the end of the turn, then travels in one
 * message, if one may leave (rpc/flights.h). Time frees no place while the kernel takes no more:
 * then the connection is what is slow.
 *
 * Reply messages are counted, and each message tells the server how many came. Where no request
 * takes the count along, it goes alone: at once at half the server's window, which would stall it,
 * and else after ACK_MS, so that the server knows to have delivered.
 *
 * When the connection ends, what had come is heard first. Then the link knows exactly: a call whose
 * message the kernel did not take to the last byte surely did not run; of the others nobody knows.
 * Nothing goes out twice. Only there, in events of the connection and at the end of a turn, calls
 * end.
 *
 * Between machines a connection may end without a word: one of them lost power, or its network. So
 * a link that hears nothing asks for a sign of life, and hangs up when none comes. It counts turns
 * of its own timer, not time: a process that was stopped itself must not blame the other end.
 *
 * The tag of a call in the set is the number of the message it left in, 0 while it waits.
 */
#include "rpc/sp.h"

#include "base/clock.h"
#include "base/mem.h"
#include "rpc/flights.h"
#include "rpc/frame.h"
#include "rpc/frame_queue.h"
#include "rpc/id_set.h"
#include "rpc/sp_dial.h"
#include "rpc/sp_tls.h"

enum {
	ACK_MS = 20,
	LAST_FILLS = 64,
	MAX_CALLS = 8192,
	MAX_WAITING_BYTES = 4 * RPC_MAX_FRAME,
	PULSE_MS = 1000,
	QUIET_PULSES = 2, /* then it asks for a sign of life */
	SILENT_PULSES = 5 /* then it hangs up */
};

/* What ends the words of a message: nng's request id, whose number nobody needs here. */
static const str request_words = STR("\x80\0\0\0");

/* A message of requests, until the kernel has it. */
struct leaving {
	uint32_t number;
	uint64_t end; /* where it ends among the bytes of the connection */
};

struct sp_link {
	struct rpc_link        base;
	struct loop           *loop;
	struct rpc_sp_tls     *tls;
	struct rpc_sp_dial     dial;
	struct rpc_sp_conn     conn; /* while is_connected */
	struct loop_watch      watch;
	struct loop_task       on_flush;
	struct loop_timer      timer, pulse;
	unsigned               n_pulses; /* since it heard something */
	bool                   is_connected, is_draining;
	struct rpc_id_set      calls;
	struct rpc_frame_queue waiting;
	struct rpc_flights     flights;
	struct leaving         leaving[RPC_FLIGHTS];
	uint32_t               received, acked; /* reply messages */
};

/* ---- calls that get no reply ---- */

static void lose_waiting(struct sp_link *l)
{
	uint64_t id;
	str      frame;

	while (rpc_frame_queue_take(&l->waiting, &id, &frame))
		if (rpc_id_set_remove(&l->calls, id))
			l->base.events.on_lost(l->base.events.arg, id, false);
	rpc_frame_queue_clear(&l->waiting);
}

static bool has_left(const struct sp_link *l, uint32_t number)
{
	for (int i = 0; i < RPC_FLIGHTS; i++)
		if (l->leaving[i].number == number && l->leaving[i].end > l->conn.written)
			return false;
	return true;
}

static void lose_sent(struct sp_link *l)
{
	struct rpc_id_place call;

	while (rpc_id_set_take(&l->calls, &call))
		l->base.events.on_lost(l->base.events.arg, call.id, has_left(l, call.tag));
}

static void set_state(struct sp_link *l, bool is_up)
{
	if (l->base.is_up == is_up)
		return;
	l->base.is_up = is_up;
	l->base.events.on_state(l->base.events.arg, is_up);
}

static void hang_up(struct sp_link *l)
{
	l->is_connected = false;
	loop_watch_remove(l->loop, &l->watch);
	loop_timer_cancel(l->loop, &l->timer);
	loop_timer_cancel(l->loop, &l->pulse);
	rpc_sp_conn_fini(&l->conn);
	rpc_sp_dial_again(&l->dial);
	lose_waiting(l);
	lose_sent(l);
	set_state(l, false);
}

/* ---- what comes ---- */

static void on_frames(struct sp_link *l, str frames)
{
	const struct rpc_link_events *on = &l->base.events;
	uint64_t                      id;
	str                           envelope;

	while (rpc_frame_next(&frames, &id, &envelope)) {
		const uint32_t *number = rpc_id_set_tag(&l->calls, id);

		if (number == NULL)
			continue;
		rpc_flights_end(&l->flights, *number);
		rpc_id_set_remove(&l->calls, id);
		on->on_reply(on->arg, id, envelope);
	}
}

/* False when it is none. */
static bool on_message(struct sp_link *l, str body)
{
	struct rpc_message_head head;
	str                     frames;

	if (rpc_message_read(body, &head, &frames).code != CODE_OK)
		return false;
	l->n_pulses = 0;
	l->received++;
	on_frames(l, frames);
	if ((head.flags & RPC_MESSAGE_DRAINING) && !l->is_draining) {
		l->is_draining = true;
		lose_waiting(l);
		set_state(l, false);
	}
	loop_defer(l->loop, &l->on_flush);
	return true;
}

/* Hears all that was read; false at the end of the connection. */
static bool hear(struct sp_link *l)
{
	enum rpc_sp_result result;
	str                words, body;

	while ((result = rpc_sp_conn_look(&l->conn)) == RPC_SP_MESSAGE) {
		rpc_sp_conn_message(&l->conn, &words, &body);
		if (!on_message(l, body))
			return false;
		rpc_sp_conn_next(&l->conn);
	}
	return result != RPC_SP_END;
}

static void on_ready(struct loop_watch *w, unsigned events)
{
	struct sp_link *l = container_of(w, struct sp_link, watch);

	if (events & LOOP_WRITE)
		loop_defer(l->loop, &l->on_flush);
	if (events & (LOOP_READ | LOOP_ERROR))
		rpc_sp_conn_fill(&l->conn);
	if (hear(l))
		loop_watch_set(l->loop, w, rpc_sp_conn_awaits(&l->conn));
	else
		hang_up(l);
}

/* The connection failed; what it brought before is still good, if that has an end. */
static void hear_last_words(struct sp_link *l)
{
	for (int i = 0; i < LAST_FILLS; i++)
		if (!rpc_sp_conn_fill(&l->conn) || !hear(l))
			break;
	hang_up(l);
}

/* ---- sending ---- */

/* Puts what waits into a message, without calls that were given up before; false if that is all. */
static bool gather(struct sp_link *l, uint32_t number)
{
	struct buf *to = rpc_sp_conn_begin(&l->conn, request_words);
	size_t      before = to->len;
	unsigned    n = 0;
	uint64_t    id;
	str         frame;

	rpc_message_put_head(to, (struct rpc_message_head){.acked = l->received});
	while (n < RPC_SP_CUT_FRAMES && l->waiting.count > 0) {
		uint32_t *tag;

		if (n > 0 &&
		    to->len - before + rpc_frame_queue_next_size(&l->waiting) > RPC_SP_CUT_BYTES)
			break;
		rpc_frame_queue_take(&l->waiting, &id, &frame);
		tag = rpc_id_set_tag(&l->calls, id);
		if (tag)
			*tag = number;
		else if (frame.len > RPC_FRAME_HEAD_BYTES)
			continue;
		buf_put(to, frame);
		n++;
	}
	return n > 0;
}

/* There always is one, but with a server that replies to what it cannot know yet. */
static struct leaving *find_place(struct sp_link *l)
{
	for (int i = 0; i < RPC_FLIGHTS; i++)
		if (l->leaving[i].end <= l->conn.written)
			return &l->leaving[i];
	return NULL;
}

static void put_requests(struct sp_link *l, int64_t now_ns)
{
	struct leaving *place;
	uint32_t        number;

	while (l->waiting.count > 0 && (place = find_place(l)) != NULL &&
	       (number = rpc_flights_begin(&l->flights, now_ns)) != 0) {
		if (gather(l, number)) {
			rpc_sp_conn_end(&l->conn);
			*place = (struct leaving){number, l->conn.written +
			                                          rpc_sp_conn_unwritten(&l->conn)};
			l->acked = l->received;
		} else {
			rpc_sp_conn_undo(&l->conn);
			rpc_flights_end(&l->flights, number);
		}
	}
}

/* The count of replies alone. */
static void put_ack(struct sp_link *l, uint8_t flags)
{
	rpc_message_put_head(rpc_sp_conn_begin(&l->conn, request_words),
	                     (struct rpc_message_head){.flags = flags, .acked = l->received});
	rpc_sp_conn_end(&l->conn);
	l->acked = l->received;
}

static void set_timer(struct sp_link *l, int64_t at_ns)
{
	if (!loop_timer_is_set(&l->timer) || at_ns < l->timer.at_ns)
		loop_timer_set(l->loop, &l->timer, at_ns);
}

/* Room to write comes as an event; time does not. */
static void await(struct sp_link *l, int64_t now_ns)
{
	loop_watch_set(l->loop, &l->watch, rpc_sp_conn_awaits(&l->conn));
	if (rpc_sp_conn_unwritten(&l->conn) > 0)
		return;
	if (l->waiting.count > 0)
		set_timer(l, now_ns + RPC_FLIGHT_MS * CLOCK_NS_PER_MS);
	else if (l->received != l->acked)
		set_timer(l, now_ns + ACK_MS * CLOCK_NS_PER_MS);
}

/* Sends all that may leave now; what may not is awaited. */
static void flush(struct sp_link *l, uint32_t max_unacked)
{
	const int64_t now_ns = clock_now_ns();
	bool          is_fine;

	is_fine = rpc_sp_conn_write(&l->conn);
	if (rpc_sp_conn_unwritten(&l->conn) == 0)
		rpc_flights_end_old(&l->flights, now_ns);
	put_requests(l, now_ns);
	if (l->received - l->acked > max_unacked && rpc_sp_conn_unwritten(&l->conn) == 0)
		put_ack(l, 0);
	is_fine = is_fine && rpc_sp_conn_write(&l->conn);
	if (is_fine)
		await(l, now_ns);
	else
		hear_last_words(l);
}

static void on_flush(struct loop_task *t)
{
	struct sp_link *l = container_of(t, struct sp_link, on_flush);

	if (l->is_connected)
		flush(l, l->is_draining ? 0 : RPC_SP_WINDOW / 2 - 1);
}

static void on_timer(struct loop_timer *t)
{
	flush(container_of(t, struct sp_link, timer), 0);
}

static status send_request(struct rpc_link *base, uint64_t call_id, str envelope)
{
	struct sp_link *l = container_of(base, struct sp_link, base);

	if (envelope.len > RPC_MAX_FRAME)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the request is too large");
	if (!l->is_connected || l->is_draining)
		return status_error(CODE_UNAVAILABLE, "the service is not within reach");
	if (l->calls.count >= MAX_CALLS || !rpc_frame_queue_put(&l->waiting, call_id, envelope))
		return status_error(CODE_UNAVAILABLE, "too many calls are under way");
	rpc_id_set_add(&l->calls, call_id);
	loop_defer(l->loop, &l->on_flush);
	return STATUS_OK;
}

static void forget(struct rpc_link *base, uint64_t call_id)
{
	struct sp_link *l = container_of(base, struct sp_link, base);
	const uint32_t *number = rpc_id_set_tag(&l->calls, call_id);
	bool            is_sent = number && *number != 0;

	rpc_id_set_remove(&l->calls, call_id);
	/* What does not fit leaves the call to its deadline. */
	if (is_sent && rpc_frame_queue_put(&l->waiting, call_id, (str){0}))
		loop_defer(l->loop, &l->on_flush);
}

/* ---- signs of life ---- */

static void on_pulse(struct loop_timer *t)
{
	struct sp_link *l = container_of(t, struct sp_link, pulse);

	if (++l->n_pulses >= SILENT_PULSES) {
		hear_last_words(l);
		return;
	}
	if (l->n_pulses >= QUIET_PULSES && rpc_sp_conn_unwritten(&l->conn) == 0) {
		put_ack(l, RPC_MESSAGE_PING);
		loop_defer(l->loop, &l->on_flush);
	}
	loop_timer_set(l->loop, t, clock_after_ms(PULSE_MS));
}

/* ---- life ---- */

static void on_open(struct rpc_sp_dial *d)
{
	struct sp_link *l = container_of(d, struct sp_link, dial);

	l->conn = d->conn;
	if (loop_watch_add(l->loop, &l->watch, l->conn.fd, rpc_sp_conn_awaits(&l->conn), on_ready)
	            .code != CODE_OK) {
		rpc_sp_conn_fini(&l->conn);
		rpc_sp_dial_again(d);
		return;
	}
	l->is_connected = true;
	l->is_draining = false;
	l->n_pulses = 0;
	l->received = l->acked = 0;
	rpc_flights_reset(&l->flights);
	for (int i = 0; i < RPC_FLIGHTS; i++)
		l->leaving[i] = (struct leaving){0};
	/* On one machine the kernel tells of every end. */
	if (d->to.net != RPC_SP_IPC)
		loop_timer_set(l->loop, &l->pulse, clock_after_ms(PULSE_MS));
	set_state(l, true);
	if (!hear(l))
		hang_up(l);
}

static void close_link(struct rpc_link *base)
{
	struct sp_link *l = container_of(base, struct sp_link, base);

	rpc_sp_dial_stop(&l->dial);
	if (l->is_connected) {
		loop_watch_remove(l->loop, &l->watch);
		rpc_sp_conn_fini(&l->conn);
	}
	loop_task_cancel(l->loop, &l->on_flush);
	loop_timer_cancel(l->loop, &l->timer);
	loop_timer_cancel(l->loop, &l->pulse);
	rpc_sp_tls_free(l->tls);
	rpc_id_set_fini(&l->calls);
	rpc_frame_queue_clear(&l->waiting);
	mem_free(l);
}

status rpc_sp_link(struct loop *loop, const struct rpc_sp_address *to, const struct rpc_tls *tls,
                   const struct rpc_link_events *events, struct rpc_link **out_link)
{
	static const struct rpc_link_ops ops = {
	        .send = send_request, .forget = forget, .close = close_link};
	struct rpc_sp_tls *context = NULL;
	struct sp_link    *l;

	if (to->net == RPC_SP_TLS)
		TRY(rpc_sp_tls_new(tls, &context));
	l = mem_zalloc(sizeof *l);
	l->base = (struct rpc_link){.ops = &ops, .events = *events};
	l->loop = loop;
	l->tls = context;
	loop_task_init(&l->on_flush, on_flush);
	loop_timer_init(&l->timer, on_timer);
	loop_timer_init(&l->pulse, on_pulse);
	rpc_frame_queue_init(&l->waiting, MAX_WAITING_BYTES, MAX_CALLS);
	rpc_sp_dial_init(&l->dial, loop, to, context, on_open);
	rpc_sp_dial_start(&l->dial);
	*out_link = &l->base;
	return STATUS_OK;
}
