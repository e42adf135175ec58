#include "rpc/sp_conn.h"

#include "base/mem.h"
#include "loop/loop.h"
#include "rpc/sp_tls.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	GREETING_BYTES = 8,
	LENGTH_BYTES = 8,
	IPC_MESSAGE = 1,
	WORD_BYTES = 4,
	LAST_WORD = 0x80, /* in its first byte */
	MAX_WORDS_BYTES = RPC_SP_MAX_WORDS * WORD_BYTES,
	CHUNK = 64 * 1024, /* not less than a record of TLS, see sp_tls.c */
	LARGE_CHUNK = 256 * 1024,
	READS = 16, /* before others have their turn */
	KEPT_BYTES = 256 * 1024,
	/* When the kernel looks whether a silent machine is still there. */
	IDLE_S = 10,
	PROBE_S = 5,
	PROBES = 3
};

/* What either end says first. */
static const char greetings[][GREETING_BYTES] = {
        [RPC_SP_REQ] = "\0SP\0\0\x30\0",
        [RPC_SP_REP] = "\0SP\0\0\x31\0",
};

static void set(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof value);
}

void rpc_sp_conn_init(struct rpc_sp_conn *c, int fd, struct ssl_st *ssl, enum rpc_sp_end end,
                      bool is_ipc, size_t max_body)
{
	*c = (struct rpc_sp_conn){
	        .fd = fd, .ssl = ssl, .end = end, .is_ipc = is_ipc, .max_body = max_body};
	buf_init(&c->in, 2 * LARGE_CHUNK + MAX_WORDS_BYTES + max_body);
	buf_init(&c->out, SIZE_MAX);
	buf_put_bytes(&c->out, greetings[end], GREETING_BYTES);
	if (is_ipc)
		return;
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_S);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
}

void rpc_sp_conn_fini(struct rpc_sp_conn *c)
{
	rpc_sp_tls_close(c->ssl);
	close(c->fd);
	buf_fini(&c->in);
	buf_fini(&c->out);
}

unsigned rpc_sp_conn_awaits(const struct rpc_sp_conn *c)
{
	bool writes = rpc_sp_conn_unwritten(c) > 0;

	if (c->ssl && !rpc_sp_tls_is_open(c->ssl))
		writes = rpc_sp_tls_wants_room(c->ssl);
	return LOOP_READ | (writes ? LOOP_WRITE : 0);
}

/* Room that a large message took is given back. */
static void empty(struct buf *b)
{
	if (b->size > KEPT_BYTES)
		buf_fini(b);
	buf_reset(b);
}

/* ---- reading ---- */

static size_t here(const struct rpc_sp_conn *c)
{
	return c->in.len - c->in_from;
}

static size_t head_bytes(const struct rpc_sp_conn *c)
{
	return LENGTH_BYTES + (c->is_ipc ? 1 : 0);
}

static bool has_message(const struct rpc_sp_conn *c)
{
	return c->whole > 0 && here(c) >= c->whole;
}

static ssize_t receive(struct rpc_sp_conn *c, size_t n)
{
	char *to = buf_reserve(&c->in, n);

	if (to == NULL)
		return 0;
	return c->ssl ? rpc_sp_tls_recv(c->ssl, to, n) : recv(c->fd, to, n, MSG_DONTWAIT);
}

/* False when there is no more now. */
static bool fill_once(struct rpc_sp_conn *c)
{
	const size_t missing = c->whole > here(c) ? c->whole - here(c) : 0;
	const size_t n = missing > LARGE_CHUNK ? LARGE_CHUNK : missing > CHUNK ? missing : CHUNK;
	ssize_t      got;

	got = receive(c, n);
	c->is_over = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
	if (got <= 0)
		return false;
	buf_commit(&c->in, (size_t)got);
	/* A record of TLS is all that one call gives. */
	return c->ssl || (size_t)got == n;
}

bool rpc_sp_conn_fill(struct rpc_sp_conn *c)
{
	size_t had;

	if (c->in_from > 0)
		buf_consume(&c->in, c->in_from);
	c->in_from = 0;
	had = c->in.len;
	for (int i = 0; i < READS && !c->is_over && !has_message(c); i++)
		if (!fill_once(c) || rpc_sp_conn_look(c) == RPC_SP_END)
			break;
	return c->in.len > had;
}

/* Whoever breaks the rules is heard no more. */
static enum rpc_sp_result break_off(struct rpc_sp_conn *c)
{
	c->is_over = true;
	c->in.len = c->in_from;
	c->whole = 0;
	return RPC_SP_END;
}

static enum rpc_sp_result wait_for_more(const struct rpc_sp_conn *c)
{
	return c->is_over ? RPC_SP_END : RPC_SP_MORE;
}

static bool take_greeting(struct rpc_sp_conn *c)
{
	const char *expected = greetings[c->end == RPC_SP_REQ ? RPC_SP_REP : RPC_SP_REQ];

	if (memcmp(c->in.ptr + c->in_from, expected, GREETING_BYTES) != 0)
		return false;
	c->in_from += GREETING_BYTES;
	c->is_greeted = true;
	return true;
}

