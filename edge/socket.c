/*
 * Design notes. h2o has WebSockets of its own (h2o/websocket.h); 2.2.5 frees a connection under its
 * own reading and copies every message twice, so that only its handshake serves here.
 *
 * A socket ends in one place, end(), which the loop reaches by three ways: bytes came, bytes went,
 * time went by. All else, from messages to the session's end, only changes the state and what is to
 * be sent. So nobody who holds a socket loses it under his hands.
 */
#include "edge/socket.h"

#include "base/clock.h"
#include "edge/internal.h"
#include "edge/respond.h"
#include "edge/ws_frame.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/socket.h>

enum {
	MAX_QUEUE = 256 * 1024,
	MAX_KERNEL_QUEUE = 64 * 1024, /* besides: the system's own grows to megabytes otherwise */
	MAX_KERNEL_INPUT = 32 * 1024, /* the same of what comes */
	MAX_WRITE = 64,
	CLOSE_MS = 3000,
	SLOW_CLOSE_MS = 15000, /* of a client that is far behind: it should hear why */
	PARTING_MS = 1000,
	KEY_LEN = 24,
	ACCEPT_BYTES = 29
};

static void on_read(h2o_socket_t *sock, const char *err);
static void on_written(h2o_socket_t *sock, const char *err);

void edge_socket_stats_init(struct edge_socket_stats *m)
{
	m->live = metrics_gauge_get("edge_sockets", "WebSockets open.", METRICS_LABELS());
	m->frames_in = metrics_counter_get("edge_socket_messages_in_total",
	                                   "Messages that came over WebSockets.", METRICS_LABELS());
	m->frames_out =
	        metrics_counter_get("edge_socket_frames_out_total",
	                            "Frames that went out over WebSockets.", METRICS_LABELS());
	m->slow = metrics_counter_get("edge_socket_slow_total",
	                              "WebSockets closed since their client did not keep up.",
	                              METRICS_LABELS());
}

static void end(struct edge_socket *s)
{
	h2o_socket_t *sock = s->sock;

	if (s->state != EDGE_SOCKET_OPENING)
		metrics_gauge_add(s->edge->sockets.live, -1);
	s->state = EDGE_SOCKET_ENDED;
	s->sock = NULL;
	loop_timer_cancel(s->edge->loop, &s->timer);
	if (sock) {
		/* With TLS h2o would wait for the client to read its last word. */
		shutdown(h2o_socket_get_fd(sock), SHUT_RDWR);
		h2o_socket_close(sock);
	}
	edge_ws_reader_fini(&s->reader);
	edge_ws_queue_fini(&s->queue);
	s->ops->on_end(s);
}

/* ---- time ---- */

static void set_timer(struct edge_socket *s, int64_t at_ns)
{
	loop_timer_set(s->edge->loop, &s->timer, at_ns);
}

static int64_t silence_ns(const struct edge_socket *s)
{
	return s->heard_ns + s->edge->cfg->socket_silence_ms * CLOCK_NS_PER_MS;
}

static void set_next(struct edge_socket *s)
{
	int64_t at = s->ping_ns < silence_ns(s) ? s->ping_ns : silence_ns(s);

	set_timer(s, at < s->expire_ns ? at : s->expire_ns);
}

static void ping(struct edge_socket *s)
{
	struct edge_ws_frame *f = edge_ws_frame_ping();

	edge_socket_send(s, f);
	edge_ws_frame_unref(f);
	s->ping_ns = clock_after_ms(s->edge->cfg->socket_ping_ms);
	s->ops->on_ping(s);
}

static void on_timer_open(struct edge_socket *s)
{
	int64_t now = clock_now_ns();

	/* While it is not read, its silence is ours. */
	if (s->is_paused)
		s->heard_ns = now;
	if (now >= s->expire_ns)
		edge_socket_close(s, EDGE_WS_SESSION_ENDED, STR("the token has expired"));
	else if (now >= silence_ns(s))
		edge_socket_close(s, EDGE_WS_GOING_AWAY, STR("nothing was heard for too long"));
	else if (now >= s->ping_ns)
		ping(s);
	if (s->state == EDGE_SOCKET_OPEN)
		set_next(s);
}

