/*
 * rpc/lane.h - frames in one buffer, one after another: what travels in one go inside a process.
 */
#ifndef RPC_LANE_H
#define RPC_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct rpc_lane {
	struct buf bytes;
	uint32_t   count, max_frames;
};

void rpc_lane_init(struct rpc_lane *l, size_t max_bytes, uint32_t max_frames);
void rpc_lane_fini(struct rpc_lane *l);

/* Appends a copy; false, with nothing stored, when it is full. */
bool rpc_lane_put(struct rpc_lane *l, uint64_t id, str envelope);

/*
 * Reads the frame at *at, which starts at 0, and moves it on; false at the end. The envelope is
 * borrowed until the lane changes.
 */
bool rpc_lane_next(const struct rpc_lane *l, size_t *at, uint64_t *out_id, str *out_envelope);

/* Exchanges contents, not limits: how a reader takes all in one go. */
void rpc_lane_swap(struct rpc_lane *a, struct rpc_lane *b);

/* Empties, keeping memory of ordinary size. */
void rpc_lane_clear(struct rpc_lane *l);

#endif
