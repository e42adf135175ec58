/*
 * A connection of another nng client, over ipc or tcp as the first byte says. What comes in one
 * piece and what comes in small ones is taken for the same messages, each of which begins with the
 * words that end in one with its highest bit set.
 */
#include "test/fuzz/fuzz.h"

#include "base/buf.h"
#include "rpc/sp_conn.h"
#include "rpc/transport.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_INPUT = 64 * 1024, WORD_BYTES = 4 };

static void take_message(struct rpc_sp_conn *c, struct buf *messages)
{
	str words, body;

	rpc_sp_conn_message(c, &words, &body);
	fuzz_require(words.len > 0 && words.len % WORD_BYTES == 0 &&
	             words.len <= RPC_SP_MAX_WORDS * WORD_BYTES && body.len <= RPC_MAX_FRAME);
	for (size_t at = 0; at < words.len; at += WORD_BYTES)
		fuzz_require(((uint8_t)words.ptr[at] >> 7) == (at + WORD_BYTES == words.len));
	buf_put_u64(messages, words.len + body.len);
	buf_put(messages, words);
	buf_put(messages, body);
	rpc_sp_conn_next(c);
}

/* Reads until nothing is left; false once the connection is over. */
static int read_all(struct rpc_sp_conn *c, struct buf *messages)
{
	char peeked;

	while (recv(c->fd, &peeked, 1, MSG_PEEK | MSG_DONTWAIT) == 1) {
		enum rpc_sp_result result = rpc_sp_conn_read(c);

		if (result == RPC_SP_END)
			return 0;
		if (result == RPC_SP_MESSAGE)
			take_message(c, messages);
	}
	return 1;
}

static void feed(int is_ipc, str input, size_t piece, struct buf *messages)
{
	struct rpc_sp_conn c;
	int                ends[2];

	fuzz_require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	rpc_sp_conn_init(&c, ends[0], is_ipc);
	while (input.len > 0) {
		const size_t n = input.len < piece ? input.len : piece;

		fuzz_require(write(ends[1], input.ptr, n) == (ssize_t)n);
		if (!read_all(&c, messages))
			break;
		input = str_from(input, n);
	}
	rpc_sp_conn_fini(&c);
	close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces;

	if (size < 2 || size > MAX_INPUT)
		return 0;
	buf_init(&whole, SIZE_MAX);
	buf_init(&pieces, SIZE_MAX);
	feed(data[0] & 1, (str){(const char *)data + 1, size - 1}, size, &whole);
	feed(data[0] & 1, (str){(const char *)data + 1, size - 1}, (size_t)(data[0] >> 1) + 1,
	     &pieces);
	fuzz_require(whole.len == pieces.len &&
	             (whole.len == 0 || memcmp(whole.ptr, pieces.ptr, whole.len) == 0));
	buf_fini(&whole);
	buf_fini(&pieces);
	return 0;
}
