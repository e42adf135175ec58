#include "rpc/replicas.h"

#include "base/clock.h"

#include <stddef.h>

void rpc_replica_failed(struct rpc_replica *r, int64_t now_ns)
{
	/* Calls that fail together are one failure. */
	if (r->left_out_until_ns > now_ns)
		return;
	r->backoff_ms = r->backoff_ms ? r->backoff_ms * 2 : RPC_MIN_BACKOFF_MS;
	if (r->backoff_ms > RPC_MAX_BACKOFF_MS)
		r->backoff_ms = RPC_MAX_BACKOFF_MS;
	r->left_out_until_ns = now_ns + r->backoff_ms * CLOCK_NS_PER_MS;
}

void rpc_replica_worked(struct rpc_replica *r)
{
	r->backoff_ms = 0;
	r->left_out_until_ns = 0;
}

/* Xorshift: spreads calls, guards nothing. */
static uint32_t next_random(struct rpc_replicas *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 17;
	s->random ^= s->random << 5;
	return s->random;
}

static struct rpc_replica *better_of_two(struct rpc_replicas *s, struct rpc_replica **from,
                                         unsigned n)
{
	struct rpc_replica *a, *b;

	if (n == 0)
		return NULL;
	a = from[next_random(s) % n];
	b = from[next_random(s) % n];
	return b->in_flight < a->in_flight ? b : a;
}

struct rpc_replica *rpc_replicas_pick(struct rpc_replicas *s, const struct rpc_replica *not_this,
                                      int64_t now_ns)
{
	struct rpc_replica *good[RPC_MAX_REPLICAS], *in_doubt[RPC_MAX_REPLICAS];
	unsigned            n_good = 0, n_in_doubt = 0;

	for (unsigned i = 0; i < s->count; i++) {
		struct rpc_replica *r = s->items[i];

		if (r == not_this || !r->link->is_up)
			continue;
		if (r->left_out_until_ns > now_ns)
			in_doubt[n_in_doubt++] = r;
		else
			good[n_good++] = r;
	}
	return n_good > 0 ? better_of_two(s, good, n_good) : better_of_two(s, in_doubt, n_in_doubt);
}
