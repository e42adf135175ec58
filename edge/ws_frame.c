#include "edge/ws_frame.h"

#include "base/mem.h"

#include <string.h>

/* RFC 6455 5.2: the first byte with FIN, the length as it stands or in 16 or 64 bits. */
enum {
	FIN = 0x80,
	TEXT = 0x1,
	CLOSE = 0x8,
	PING = 0x9,
	MAX_SHORT = 125,
	IN_16_BITS = 126,
	IN_64_BITS = 127,
	MAX_HEADER = 10
};

static struct edge_ws_frame *new_frame(size_t len)
{
	struct edge_ws_frame *f = mem_alloc(sizeof *f + len);

	f->refs = 1;
	f->len = (uint32_t)len;
	return f;
}

static size_t put_header(char *out, uint8_t opcode, size_t len)
{
	unsigned n_bytes = len <= MAX_SHORT ? 0 : len <= UINT16_MAX ? 2 : 8;

	out[0] = (char)(FIN | opcode);
	out[1] = (char)(n_bytes == 0 ? len : n_bytes == 2 ? IN_16_BITS : IN_64_BITS);
	for (unsigned i = 0; i < n_bytes; i++)
		out[2 + i] = (char)((uint64_t)len >> 8 * (n_bytes - 1 - i));
	return 2 + n_bytes;
}

static struct edge_ws_frame *make(uint8_t opcode, str payload)
{
	char                  header[MAX_HEADER];
	size_t                n = put_header(header, opcode, payload.len);
	struct edge_ws_frame *f = new_frame(n + payload.len);

	memcpy(f->bytes, header, n);
	if (payload.len > 0)
		memcpy(f->bytes + n, payload.ptr, payload.len);
	return f;
}

struct edge_ws_frame *edge_ws_frame_text(str text)
{
	return make(TEXT, text);
}

struct edge_ws_frame *edge_ws_frame_ping(void)
{
	return make(PING, (str){0});
}

struct edge_ws_frame *edge_ws_frame_close(uint16_t code, str reason)
{
	char   payload[2 + EDGE_WS_MAX_REASON];
	size_t len = reason.len < EDGE_WS_MAX_REASON ? reason.len : EDGE_WS_MAX_REASON;

	payload[0] = (char)(code >> 8);
	payload[1] = (char)code;
	if (len > 0)
		memcpy(payload + 2, reason.ptr, len);
	return make(CLOSE, (str){payload, 2 + len});
}

struct edge_ws_frame *edge_ws_frame_raw(str bytes)
{
	struct edge_ws_frame *f = new_frame(bytes.len);

	if (bytes.len > 0)
		memcpy(f->bytes, bytes.ptr, bytes.len);
	return f;
}

struct edge_ws_frame *edge_ws_frame_ref(struct edge_ws_frame *f)
{
	f->refs++;
	return f;
}

void edge_ws_frame_unref(struct edge_ws_frame *f)
{
	if (--f->refs == 0)
		mem_free(f);
}
