#include "services/users/session.h"

#include "auth/secret.h"
#include "auth/token.h"
#include "base/clock.h"
#include "db/db.h"
#include "services/users/users.h"

enum { MAX_USER_AGENT = 256 };

DB_QUERY(insert_session,
         "WITH seen AS ("
         "  UPDATE users.accounts SET last_seen_time = now() WHERE id = $1 RETURNING id"
         ")"
         "INSERT INTO users.sessions"
         "  (account_id, refresh_hash, user_agent, address, expire_time)"
         "  SELECT id, $2, $3, $4, now() + make_interval(days => $5::int4) FROM seen"
         "  RETURNING id");

/* The bytes of a user agent are a stranger's: cut at a character's start. */
static str cut(str s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.ptr[max] & 0xc0) == 0x80)
		max--;
	return (str){s.ptr, max};
}

static status insert(struct users *app, struct rpc_call *call, struct db_tx *tx,
                     const struct users_account *account, str refresh_token, int64_t *out_id)
{
	uint8_t         hash[32];
	struct db_rows *rows;

	secret_hash(refresh_token, hash);
	TRY(db_tx_query(
	        tx, &insert_session,
	        DB_ARGS(DB_I64(account->id), DB_BYTES(((str){(const char *)hash, sizeof hash})),
	                DB_TEXT(cut(call->user_agent, MAX_USER_AGENT)),
	                DB_TEXT(call->client_address), DB_I64((int64_t)app->cfg->refresh_ttl_days)),
	        &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no such account");
	*out_id = db_rows_i64(rows, 0, 0);
	return STATUS_OK;
}

status users_session_open(struct users *app, struct rpc_call *call, struct db_tx *tx,
                          const struct users_account *account, struct users_session *out_session)
{
	int64_t             now = clock_wall_us() / 1000000;
	str                 refresh_token = secret_token(&call->arena), access_token;
	struct token_claims claims = {
	        .account_id = account->id,
	        .pseudo = str_c(account->pseudo),
	        .roles = account->roles,
	        .n_roles = (unsigned)account->n_roles,
	        .issued_time = now,
	        .expire_time = now + (int64_t)app->cfg->jwt_ttl_s,
	};

	TRY(insert(app, call, tx, account, refresh_token, &claims.session_id));
	TRY(token_sign(str_c(app->cfg->jwt_secret), &claims, &call->arena, &access_token));
	out_session->access_token = arena_cstr(&call->arena, access_token);
	out_session->refresh_token = arena_cstr(&call->arena, refresh_token);
	return STATUS_OK;
}
