#include "test/support/ws.h"

#include "base/clock.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_MS = 30000, FIRST_BYTES = 2048, MAX_FRAME = 128 * 1024 };

static bool wait_for(int fd, short events, int64_t until_ns)
{
	int64_t       left_ms = (until_ns - clock_now_ns()) / CLOCK_NS_PER_MS;
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, left_ms < 0 ? 0 : (int)left_ms) == 1;
}

/* ---- sending ---- */

bool ws_send_bytes(struct ws *w, const void *bytes, size_t len)
{
	const char *from = bytes;
	int64_t     until = clock_after_ms(TIMEOUT_MS);

	while (len > 0) {
		ssize_t n = send(w->fd, from, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN && wait_for(w->fd, POLLOUT, until))
			continue;
		if (n <= 0)
			return false;
		from += n;
		len -= (size_t)n;
	}
	return true;
}

bool ws_send_frame(struct ws *w, uint8_t first_byte, bool is_masked, const void *payload,
                   size_t len)
{
	static const uint8_t mask[4] = {0xca, 0xfe, 0x5a, 0x17};
	uint8_t             *frame = malloc(len + 14);
	size_t               n = 2;
	bool                 is_sent;

	frame[0] = first_byte;
	if (len < 126) {
		frame[1] = (uint8_t)len;
	} else if (len < 65536) {
		frame[1] = 126;
		frame[n++] = (uint8_t)(len >> 8);
		frame[n++] = (uint8_t)len;
	} else {
		frame[1] = 127;
		for (int shift = 56; shift >= 0; shift -= 8)
			frame[n++] = (uint8_t)((uint64_t)len >> shift);
	}
	if (is_masked) {
		frame[1] |= 0x80;
		memcpy(frame + n, mask, 4);
		n += 4;
	}
	for (size_t i = 0; i < len; i++)
		frame[n + i] =
		        (uint8_t)(((const uint8_t *)payload)[i] ^ (is_masked ? mask[i % 4] : 0));
	is_sent = ws_send_bytes(w, frame, n + len);
	free(frame);
	return is_sent;
}

bool ws_send(struct ws *w, enum ws_opcode opcode, const void *payload, size_t len)
{
	return ws_send_frame(w, (uint8_t)(0x80 | opcode), true, payload, len);
}

bool ws_text(struct ws *w, const char *format, ...)
{
	char   *text = malloc(MAX_FRAME);
	va_list args;
	int     len;
	bool    is_sent;

	va_start(args, format);
	len = vsnprintf(text, MAX_FRAME, format, args);
	va_end(args);
	is_sent = ws_send(w, WS_TEXT, text, (size_t)len);
	free(text);
	return is_sent;
}

bool ws_send_close(struct ws *w, int code)
{
	const uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)code};

	return ws_send(w, WS_CLOSE, payload, code ? 2 : 0);
}

/* ---- receiving ---- */