static bool take_head(struct rpc_sp_conn *c)
{
	const char *head = c->in.ptr + c->in_from;
	uint64_t    length;

	if (c->is_ipc && *head++ != IPC_MESSAGE)
		return false;
	memcpy(&length, head, sizeof length);
	length = be64toh(length);
	if (length < WORD_BYTES || length > c->max_body + MAX_WORDS_BYTES)
		return false;
	c->whole = head_bytes(c) + (size_t)length;
	return true;
}

static str message(const struct rpc_sp_conn *c)
{
	return (str){c->in.ptr + c->in_from + head_bytes(c), c->whole - head_bytes(c)};
}

/* The bytes of the words at the beginning; 0 when the last one does not come. */
static size_t words_len(str m)
{
	for (size_t n = 0; n < RPC_SP_MAX_WORDS && (n + 1) * WORD_BYTES <= m.len; n++)
		if ((uint8_t)m.ptr[n * WORD_BYTES] & LAST_WORD)
			return (n + 1) * WORD_BYTES;
	return 0;
}

static bool is_well_formed(const struct rpc_sp_conn *c)
{
	const str    m = message(c);
	const size_t n = words_len(m);

	return n > 0 && m.len - n <= c->max_body;
}

enum rpc_sp_result rpc_sp_conn_look(struct rpc_sp_conn *c)
{
	if (!c->is_greeted) {
		if (here(c) < GREETING_BYTES)
			return wait_for_more(c);
		if (!take_greeting(c))
			return break_off(c);
	}
	if (c->whole == 0) {
		if (here(c) < head_bytes(c))
			return wait_for_more(c);
		if (!take_head(c))
			return break_off(c);
	}
	if (!has_message(c))
		return wait_for_more(c);
	return is_well_formed(c) ? RPC_SP_MESSAGE : break_off(c);
}

void rpc_sp_conn_message(const struct rpc_sp_conn *c, str *out_words, str *out_body)
{
	const str    m = message(c);
	const size_t n = words_len(m);

	*out_words = (str){m.ptr, n};
	*out_body = str_from(m, n);
}

void rpc_sp_conn_next(struct rpc_sp_conn *c)
{
	c->in_from += c->whole;
	c->whole = 0;
	if (here(c) > 0)
		return;
	c->in_from = 0;
	empty(&c->in);
}

bool rpc_sp_conn_is_owed(const struct rpc_sp_conn *c)
{
	return !c->is_greeted || (here(c) > 0 && !has_message(c));
}

/* ---- writing ---- */

struct buf *rpc_sp_conn_begin(struct rpc_sp_conn *c, str words)
{
	static const char no_length[LENGTH_BYTES];

	c->begun = c->out.len;
	if (c->is_ipc)
		buf_put_c(&c->out, IPC_MESSAGE);
	buf_put_bytes(&c->out, no_length, sizeof no_length);
	buf_put(&c->out, words);
	return &c->out;
}

void rpc_sp_conn_end(struct rpc_sp_conn *c)
{
	const size_t   head = c->begun + head_bytes(c);
	const uint64_t length = htobe64(c->out.len - head);

	memcpy(c->out.ptr + head - LENGTH_BYTES, &length, sizeof length);
}

void rpc_sp_conn_undo(struct rpc_sp_conn *c)
{
	c->out.len = c->begun;
}

void rpc_sp_conn_put(struct rpc_sp_conn *c, str words, str body)
{
	buf_put(rpc_sp_conn_begin(c, words), body);
	rpc_sp_conn_end(c);
}

static ssize_t transmit(struct rpc_sp_conn *c)
{
	const char  *from = c->out.ptr + c->out_from;
	const size_t n = rpc_sp_conn_unwritten(c);

	return c->ssl ? rpc_sp_tls_send(c->ssl, from, n)
	              : send(c->fd, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* What was written is forgotten, once that is worth it. */
static void tidy(struct rpc_sp_conn *c)
{
	if (rpc_sp_conn_unwritten(c) == 0)
		empty(&c->out);
	else if (c->out_from > KEPT_BYTES && c->out_from > c->out.len / 2)
		buf_consume(&c->out, c->out_from);
	else
		return;
	c->out_from = 0;
}

bool rpc_sp_conn_write(struct rpc_sp_conn *c)
{
	bool is_fine = true;

	while (rpc_sp_conn_unwritten(c) > 0) {
		const ssize_t n = transmit(c);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			is_fine = n < 0 && errno == EAGAIN;
			break;
		}
		c->out_from += (size_t)n;
		c->written += (uint64_t)n;
	}
	tidy(c);
	return is_fine;
}

size_t rpc_sp_conn_unwritten(const struct rpc_sp_conn *c)
{
	return c->out.len - c->out_from;
}