static void on_timer(struct loop_timer *t)
{
	struct edge_socket *s = container_of(t, struct edge_socket, timer);

	if (s->state == EDGE_SOCKET_OPEN)
		on_timer_open(s);
	else
		end(s);
}

/* ---- sending ---- */

/* Both have closed and all is sent: the client has the last word, so that nothing that it still
 * sends makes its system throw away what it has not read yet (a reset). */
static void part(struct edge_socket *s)
{
	s->state = EDGE_SOCKET_PARTING;
	shutdown(h2o_socket_get_fd(s->sock), SHUT_WR);
	edge_socket_pause(s, false);
	set_timer(s, clock_after_ms(PARTING_MS));
}

static void flush(struct edge_socket *s)
{
	h2o_iovec_t bufs[MAX_WRITE];
	unsigned    n;

	if (s->is_writing || s->sock == NULL)
		return;
	n = edge_ws_queue_begin(&s->queue, MAX_WRITE);
	for (unsigned i = 0; i < n; i++) {
		struct edge_ws_frame *f = edge_ws_queue_at(&s->queue, i);

		bufs[i] = h2o_iovec_init(f->bytes, f->len);
	}
	if (n > 0) {
		s->is_writing = true;
		metrics_counter_add(s->edge->sockets.frames_out, n);
		h2o_socket_write(s->sock, bufs, n, on_written);
	} else if (s->state == EDGE_SOCKET_CLOSING && edge_ws_reader_is_over(&s->reader)) {
		part(s);
	}
}

static void on_written(h2o_socket_t *sock, const char *err)
{
	struct edge_socket *s = sock->data;

	s->is_writing = false;
	edge_ws_queue_end(&s->queue);
	if (err) {
		end(s);
		return;
	}
	flush(s);
	if (s->state == EDGE_SOCKET_OPEN)
		s->ops->on_sent(s);
}

static void begin_to_close(struct edge_socket *s, struct edge_ws_frame *close)
{
	s->state = EDGE_SOCKET_CLOSING;
	edge_ws_queue_force(&s->queue, close);
	edge_socket_pause(s, false); /* for the client's close */
	set_timer(s, clock_after_ms(CLOSE_MS));
	flush(s);
}

void edge_socket_close(struct edge_socket *s, uint16_t code, str reason)
{
	struct edge_ws_frame *f;

	if (s->state > EDGE_SOCKET_OPEN)
		return;
	f = edge_ws_frame_close(code, reason);
	begin_to_close(s, f);
	edge_ws_frame_unref(f);
}

void edge_socket_send(struct edge_socket *s, struct edge_ws_frame *f)
{
	if (s->state != EDGE_SOCKET_OPEN)
		return;
	if (edge_ws_queue_add(&s->queue, f))
		flush(s);
	else
		edge_socket_give_up(s);
}

void edge_socket_give_up(struct edge_socket *s)
{
	if (s->state != EDGE_SOCKET_OPEN)
		return;
	metrics_counter_add(s->edge->sockets.slow, 1);
	edge_ws_queue_drop(&s->queue);
	edge_socket_close(s, EDGE_WS_TRY_LATER, STR("what was sent was not read"));
	set_timer(s, clock_after_ms(SLOW_CLOSE_MS));
}

/* ---- reading ---- */

static void on_message(void *arg, str message, bool is_text)
{
	struct edge_socket *s = arg;

	metrics_counter_add(s->edge->sockets.frames_in, 1);
	if (s->state == EDGE_SOCKET_OPEN)
		s->ops->on_message(s, message, is_text);
}

/* A close is answered at once: what waits would come to somebody who has said goodbye. */
static void on_reply(void *arg, str frames, bool is_close)
{
	struct edge_socket   *s = arg;
	struct edge_ws_frame *f;

	if (s->state != EDGE_SOCKET_OPEN)
		return;
	f = edge_ws_frame_raw(frames);
	if (is_close) {
		s->has_client_closed = edge_ws_reader_has_close(&s->reader);
		edge_ws_queue_drop(&s->queue);
		begin_to_close(s, f);
	} else {
		edge_socket_send(s, f);
	}
	edge_ws_frame_unref(f);
}

