/*
 * What a WebSocket client sends, as it comes and in small pieces, as the first byte says: the same
 * messages either way, none too long, texts in UTF-8, and nothing after the end.
 */
#include "test/fuzz/fuzz.h"

#include "base/buf.h"
#include "edge/ws_reader.h"

#include <string.h>

enum { MAX_INPUT = 256 * 1024 };

struct heard {
	struct buf             log;
	struct edge_ws_reader *reader;
	bool                   is_over;
};

/* RFC 3629 4. */
static bool is_utf8(str s)
{
	size_t i = 0;

	while (i < s.len) {
		uint8_t first = (uint8_t)s.ptr[i];
		size_t  n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

		if (first >= 0xf8 || (first >= 0x80 && first < 0xc2) || s.len - i < n)
			return false;
		for (size_t k = 1; k < n; k++)
			if (((uint8_t)s.ptr[i + k] & 0xc0) != 0x80)
				return false;
		if (first == 0xed && (uint8_t)s.ptr[i + 1] >= 0xa0)
			return false; /* a surrogate */
		i += n;
	}
	return true;
}

static void on_message(void *arg, str message, bool is_text)
{
	struct heard *h = arg;

	fuzz_require(!h->is_over && message.len <= EDGE_WS_MAX_MESSAGE);
	fuzz_require(!is_text || is_utf8(message));
	buf_put_u64(&h->log, message.len);
	buf_put_c(&h->log, is_text ? 't' : 'b');
	buf_put(&h->log, message);
}

/* Whole frames, unmasked; of what kinds a server answers with. */
static void on_reply(void *arg, str frames, bool is_close)
{
	struct heard *h = arg;
	size_t        at = 0;
	uint8_t       first = 0;

	fuzz_require(!h->is_over && frames.len >= 2);
	while (at < frames.len) {
		fuzz_require(frames.len - at >= 2);
		first = (uint8_t)frames.ptr[at];
		fuzz_require(first == 0x8a || first == 0x88);
		fuzz_require((uint8_t)frames.ptr[at + 1] <= 125);
		at += 2 + (size_t)(uint8_t)frames.ptr[at + 1];
	}
	fuzz_require(at == frames.len);
	fuzz_require(is_close == (first == 0x88));
	h->is_over = is_close;
}

static void feed(str input, size_t piece, struct heard *h)
{
	static const struct edge_ws_reader_ops ops = {.on_message = on_message,
	                                              .on_reply = on_reply};
	struct edge_ws_reader                  r;

	*h = (struct heard){.reader = &r};
	buf_init(&h->log, SIZE_MAX);
	edge_ws_reader_init(&r, &ops, h);
	while (input.len > 0) {
		const size_t n = input.len < piece ? input.len : piece;

		edge_ws_reader_feed(&r, (str){input.ptr, n});
		fuzz_require(edge_ws_reader_is_over(&r) == h->is_over);
		input = str_from(input, n);
	}
	edge_ws_reader_fini(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole, pieces;
	str          input = {(const char *)data + 1, size - 1};

	if (size < 2 || size > MAX_INPUT)
		return 0;
	feed(input, EDGE_WS_MAX_FEED, &whole);
	feed(input, (size_t)data[0] + 1, &pieces);
	/* Of the reason in a close wslay checks what comes with its first bytes: sooner or later it
	 * ends. */
	fuzz_require(whole.is_over || !pieces.is_over);
	fuzz_require(whole.log.len == pieces.log.len);
	fuzz_require(whole.log.len == 0 ||
	             memcmp(whole.log.ptr, pieces.log.ptr, whole.log.len) == 0);
	buf_fini(&whole.log);
	buf_fini(&pieces.log);
	return 0;
}
