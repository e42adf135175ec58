/*
 * rpc/id_set.h - a set of call ids: what a link has under way.
 *
 * Open addressing, at most half full. Id 0 is no id.
 */
#ifndef RPC_ID_SET_H
#define RPC_ID_SET_H

#include <stdbool.h>
#include <stdint.h>

struct rpc_id_place {
	uint64_t id; /* 0: free */
	uint32_t tag;
};

struct rpc_id_set {
	struct rpc_id_place *places;
	uint32_t             size; /* a power of two, or 0 */
	uint32_t             count;
	uint32_t             cursor; /* where rpc_id_set_take() goes on */
};

/* Starts zeroed. Frees and empties; a zeroed set is fine. */
void rpc_id_set_fini(struct rpc_id_set *s);

/* Adds an id that is not in it, with tag 0. */
void rpc_id_set_add(struct rpc_id_set *s, uint64_t id);

/* What its owner notes beside an id, until the set changes; NULL when it is not in it. */
uint32_t *rpc_id_set_tag(struct rpc_id_set *s, uint64_t id);

/* Removes; false when it was not in it. */
bool rpc_id_set_remove(struct rpc_id_set *s, uint64_t id);

/* Removes any one, with its tag; false when it is empty. */
bool rpc_id_set_take(struct rpc_id_set *s, struct rpc_id_place *out);

#endif
