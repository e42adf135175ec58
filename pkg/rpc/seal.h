/*
 * rpc/seal.h - the sealed identity of a calling service, kept and made afresh at half its time.
 */
#ifndef RPC_SEAL_H
#define RPC_SEAL_H

#include "auth/identity.h"
#include "base/arena.h"

struct rpc_seal {
	const struct identity_keys *keys; /* NULL: goes unsealed, as anonymous */
	str                         name;
	struct arena                arena; /* holds the name */
	struct arena                held;  /* holds what is sealed */
	struct identity_sealed      sealed;
	int64_t                     renew_s; /* 0: none yet */
};

void rpc_seal_init(struct rpc_seal *s, const struct identity_keys *keys, str name);
void rpc_seal_fini(struct rpc_seal *s);

/* Borrowed until the next call of it. */
must_check status rpc_seal_get(struct rpc_seal *s, int64_t now_s,
                               struct identity_sealed *out_sealed);

#endif
