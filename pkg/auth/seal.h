/*
 * auth/seal.h - a sealed identity that is kept, and made afresh when half of its time is over.
 */
#ifndef AUTH_SEAL_H
#define AUTH_SEAL_H

#include "auth/identity.h"

/* A zeroed one is empty. */
struct seal {
	struct arena           arena; /* of what is sealed */
	struct identity_sealed sealed;
	int64_t                made_s, renew_s; /* 0: none yet */
	int64_t                version;
};

/*
 * Seals who, or gives what was sealed before. not_after as in identity_seal(). version: grows with
 * what is known of who; another one than before is sealed afresh. Borrowed until the next call of
 * it.
 */
must_check status seal_get(struct seal *s, const struct identity_keys *keys,
                           const struct identity *who, int64_t version, int64_t now_s,
                           int64_t not_after, struct identity_sealed *out_sealed);

void seal_fini(struct seal *s);

#endif
