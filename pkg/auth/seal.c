#include "auth/seal.h"

/* A clock set back counts as time that is over, too. */
static bool is_fresh(const struct seal *s, int64_t version, int64_t now_s)
{
	return version == s->version && now_s < s->renew_s && now_s >= s->made_s;
}

status seal_get(struct seal *s, const struct identity_keys *keys, const struct identity *who,
                int64_t version, int64_t now_s, int64_t not_after,
                struct identity_sealed *out_sealed)
{
	int64_t until_s = now_s + IDENTITY_MAX_TTL_S;

	if (!is_fresh(s, version, now_s)) {
		s->renew_s = 0;
		arena_reset(&s->arena);
		TRY(identity_seal(keys, who, now_s, IDENTITY_MAX_TTL_S, not_after, &s->arena,
		                  &s->sealed));
		if (not_after && not_after < until_s)
			until_s = not_after;
		s->made_s = now_s;
		s->renew_s = now_s + (until_s - now_s) / 2;
		s->version = version;
	}
	*out_sealed = s->sealed;
	return STATUS_OK;
}

void seal_fini(struct seal *s)
{
	arena_fini(&s->arena);
}
