#include "canaduck/users/v1/users.server.h"

#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/session.h"
#include "services/users/users.h"

DB_QUERY(select_session, "SELECT id, account_id FROM users.sessions"
                         " WHERE refresh_hash = $1 AND expire_time > now()");

struct refresh {
	struct users    *app;
	struct rpc_call *call;
	str              token;
	char            *access_token;
};

static status unknown(void)
{
	return status_error(CODE_UNAUTHENTICATED, "the refresh token is unknown or over");
}

/* The account is locked before its session, as everywhere; so the session is looked at twice. */
static status refresh(struct db_tx *tx, void *arg)
{
	struct refresh      *r = arg;
	struct users_account account;
	struct db_rows      *rows;
	status               st;

	TRY(db_tx_query(tx, &select_session,
	                DB_ARGS(DB_BYTES(users_session_hash(r->token, &r->call->arena))), &rows));
	if (db_rows_count(rows) == 0)
		return unknown();
	st = users_account_lock(tx, db_rows_i64(rows, 0, 1), &account);
	if (st.code == CODE_NOT_FOUND)
		return unknown();
	TRY(st);
	return users_session_refresh(r->app, r->call, tx, &account, db_rows_i64(rows, 0, 0),
	                             r->token, &r->access_token);
}

status users_refresh(struct users *app, struct rpc_call *call, const users_refresh_request *req,
                     users_tokens *out_response)
{
	struct refresh r = {.app = app, .call = call, .token = str_c(req->token)};

	TRY(db_tx_run(app->db, &call->arena, refresh, &r));
	out_response->access_token = r.access_token;
	out_response->refresh_token = req->token;
	return STATUS_OK;
}
