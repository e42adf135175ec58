#include "rpc/sp_conn.h"

#include "base/mem.h"
#include "rpc/transport.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	GREETING_BYTES = 8,
	IPC_MESSAGE = 1,
	WORD_BYTES = 4,
	LAST_WORD = 0x80, /* in its first byte */
	MAX_MESSAGE = RPC_MAX_FRAME + RPC_SP_MAX_WORDS * WORD_BYTES,
	CHUNK = 64 * 1024,
	READS = 16, /* before others have their turn */
	KEPT_BYTES = 256 * 1024
};

static const char req_greeting[] = "\0SP\0\0\x30\0", rep_greeting[] = "\0SP\0\0\x31\0";

_Static_assert(sizeof req_greeting == GREETING_BYTES && sizeof rep_greeting == GREETING_BYTES,
               "with the last zero");

void rpc_sp_conn_init(struct rpc_sp_conn *c, int fd, bool is_ipc)
{
	*c = (struct rpc_sp_conn){.fd = fd, .is_ipc = is_ipc};
	buf_init(&c->message, MAX_MESSAGE);
	buf_init(&c->out, SIZE_MAX);
	buf_put_bytes(&c->out, rep_greeting, sizeof rep_greeting);
}

void rpc_sp_conn_fini(struct rpc_sp_conn *c)
{
	close(c->fd);
	buf_fini(&c->message);
	buf_fini(&c->out);
}

/* Room that a large message took is given back. */
static void empty(struct buf *b)
{
	const size_t ceiling = b->ceiling;

	if (b->size > KEPT_BYTES) {
		buf_fini(b);
		buf_init(b, ceiling);
	}
	buf_reset(b);
}

/* ---- reading ---- */

static uint32_t head_bytes(const struct rpc_sp_conn *c)
{
	return c->is_greeted && c->is_ipc ? RPC_SP_HEAD_BYTES : GREETING_BYTES;
}

static bool take_greeting(struct rpc_sp_conn *c)
{
	c->is_greeted = true;
	c->head_len = 0;
	return memcmp(c->head, req_greeting, sizeof req_greeting) == 0;
}

static bool take_head(struct rpc_sp_conn *c)
{
	uint64_t length;

	memcpy(&length, c->head + (c->is_ipc ? 1 : 0), sizeof length);
	length = be64toh(length);
	if ((c->is_ipc && c->head[0] != IPC_MESSAGE) || length < WORD_BYTES || length > MAX_MESSAGE)
		return false;
	c->left = (size_t)length;
	return true;
}

/* The bytes of the words at the beginning; 0 when the last one does not come. */
static size_t words_len(str message)
{
	for (size_t n = 0; n < RPC_SP_MAX_WORDS && (n + 1) * WORD_BYTES <= message.len; n++)
		if ((uint8_t)message.ptr[n * WORD_BYTES] & LAST_WORD)
			return (n + 1) * WORD_BYTES;
	return 0;
}

static bool is_request(str message)
{
	const size_t n = words_len(message);

	return n > 0 && message.len - n <= RPC_MAX_FRAME;
}

/* Counts n bytes that were read, or says why none were. */
static enum rpc_sp_result take(struct rpc_sp_conn *c, bool is_body, ssize_t n)
{
	if (n == 0)
		return RPC_SP_END;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? RPC_SP_MORE : RPC_SP_END;
	if (is_body) {
		buf_commit(&c->message, (size_t)n);
		c->left -= (size_t)n;
		if (c->left > 0)
			return RPC_SP_MORE;
		return is_request(buf_str(&c->message)) ? RPC_SP_MESSAGE : RPC_SP_END;
	}
	c->head_len += (uint32_t)n;
	if (c->head_len < head_bytes(c))
		return RPC_SP_MORE;
	return (c->is_greeted ? take_head(c) : take_greeting(c)) ? RPC_SP_MORE : RPC_SP_END;
}

static enum rpc_sp_result read_some(struct rpc_sp_conn *c, bool *out_is_dry)
{
	const bool is_body = c->left > 0;
	size_t     n;
	char      *to;
	ssize_t    got;

	if (is_body) {
		n = c->left < CHUNK ? c->left : CHUNK;
		to = buf_reserve(&c->message, n);
		if (to == NULL)
			return RPC_SP_END;
	} else {
		n = head_bytes(c) - c->head_len;
		to = (char *)c->head + c->head_len;
	}
	got = recv(c->fd, to, n, MSG_DONTWAIT);
	*out_is_dry = got < (ssize_t)n;
	return take(c, is_body, got);
}

enum rpc_sp_result rpc_sp_conn_read(struct rpc_sp_conn *c)
{
	enum rpc_sp_result result = RPC_SP_MORE;
	bool               is_dry = false;

	for (int i = 0; i < READS && result == RPC_SP_MORE && !is_dry; i++)
		result = read_some(c, &is_dry);
	return result;
}

void rpc_sp_conn_message(const struct rpc_sp_conn *c, str *out_words, str *out_body)
{
	const str    message = buf_str(&c->message);
	const size_t n = words_len(message);

	*out_words = (str){message.ptr, n};
	*out_body = str_from(message, n);
}

void rpc_sp_conn_next(struct rpc_sp_conn *c)
{
	empty(&c->message);
	c->head_len = 0;
}

/* ---- writing ---- */

void rpc_sp_conn_put(struct rpc_sp_conn *c, str words, str body)
{
	const uint64_t length = htobe64(words.len + body.len);

	if (c->is_ipc)
		buf_put_c(&c->out, IPC_MESSAGE);
	buf_put_bytes(&c->out, &length, sizeof length);
	buf_put(&c->out, words);
	buf_put(&c->out, body);
}

bool rpc_sp_conn_write(struct rpc_sp_conn *c)
{
	while (rpc_sp_conn_unwritten(c) > 0) {
		const ssize_t n = send(c->fd, c->out.ptr + c->out_from, rpc_sp_conn_unwritten(c),
		                       MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		c->out_from += (size_t)n;
	}
	empty(&c->out);
	c->out_from = 0;
	return true;
}

size_t rpc_sp_conn_unwritten(const struct rpc_sp_conn *c)
{
	return c->out.len - c->out_from;
}

bool rpc_sp_conn_is_owed(const struct rpc_sp_conn *c)
{
	return !c->is_greeted || c->left > 0 || (c->head_len > 0 && c->head_len < head_bytes(c));
}