static void read_input(struct edge_socket *s)
{
	static const struct edge_ws_reader_ops ops = {.on_message = on_message,
	                                              .on_reply = on_reply};
	h2o_socket_t                          *sock = s->sock;

	if (s->reader.ctx == NULL)
		edge_ws_reader_init(&s->reader, &ops, s);
	s->is_reading = true;
	while (sock->input->size > 0 && !s->is_paused) {
		str input = {sock->input->bytes, sock->input->size};

		if (input.len > EDGE_WS_MAX_FEED)
			input.len = EDGE_WS_MAX_FEED;
		edge_ws_reader_feed(&s->reader, input);
		h2o_buffer_consume(&sock->input, input.len);
	}
	s->is_reading = false;
	flush(s);
}

static void on_read(h2o_socket_t *sock, const char *err)
{
	struct edge_socket *s = sock->data;

	s->heard_ns = loop_now_ns(s->edge->loop);
	if (err)
		end(s);
	else
		read_input(s);
}

void edge_socket_pause(struct edge_socket *s, bool is_paused)
{
	if (s->sock == NULL || s->is_paused == is_paused)
		return;
	s->is_paused = is_paused;
	if (is_paused) {
		h2o_socket_read_stop(s->sock);
		return;
	}
	h2o_socket_read_start(s->sock, on_read);
	if (!s->is_reading)
		read_input(s);
}

/* ---- opening ---- */

/*
 * h2o reads all that is there, and gives it on at once: so much one client makes the loop hold, and
 * work on, before it is the others' turn.
 */
static void bound_kernel_buffers(int fd)
{
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){MAX_KERNEL_QUEUE}, sizeof(int));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){MAX_KERNEL_INPUT}, sizeof(int));
}

static void on_upgraded(void *arg, h2o_socket_t *sock, size_t request_bytes)
{
	struct edge_socket *s = arg;

	if (sock == NULL || s->state != EDGE_SOCKET_OPENING) {
		if (sock)
			h2o_socket_close(sock);
		end(s);
		return;
	}
	s->sock = sock;
	sock->data = s;
	bound_kernel_buffers(h2o_socket_get_fd(sock));
	h2o_buffer_consume(&sock->input, request_bytes);
	s->state = EDGE_SOCKET_OPEN;
	metrics_gauge_add(s->edge->sockets.live, 1);
	s->heard_ns = clock_now_ns();
	s->ping_ns = clock_after_ms(s->edge->cfg->socket_ping_ms);
	set_next(s);
	h2o_socket_read_start(sock, on_read);
	s->ops->on_open(s);
	read_input(s);
}

/* RFC 6455 4.2.2: what a server makes of the key. */
static void print_accept(const char *key, char out[ACCEPT_BYTES])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char     text[KEY_LEN + sizeof guid - 1], digest[SHA_DIGEST_LENGTH];

	memcpy(text, key, KEY_LEN);
	memcpy(text + KEY_LEN, guid, sizeof guid - 1);
	if (EVP_Digest(text, sizeof text, digest, NULL, EVP_sha1(), NULL) != 1)
		mem_die("no SHA-1");
	EVP_EncodeBlock((unsigned char *)out, digest, sizeof digest);
}

void edge_socket_accept(struct edge_socket *s, struct edge_exchange *ex, const char *key,
                        str protocol, int64_t expire_ns, const struct edge_socket_ops *ops)
{
	char accept[ACCEPT_BYTES];

	*s = (struct edge_socket){.edge = ex->edge,
	                          .ops = ops,
	                          .expire_ns = expire_ns,
	                          .queue = {.max_bytes = MAX_QUEUE}};
	loop_timer_init(&s->timer, on_timer);
	print_accept(key, accept);
	edge_respond_header(ex, "upgrade", STR("websocket"));
	edge_respond_header(ex, "sec-websocket-accept", str_c(accept));
	if (protocol.len > 0)
		edge_respond_header(ex, "sec-websocket-protocol", protocol);
	edge_respond_upgrade(ex, on_upgraded, s);
}

void edge_socket_cut(struct edge_socket *s)
{
	if (s->state != EDGE_SOCKET_OPENING && s->state != EDGE_SOCKET_ENDED)
		end(s);
}
