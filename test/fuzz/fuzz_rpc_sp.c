/*
 * A connection of another process, as the lowest two bits of the first byte say: over ipc or tcp,
 * and to a REP or a REQ end of ours. What comes in one piece and what comes in small ones is taken
 * for the same messages, each of which begins with the words that end in one with its highest bit
 * set.
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
static bool read_all(struct rpc_sp_conn *c, struct buf *messages)
{
	enum rpc_sp_result result;
	bool               came;

	do {
		came = rpc_sp_conn_fill(c);
		while ((result = rpc_sp_conn_look(c)) == RPC_SP_MESSAGE)
			take_message(c, messages);
	} while (came && result == RPC_SP_MORE);
	/* Whoever was broken off with stays so. */
	fuzz_require(result == rpc_sp_conn_look(c));
	return result == RPC_SP_MORE;
}

static void feed(uint8_t kind, str input, size_t piece, struct buf *messages)
{
	struct rpc_sp_conn c;
	int                ends[2];

	fuzz_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	rpc_sp_conn_init(&c, ends[0], NULL, kind & 2 ? RPC_SP_REQ : RPC_SP_REP, kind & 1,
	                 RPC_MAX_FRAME);
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
	feed(data[0], (str){(const char *)data + 1, size - 1}, size, &whole);
	feed(data[0], (str){(const char *)data + 1, size - 1}, (size_t)(data[0] >> 2) + 1, &pieces);
	fuzz_require(whole.len == pieces.len &&
	             (whole.len == 0 || memcmp(whole.ptr, pieces.ptr, whole.len) == 0));
	buf_fini(&whole);
	buf_fini(&pieces);
	return 0;
}
