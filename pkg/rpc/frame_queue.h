/*
 * rpc/frame_queue.h - frames that wait for a message to travel in, first in, first out.
 */
#ifndef RPC_FRAME_QUEUE_H
#define RPC_FRAME_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct rpc_frame_queue {
	struct buf bytes; /* frames as they travel */
	size_t     at;    /* where the first one begins */
	uint32_t   count, max_frames;
};

void rpc_frame_queue_init(struct rpc_frame_queue *q, size_t max_bytes, uint32_t max_frames);
/* Frees and empties; usable again. */
void rpc_frame_queue_clear(struct rpc_frame_queue *q);

/* Appends a copy; false, with nothing stored, when it is full. */
bool rpc_frame_queue_put(struct rpc_frame_queue *q, uint64_t id, str envelope);

/*
 * Takes the first frame; false when none waits. The whole frame, as it travels, is borrowed until
 * the queue changes otherwise than by taking.
 */
bool rpc_frame_queue_take(struct rpc_frame_queue *q, uint64_t *out_id, str *out_frame);

/* The first frame's size as it travels; 0 when none waits. */
size_t rpc_frame_queue_next_size(const struct rpc_frame_queue *q);

#endif
