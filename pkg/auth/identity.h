/*
 * auth/identity.h - who calls, sealed so that each service can verify it by itself.
 *
 * The packed Identity (canaduck.rpc.v1) and an HMAC-SHA-256 over key id and those very bytes
 * travel together; they are checked as received, before anything is unpacked.
 */
#ifndef AUTH_IDENTITY_H
#define AUTH_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

enum identity_kind { IDENTITY_ANONYMOUS, IDENTITY_ACCOUNT, IDENTITY_SERVICE };

struct identity {
	enum identity_kind kind;
	int64_t            account_id; /* ACCOUNT */
	int64_t            session_id;
	str                name; /* pseudo at log-in, or the service's name */
	const str         *roles;
	unsigned           n_roles;
	int64_t            expire_time; /* seconds since 1970; of the seal */
};

bool identity_has_role(const struct identity *who, str role);

struct identity_sealed {
	str identity; /* packed */
	str mac;      /* 32 bytes */
};

enum {
	IDENTITY_KEY_BYTES = 32,
	IDENTITY_MAX_TTL_S = 60,
	IDENTITY_MAX_ROLES = 64,
	IDENTITY_LEEWAY_S = 5,
};

/* Keys that seal and verify; the previous one only verifies. */
struct identity_keys {
	uint8_t  current[IDENTITY_KEY_BYTES], previous[IDENTITY_KEY_BYTES];
	uint32_t current_id, previous_id; /* previous_id 0: none */
};

/*
 * Derives a key by HKDF-SHA-256(secret, info "identity v1"); its id is taken from its hash.
 * previous may be empty.
 */
void identity_keys_derive(str secret, str previous, struct identity_keys *out_keys);

/*
 * Seals for ttl_s seconds, at most IDENTITY_MAX_TTL_S, never past not_after (seconds since 1970;
 * 0: no bound). Bytes are in the arena. An anonymous caller seals to empty slices.
 */
must_check status identity_seal(const struct identity_keys *keys, const struct identity *who,
                                int64_t now_s, int64_t ttl_s, int64_t not_after, struct arena *a,
                                struct identity_sealed *out_sealed);

/*
 * Verifies in constant time and opens; empty slices are an anonymous caller. UNAUTHENTICATED when
 * the seal is wrong, unknown, for another audience, or out of its time (5 s of leeway).
 */
must_check status identity_open(const struct identity_keys *keys, struct identity_sealed sealed,
                                int64_t now_s, struct arena *a, struct identity *out_who);

#endif
