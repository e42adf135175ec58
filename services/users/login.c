#include "canaduck/users/v1/users.server.h"

#include "auth/password.h"
#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/session.h"
#include "services/users/users.h"

DB_QUERY(select_by_pseudo, "SELECT id, password_hash FROM users.accounts WHERE pseudo = $1");
DB_QUERY(select_by_email,
         "SELECT id, password_hash FROM users.accounts WHERE lower(email) = lower($1)");
/* No row either when the password was changed since it was checked. */
DB_QUERY(lock_account, "SELECT FROM users.accounts WHERE id = $1 AND password_hash = $2"
                       " FOR NO KEY UPDATE");

struct login {
	struct users             *app;
	struct rpc_call          *call;
	int64_t                   account_id;
	str                       password_hash; /* that matched */
	struct users_session_pair session;
};

static status wrong(void)
{
	return status_error(CODE_UNAUTHENTICATED, "unknown account or wrong password");
}

static status find(struct users *app, struct rpc_call *call, const users_login_request *req,
                   struct db_rows **out_rows)
{
	const char *name = *req->handle ? req->handle : req->pseudo;

	if (*req->email)
		return db_read(app->db, &call->arena, &select_by_email,
		               DB_ARGS(DB_CSTR(req->email)), out_rows);
	if (*name)
		return db_read(app->db, &call->arena, &select_by_pseudo,
		               DB_ARGS(DB_TEXT(users_account_fold(str_c(name), &call->arena))),
		               out_rows);
	return rpc_call_invalid(call, "email", "is required, or handle, or pseudo");
}

static status open_session(struct db_tx *tx, void *arg)
{
	struct login        *l = arg;
	struct db_rows      *rows;
	struct users_account account;

	TRY(db_tx_query(tx, &lock_account,
	                DB_ARGS(DB_I64(l->account_id), DB_TEXT(l->password_hash)), &rows));
	if (db_rows_count(rows) == 0)
		return wrong();
	TRY(users_account_get(tx, l->account_id, &account));
	return users_session_open(l->app, l->call, tx, &account, &l->session);
}

status users_login(struct users *app, struct rpc_call *call, const users_login_request *req,
                   users_login_response *out_response)
{
	struct login    l = {.app = app, .call = call};
	struct db_rows *rows;
	bool            matches;

	TRY(find(app, call, req, &rows));
	if (db_rows_count(rows) > 0)
		l.password_hash = db_rows_str(rows, 0, 1);
	TRY(password_verify(app->offload, &app->password_cost, l.password_hash,
	                    str_c(req->password), &matches));
	if (!matches)
		return wrong();
	l.account_id = db_rows_i64(rows, 0, 0);
	TRY(db_tx_run(app->db, &call->arena, open_session, &l));
	out_response->access_token = l.session.access_token;
	out_response->refresh_token = l.session.refresh_token;
	out_response->token = l.session.access_token;
	return STATUS_OK;
}
