/*
 * auth/token.h - access tokens: JWT HS256, signed by users, verified by the edge.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/seal.h"
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

enum { TOKEN_MAX_BYTES = 8192, TOKEN_MAX_ROLES = 64, TOKEN_LEEWAY_S = 5 };

struct token_claims {
	int64_t    account_id; /* sub (as text) and userId */
	int64_t    session_id; /* sid */
	str        pseudo;
	const str *roles; /* "user", "admin", ...; role is ROLE_ADMIN if admin is among them */
	unsigned   n_roles;
	int64_t    issued_time, expire_time; /* iat, exp; seconds since 1970 */
};

/* Signs; the text is in the arena. INTERNAL when the secret is shorter than 32 bytes. */
must_check status token_sign(str secret, const struct token_claims *claims, struct arena *a,
                             str *out_token);

/*
 * Verifies signature, algorithm (HS256 only), exp, iat and nbf with TOKEN_LEEWAY_S, and the types
 * of all claims. UNAUTHENTICATED, whose message says "expired" or "invalid", nothing finer;
 * INTERNAL when the secret is shorter than 32 bytes.
 */
must_check status token_verify(str secret, str token, int64_t now_s, struct arena *a,
                               struct token_claims *out_claims);

/* The claims' time is over, leeway included. */
bool token_is_expired(const struct token_claims *claims, int64_t now_s);

/*
 * A cache of verified tokens, one a loop: verifying costs more than the rest of a request.
 * Bounded; the oldest of a bucket goes. Keyed by a keyed hash of the whole token, compared whole.
 * A cache serves one secret.
 */
struct token_cache;

struct token_cache *token_cache_new(unsigned max_entries);
void                token_cache_free(struct token_cache *c);

/* A verified token, and beside it room for the seal of who it names: the caller's to use. */
struct token_verified {
	struct token_claims claims;
	struct seal         seal;
};

/* Like token_verify(), from the cache where it can; an expired entry is not used. *out_verified is
 * borrowed until the next call on this cache. */
must_check status token_cache_verify(struct token_cache *c, str secret, str token, int64_t now_s,
                                     struct token_verified **out_verified);

#endif
