#include "edge/internal.h"

#include "base/clock.h"

static status from_token(struct edge_exchange *ex, str token)
{
	struct rpc_call           *call = &ex->call;
	const struct token_claims *claims;
	int64_t                    now = clock_wall_us() / 1000000;
	str                       *roles;

	TRY(token_cache_verify(ex->edge->tokens, str_c(ex->edge->cfg->jwt_secret), token, now,
	                       &claims));
	roles = arena_alloc(&call->arena, (claims->n_roles + 1) * sizeof *roles);
	for (unsigned i = 0; i < claims->n_roles; i++)
		roles[i] = arena_dup(&call->arena, claims->roles[i]);
	call->who = (struct identity){.kind = IDENTITY_ACCOUNT,
	                              .account_id = claims->account_id,
	                              .session_id = claims->session_id,
	                              .name = arena_dup(&call->arena, claims->pseudo),
	                              .roles = roles,
	                              .n_roles = claims->n_roles};
	return identity_seal(ex->edge->host->keys, &call->who, now, IDENTITY_MAX_TTL_S,
	                     claims->expire_time, &call->arena, &call->sealed);
}

/* RFC 6750 2.1; the scheme's name has no case (RFC 9110 11.1). */
static bool cut_bearer(str header, str *out_token)
{
	str scheme, rest;

	if (!str_cut(header, ' ', &scheme, &rest) || !str_eq_nocase(scheme, STR("bearer")))
		return false;
	*out_token = str_trim(rest);
	return true;
}

status edge_authenticate(struct edge_exchange *ex, enum rpc_auth auth)
{
	str header = edge_exchange_header(ex, "authorization"), token;

	if (auth == RPC_AUTH_IGNORED || (auth == RPC_AUTH_PUBLIC && header.len == 0))
		return STATUS_OK;
	if (header.len == 0)
		return status_error(CODE_UNAUTHENTICATED, "a token is required");
	if (!cut_bearer(header, &token))
		return status_error(CODE_UNAUTHENTICATED, "the token must be sent as Bearer");
	TRY(from_token(ex, token));
	if (auth == RPC_AUTH_ADMIN && !identity_has_role(&ex->call.who, STR("admin")))
		return status_error(CODE_PERMISSION_DENIED, "only an admin may do this");
	return STATUS_OK;
}
