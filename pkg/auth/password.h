/*
 * auth/password.h - Argon2id on the offload pool, bounded in memory by the pool's threads.
 */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct offload; /* fiber/offload.h */

struct password_cost {
	uint32_t memory_kib; /* at least 8 */
	uint32_t passes;     /* at least 1 */
};

/* Hashes; the text ($argon2id$...) is in the arena. Suspends the fiber. UNAVAILABLE when busy. */
must_check status password_hash(struct offload *o, const struct password_cost *cost, str password,
                                struct arena *a, str *out_hash);

/*
 * Compares. An empty hash stands for an account that does not exist: then a hash of the same cost
 * is computed all the same, so that both take the same time, and the answer is false.
 */
must_check status password_verify(struct offload *o, const struct password_cost *cost, str hash,
                                  str password, bool *out_matches);

#endif
