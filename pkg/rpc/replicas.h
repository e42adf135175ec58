/*
 * rpc/replicas.h - which replica of a service a client calls.
 *
 * The better of two at random by calls in flight. One that failed is left out for a while that
 * doubles, as long as another one is up: a replica in doubt is still better than none.
 */
#ifndef RPC_REPLICAS_H
#define RPC_REPLICAS_H

#include <stdint.h>

#include "rpc/transport.h"

enum { RPC_MAX_REPLICAS = 64, RPC_MIN_BACKOFF_MS = 50, RPC_MAX_BACKOFF_MS = 1000 };

struct rpc_client;

struct rpc_replica {
	struct rpc_client *client;
	struct rpc_link   *link;
	uint32_t           in_flight;
	uint32_t           backoff_ms; /* of its last failure; 0: it works */
	int64_t            left_out_until_ns;
};

struct rpc_replicas {
	struct rpc_replica *items[RPC_MAX_REPLICAS];
	unsigned            count;
	uint32_t            random; /* not 0 */
};

/* One that is up and is not `not_this` (NULL: any); NULL when there is none. */
struct rpc_replica *rpc_replicas_pick(struct rpc_replicas *s, const struct rpc_replica *not_this,
                                      int64_t now_ns);

/* It failed a call: leaves it out for a while. */
void rpc_replica_failed(struct rpc_replica *r, int64_t now_ns);

/* It answered, or came up. */
void rpc_replica_worked(struct rpc_replica *r);

#endif
