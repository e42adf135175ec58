#include "services/users/session.h"

#include "auth/secret.h"
#include "auth/token.h"
#include "base/clock.h"
#include "db/db.h"
#include "services/users/caller.h"
#include "services/users/presence.h"
#include "services/users/users.h"

enum { MAX_USER_AGENT = 256, US_PER_S = 1000000 };

DB_QUERY(insert_session,
         "WITH seen AS ("
         "  UPDATE users.accounts SET " USERS_PRESENCE_SEEN_NOW " WHERE id = $1 RETURNING id"
         ")"
         "INSERT INTO users.sessions"
         "  (account_id, refresh_hash, user_agent, address, expire_time, access_expire_time)"
         "  SELECT id, $2, $3, $4, now() + make_interval(days => $5::int4), to_timestamp($6::int8)"
         "    FROM seen"
         "  RETURNING id");

DB_QUERY(renew_session,
         "UPDATE users.sessions"
         "   SET refresh_hash = $3, expire_time = now() + make_interval(days => $4::int4),"
         "       access_expire_time = greatest(access_expire_time, to_timestamp($5::int8)),"
         "       last_used_time = now()"
         " WHERE id = $1 AND account_id = $2");

DB_QUERY(use_session,
         "WITH seen AS (UPDATE users.accounts SET " USERS_PRESENCE_SEEN_NOW " WHERE id = $2)"
         "UPDATE users.sessions"
         "   SET access_expire_time = greatest(access_expire_time, to_timestamp($4::int8)),"
         "       last_used_time = now()"
         " WHERE id = $1 AND account_id = $2 AND refresh_hash = $3 AND expire_time > now()");

/* Whoever opens one takes away a few that are over, once no access token of theirs is left. */
DB_QUERY(prune, "DELETE FROM users.sessions WHERE id IN ("
                "  SELECT id FROM users.sessions"
                "   WHERE expire_time < now() AND access_expire_time < now()"
                "   ORDER BY expire_time LIMIT 16 FOR UPDATE SKIP LOCKED)");

/* The bytes of a user agent are a stranger's: cut at a character's start. */
static str cut(str s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.ptr[max] & 0xc0) == 0x80)
		max--;
	return (str){s.ptr, max};
}

str users_session_hash(str refresh_token, struct arena *a)
{
	uint8_t *hash = arena_alloc(a, USERS_SESSION_HASH_BYTES);

	secret_hash(refresh_token, hash);
	return (str){(const char *)hash, USERS_SESSION_HASH_BYTES};
}

users_tokens *users_session_tokens(const struct users_session_pair *pair, struct arena *a)
{
	users_tokens *tokens = arena_alloc(a, sizeof *tokens);

	users_tokens_init(tokens);
	tokens->access_token = pair->access_token;
	tokens->refresh_token = pair->refresh_token;
	return tokens;
}

/* Claims of a token from now on; the session is still to be filled in. */
static struct token_claims claims_of(const struct users *app, const struct users_account *account)
{
	int64_t now = clock_wall_us() / US_PER_S;

	return (struct token_claims){
	        .account_id = account->id,
	        .pseudo = str_c(account->pseudo),
	        .roles = account->roles,
	        .n_roles = (unsigned)account->n_roles,
	        .issued_time = now,
	        .expire_time = now + (int64_t)app->cfg->jwt_ttl_s,
	};
}

static status sign(const struct users *app, struct rpc_call *call,
                   const struct token_claims *claims, char **out_access_token)
{
	str token;

	TRY(token_sign(str_c(app->cfg->jwt_secret), claims, &call->arena, &token));
	*out_access_token = arena_cstr(&call->arena, token);
	return STATUS_OK;
}

status users_session_open(struct users *app, struct rpc_call *call, struct db_tx *tx,
                          const struct users_account *account,
                          struct users_session_pair  *out_session)
{
	struct token_claims claims = claims_of(app, account);
	str                 refresh_token = secret_token(&call->arena);
	struct db_rows     *rows;

	TRY(db_tx_query(tx, &prune, DB_NO_ARGS, NULL));
	TRY(db_tx_query(tx, &insert_session,
	                DB_ARGS(DB_I64(account->id),
	                        DB_BYTES(users_session_hash(refresh_token, &call->arena)),
	                        DB_TEXT(cut(call->user_agent, MAX_USER_AGENT)),
	                        DB_TEXT(call->client_address),
	                        DB_I64((int64_t)app->cfg->refresh_ttl_days),
	                        DB_I64(claims.expire_time)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no such account");
	claims.session_id = db_rows_i64(rows, 0, 0);
	out_session->refresh_token = arena_cstr(&call->arena, refresh_token);
	return sign(app, call, &claims, &out_session->access_token);
}

status users_session_renew(struct users *app, struct rpc_call *call, struct db_tx *tx,
                           const struct users_account *account,
                           struct users_session_pair  *out_session)
{
	struct token_claims claims = claims_of(app, account);
	str                 refresh_token = secret_token(&call->arena);
	struct db_rows     *rows;

	claims.session_id = call->who.session_id;
	TRY(db_tx_query(tx, &renew_session,
	                DB_ARGS(DB_I64(claims.session_id), DB_I64(account->id),
	                        DB_BYTES(users_session_hash(refresh_token, &call->arena)),
	                        DB_I64((int64_t)app->cfg->refresh_ttl_days),
	                        DB_I64(claims.expire_time)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return users_caller_session_ended();
	out_session->refresh_token = arena_cstr(&call->arena, refresh_token);
	return sign(app, call, &claims, &out_session->access_token);
}

status users_session_refresh(struct users *app, struct rpc_call *call, struct db_tx *tx,
                             const struct users_account *account, int64_t session_id,
                             str refresh_token, char **out_access_token)
{
	struct token_claims claims = claims_of(app, account);
	struct db_rows     *rows;

	claims.session_id = session_id;
	TRY(db_tx_query(tx, &use_session,
	                DB_ARGS(DB_I64(session_id), DB_I64(account->id),
	                        DB_BYTES(users_session_hash(refresh_token, &call->arena)),
	                        DB_I64(claims.expire_time)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_UNAUTHENTICATED, "the refresh token is unknown or over");
	return sign(app, call, &claims, out_access_token);
}
