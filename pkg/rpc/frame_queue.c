#include "rpc/frame_queue.h"

#include "rpc/frame.h"

enum { KEPT_BYTES = 256 * 1024 };

void rpc_frame_queue_init(struct rpc_frame_queue *q, size_t max_bytes, uint32_t max_frames)
{
	*q = (struct rpc_frame_queue){.max_frames = max_frames};
	buf_init(&q->bytes, max_bytes);
}

void rpc_frame_queue_clear(struct rpc_frame_queue *q)
{
	size_t max_bytes = q->bytes.ceiling;

	buf_fini(&q->bytes);
	rpc_frame_queue_init(q, max_bytes, q->max_frames);
}

/* Gives room back that was taken from: all of it, or the front once it is the larger part. */
static void tidy(struct rpc_frame_queue *q)
{
	if (q->count == 0 && q->bytes.size > KEPT_BYTES) {
		rpc_frame_queue_clear(q);
	} else if (q->count == 0) {
		buf_reset(&q->bytes);
		q->at = 0;
	} else if (q->at > KEPT_BYTES && q->at > q->bytes.len / 2) {
		buf_consume(&q->bytes, q->at);
		q->at = 0;
	}
}

bool rpc_frame_queue_put(struct rpc_frame_queue *q, uint64_t id, str envelope)
{
	size_t room;

	tidy(q);
	room = q->bytes.ceiling - (q->bytes.len - q->at);
	if (q->count >= q->max_frames || room < RPC_FRAME_HEAD_BYTES ||
	    envelope.len > room - RPC_FRAME_HEAD_BYTES)
		return false;
	if (envelope.len + RPC_FRAME_HEAD_BYTES > q->bytes.ceiling - q->bytes.len) {
		buf_consume(&q->bytes, q->at);
		q->at = 0;
	}
	rpc_frame_put(&q->bytes, id, envelope);
	q->count++;
	return true;
}

bool rpc_frame_queue_take(struct rpc_frame_queue *q, uint64_t *out_id, str *out_frame)
{
	str rest, envelope;

	if (q->count == 0)
		return false;
	rest = str_from(buf_str(&q->bytes), q->at);
	*out_frame = rest;
	rpc_frame_next(&rest, out_id, &envelope);
	out_frame->len -= rest.len;
	q->at += out_frame->len;
	q->count--;
	return true;
}

size_t rpc_frame_queue_next_size(const struct rpc_frame_queue *q)
{
	uint64_t id;
	str      rest, envelope;

	if (q->count == 0)
		return 0;
	rest = str_from(buf_str(&q->bytes), q->at);
	rpc_frame_next(&rest, &id, &envelope);
	return RPC_FRAME_HEAD_BYTES + envelope.len;
}