bool ws_fill(struct ws *w)
{
	if (w->in_at > 0) {
		memmove(w->in, w->in + w->in_at, w->in_len - w->in_at);
		w->in_len -= w->in_at;
		w->in_at = 0;
	}
	for (;;) {
		ssize_t n;

		if (w->in_size - w->in_len < FIRST_BYTES / 2) {
			w->in_size = w->in_size ? 2 * w->in_size : FIRST_BYTES;
			w->in = realloc(w->in, w->in_size);
		}
		n = recv(w->fd, w->in + w->in_len, w->in_size - w->in_len - 1, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		w->in_len += (size_t)n;
	}
}

/* The length of the frame's header, 0 while it is not all there; and of its payload. */
static size_t look_at_header(const uint8_t *p, size_t len, uint64_t *out_payload)
{
	size_t n_bytes, n = 2;

	if (len < 2)
		return 0;
	n_bytes = (p[1] & 0x7f) < 126 ? 0 : (p[1] & 0x7f) == 126 ? 2 : 8;
	if (len < n + n_bytes)
		return 0;
	*out_payload = n_bytes ? 0 : p[1] & 0x7f;
	for (size_t i = 0; i < n_bytes; i++)
		*out_payload = *out_payload << 8 | p[n + i];
	return n + n_bytes;
}

static struct ws_event read_frame(struct ws *w, uint8_t first, const char *payload, size_t len)
{
	struct ws_event e = {.kind = WS_BROKEN, .text = payload, .len = len, .code = 1005};

	switch (first) { /* servers here send whole frames only */
	case 0x80 | WS_TEXT:
		e.kind = WS_MESSAGE;
		break;
	case 0x80 | WS_PING:
		e.kind = WS_PINGED;
		if (!w->ignores_pings)
			(void)ws_send(w, WS_PONG, payload, len);
		break;
	case 0x80 | WS_PONG:
		e.kind = WS_PONGED;
		break;
	case 0x80 | WS_CLOSE:
		if (len == 1)
			break;
		e.kind = WS_CLOSED;
		if (len == 0)
			break;
		e.code = (uint8_t)payload[0] << 8 | (uint8_t)payload[1];
		e.text += 2;
		e.len -= 2;
		break;
	default:
		break;
	}
	return e;
}

struct ws_event ws_take(struct ws *w)
{
	uint8_t         first;
	uint64_t        len;
	size_t          n;
	struct ws_event e;
	static char     text[MAX_FRAME]; /* with a NUL behind it */

	n = look_at_header((const uint8_t *)w->in + w->in_at, w->in_len - w->in_at, &len);
	if (n == 0 || w->in_len - w->in_at < n + len)
		return (struct ws_event){.kind = WS_NOTHING};
	first = (uint8_t)w->in[w->in_at];
	/* A server never masks. */
	if (((uint8_t)w->in[w->in_at + 1] & 0x80) || len >= sizeof text)
		return (struct ws_event){.kind = WS_BROKEN};
	memcpy(text, w->in + w->in_at + n, len);
	text[len] = '\0';
	w->in_at += n + len;
	e = read_frame(w, first, text, len);
	return e;
}

struct ws_event ws_next(struct ws *w, int timeout_ms)
{
	int64_t         until = clock_after_ms(timeout_ms);
	struct ws_event e;

	for (;;) {
		bool is_alive;

		e = ws_take(w);
		if (e.kind != WS_NOTHING)
			return e;
		if (!wait_for(w->fd, POLLIN, until))
			return e;
		is_alive = ws_fill(w);
		e = ws_take(w);
		if (e.kind != WS_NOTHING)
			return e;
		if (!is_alive)
			return (struct ws_event){.kind = WS_OVER};
	}
}

/* ---- opening and closing ---- */

static int dial(uint16_t port, const struct ws_request *req)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)}, from = to;
	int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (req->receive_bytes)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &req->receive_bytes,
		                 sizeof req->receive_bytes);
	if (req->source) {
		from.sin_port = 0;
		(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
		(void)inet_pton(AF_INET, req->source, &from.sin_addr);
		(void)bind(fd, (struct sockaddr *)&from, sizeof from);
	}
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

static void print_request(char *out, size_t size, uint16_t port, const struct ws_request *req)
{
	int n = snprintf(out, size,
	                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
	                 "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	                 "Sec-WebSocket-Version: 13\r\n",
	                 req->path, port);

	if (req->token)
		n += snprintf(out + n, size - (size_t)n, "Authorization: Bearer %s\r\n",
		              req->token);
	if (req->protocol)
		n += snprintf(out + n, size - (size_t)n, "Sec-WebSocket-Protocol: %s\r\n",
		              req->protocol);
	for (size_t i = 0; req->headers && req->headers[i]; i++)
		n += snprintf(out + n, size - (size_t)n, "%s\r\n", req->headers[i]);
	snprintf(out + n, size - (size_t)n, "\r\n");
}

bool ws_begin(struct ws *w, uint16_t port, const struct ws_request *req)
{
	char text[20000];

	*w = (struct ws){.fd = dial(port, req)};
	print_request(text, sizeof text, port, req);
	return w->fd >= 0 && ws_send_bytes(w, text, strlen(text));
}

/* The head is over; what follows are frames, unless it was refused. */
static bool take_head(struct ws *w)
{
	char  *end = w->in ? memmem(w->in, w->in_len, "\r\n\r\n", 4) : NULL;
	size_t len;

	if (end == NULL)
		return false;
	len = (size_t)(end + 4 - w->in);
	if (len > 12)
		w->status = (int)strtol(w->in + 9, NULL, 10);
	if (w->status == 101)
		w->in_at = len;
	else
		len = w->in_len;
	snprintf(w->head, sizeof w->head, "%.*s", (int)len, w->in);
	return true;
}

/* RFC 6455 1.3: this is what the key above is answered with. */
static bool is_accepted(const struct ws *w)
{
	return w->status == 101 && strcasestr(w->head, "\r\nupgrade: websocket\r\n") &&
	       strcasestr(w->head, "\r\nconnection: upgrade\r\n") &&
	       strstr(w->head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
}

bool ws_finish(struct ws *w)
{
	int64_t until = clock_after_ms(TIMEOUT_MS);

	while (!take_head(w)) {
		if (!wait_for(w->fd, POLLIN, until) || (!ws_fill(w) && !take_head(w)))
			return false;
	}
	return is_accepted(w);
}

bool ws_open(struct ws *w, uint16_t port, const struct ws_request *req)
{
	return ws_begin(w, port, req) && ws_finish(w);
}

void ws_close(struct ws *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->in);
	*w = (struct ws){.fd = -1};
}
