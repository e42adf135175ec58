#include "edge/internal.h"

#include "base/clock.h"

static struct identity name(const struct token_claims *claims, struct arena *a)
{
	str *roles = arena_alloc(a, (claims->n_roles + 1) * sizeof *roles);

	for (unsigned i = 0; i < claims->n_roles; i++)
		roles[i] = arena_dup(a, claims->roles[i]);
	return (struct identity){.kind = IDENTITY_ACCOUNT,
	                         .account_id = claims->account_id,
	                         .session_id = claims->session_id,
	                         .name = arena_dup(a, claims->pseudo),
	                         .roles = roles,
	                         .n_roles = claims->n_roles};
}

/* The token is believed but for what happened since it was given out. */
static status apply(const struct edge_standing *standing, struct identity *who)
{
	if (standing->is_ended)
		return status_error(CODE_PERMISSION_DENIED, "the session has ended");
	if (standing->roles_version) {
		who->roles = standing->roles;
		who->n_roles = (unsigned)standing->n_roles;
	}
	return STATUS_OK;
}

/* The events of users do not tell how its session stands: it is asked. */
static status ask(struct edge *e, struct rpc_call *call, int64_t now_s, int64_t expire_time)
{
	struct edge_standing standing;

	TRY(edge_session_asks_ask(&e->asks, call->who.account_id, call->who.session_id,
	                          &call->arena, &standing));
	TRY(apply(&standing, &call->who));
	return identity_seal(e->host->keys, &call->who, now_s, IDENTITY_MAX_TTL_S, expire_time,
	                     &call->arena, &call->sealed);
}

status edge_identify(struct edge *e, const struct identity *token, int64_t expire_time,
                     struct rpc_call *call)
{
	int64_t              now_s = clock_wall_us() / 1000000;
	struct edge_standing standing;

	call->who = *token;
	if (!edge_sessions_look(e->host->sessions, token->account_id, token->session_id,
	                        &call->arena, &standing))
		return ask(e, call, now_s, expire_time);
	TRY(apply(&standing, &call->who));
	return identity_seal(e->host->keys, &call->who, now_s, IDENTITY_MAX_TTL_S, expire_time,
	                     &call->arena, &call->sealed);
}

status edge_authenticate_token(struct edge_exchange *ex, str token)
{
	struct edge           *e = ex->edge;
	struct rpc_call       *call = &ex->call;
	int64_t                now_s = clock_wall_us() / 1000000;
	struct token_verified *verified;
	struct identity_sealed sealed;
	struct edge_standing   standing;

	TRY(token_cache_verify(e->tokens, str_c(e->cfg->jwt_secret), token, now_s, &verified));
	call->who = name(&verified->claims, &call->arena);
	ex->token_expire_time = verified->claims.expire_time;
	if (!edge_sessions_look(e->host->sessions, call->who.account_id, call->who.session_id,
	                        &call->arena, &standing)) {
		TRY(ask(e, call, now_s, ex->token_expire_time));
		/* What of the request lies with h2o is gone with its client. */
		return ex->req ? STATUS_OK : status_error(CODE_CANCELLED, "the client left");
	}
	TRY(apply(&standing, &call->who));
	TRY(seal_get(&verified->seal, e->host->keys, &call->who, standing.roles_version, now_s,
	             verified->claims.expire_time, &sealed));
	call->sealed = (struct identity_sealed){arena_dup(&call->arena, sealed.identity),
	                                        arena_dup(&call->arena, sealed.mac)};
	return STATUS_OK;
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
	TRY(edge_authenticate_token(ex, token));
	if (auth == RPC_AUTH_ADMIN && !identity_has_role(&ex->call.who, STR("admin")))
		return status_error(CODE_PERMISSION_DENIED, "only an admin may do this");
	return STATUS_OK;
}
