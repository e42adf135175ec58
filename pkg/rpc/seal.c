#include "rpc/seal.h"

enum { CEILING = 4096 };

void rpc_seal_init(struct rpc_seal *s, const struct identity_keys *keys, str name)
{
	*s = (struct rpc_seal){.keys = keys};
	arena_init(&s->arena, CEILING);
	arena_init(&s->held, CEILING);
	s->name = arena_dup(&s->arena, name);
}

void rpc_seal_fini(struct rpc_seal *s)
{
	arena_fini(&s->held);
	arena_fini(&s->arena);
}

status rpc_seal_get(struct rpc_seal *s, int64_t now_s, struct identity_sealed *out_sealed)
{
	const struct identity me = {.kind = IDENTITY_SERVICE, .name = s->name};

	if (s->keys == NULL) {
		*out_sealed = (struct identity_sealed){0};
		return STATUS_OK;
	}
	/* A clock set back counts as time that is over, too. */
	if (now_s >= s->renew_s || now_s < s->renew_s - IDENTITY_MAX_TTL_S) {
		arena_reset(&s->held);
		s->renew_s = 0;
		TRY(identity_seal(s->keys, &me, now_s, IDENTITY_MAX_TTL_S, 0, &s->held,
		                  &s->sealed));
		s->renew_s = now_s + IDENTITY_MAX_TTL_S / 2;
	}
	*out_sealed = s->sealed;
	return STATUS_OK;
}
