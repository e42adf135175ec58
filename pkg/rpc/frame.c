#include "rpc/frame.h"

#include "rpc/transport.h"

#include <endian.h>
#include <string.h>

static uint32_t get_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

static uint64_t get_u64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return be64toh(v);
}

void rpc_message_put_head(struct buf *b, struct rpc_message_head head)
{
	const uint8_t  start[4] = {RPC_MESSAGE_VERSION, head.flags};
	const uint32_t acked = htobe32(head.acked);

	buf_put_bytes(b, start, sizeof start);
	buf_put_bytes(b, &acked, sizeof acked);
}

void rpc_frame_put(struct buf *b, uint64_t id, str envelope)
{
	const uint32_t len = htobe32((uint32_t)envelope.len);
	const uint64_t wire_id = htobe64(id);

	buf_put_bytes(b, &len, sizeof len);
	buf_put_bytes(b, &wire_id, sizeof wire_id);
	buf_put(b, envelope);
}

bool rpc_frame_next(str *frames, uint64_t *out_id, str *out_envelope)
{
	if (frames->len == 0)
		return false;
	*out_id = get_u64(frames->ptr + 4);
	*out_envelope = (str){frames->ptr + RPC_FRAME_HEAD_BYTES, get_u32(frames->ptr)};
	*frames = str_from(*frames, RPC_FRAME_HEAD_BYTES + out_envelope->len);
	return true;
}

static bool is_well_formed(str frames)
{
	unsigned count = 0;
	uint64_t id;
	str      envelope;

	while (frames.len > 0) {
		if (frames.len < RPC_FRAME_HEAD_BYTES || count++ == RPC_MESSAGE_MAX_FRAMES)
			return false;
		if (get_u32(frames.ptr) > RPC_MAX_FRAME ||
		    get_u32(frames.ptr) > frames.len - RPC_FRAME_HEAD_BYTES)
			return false;
		rpc_frame_next(&frames, &id, &envelope);
		if (id == 0)
			return false;
	}
	return true;
}

status rpc_message_read(str body, struct rpc_message_head *out_head, str *out_frames)
{
	str frames;

	if (body.len < RPC_MESSAGE_HEAD_BYTES)
		return status_error(CODE_INVALID_ARGUMENT, "the message is cut short");
	if (body.ptr[0] != RPC_MESSAGE_VERSION)
		return status_error(CODE_INVALID_ARGUMENT, "the message is of another version");
	frames = str_from(body, RPC_MESSAGE_HEAD_BYTES);
	if (!is_well_formed(frames))
		return status_error(CODE_INVALID_ARGUMENT, "the message is malformed");
	*out_head = (struct rpc_message_head){(uint8_t)body.ptr[1], get_u32(body.ptr + 4)};
	*out_frames = frames;
	return STATUS_OK;
}
