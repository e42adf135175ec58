#include "canaduck/users/v1/users.server.h"

#include "auth/password.h"
#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/session.h"
#include "services/users/throttle.h"
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
	const struct db_query    *query; /* that finds the account */
	str                       name;  /* for it; folded */
	int64_t                   account_id;
	str                       password_hash; /* that matched */
	struct users_session_pair pair;
};

static status wrong(void)
{
	return status_error(CODE_UNAUTHENTICATED, "unknown account or wrong password");
}

static status read_name(struct login *l, const users_login_request *req)
{
	const char *name = *req->handle ? req->handle : req->pseudo;

	l->query = *req->email ? &select_by_email : &select_by_pseudo;
	if (*req->email)
		name = req->email;
	if (*name == '\0')
		return rpc_call_invalid(l->call, "email", "is required, or handle, or pseudo");
	l->name = users_account_fold(str_c(name), &l->call->arena);
	return STATUS_OK;
}

static status open_session(struct db_tx *tx, void *arg)
{
	struct login        *l = arg;
	struct db_rows      *rows;
	struct users_account account;

	TRY(users_throttle_check_again(tx, l->call, l->name));
	TRY(db_tx_query(tx, &lock_account,
	                DB_ARGS(DB_I64(l->account_id), DB_TEXT(l->password_hash)), &rows));
	if (db_rows_count(rows) == 0)
		return wrong();
	TRY(users_account_get(tx, l->account_id, &account));
	return users_session_open(l->app, l->call, tx, &account, &l->pair);
}

/* Whether the account exists must not show: neither in the answer nor in its time. */
static status verify(struct login *l, const char *password)
{
	struct db_rows *rows;
	bool            matches;

	TRY(db_read(l->app->db, &l->call->arena, l->query, DB_ARGS(DB_TEXT(l->name)), &rows));
	if (db_rows_count(rows) > 0)
		l->password_hash = db_rows_str(rows, 0, 1);
	TRY(password_verify(l->app->offload, &l->app->password_cost, l->password_hash,
	                    str_c(password), &matches));
	if (!matches) {
		TRY(users_throttle_fail(l->app, l->call, l->name));
		return wrong();
	}
	l->account_id = db_rows_i64(rows, 0, 0);
	return STATUS_OK;
}

status users_login(struct users *app, struct rpc_call *call, const users_login_request *req,
                   users_login_response *out_response)
{
	struct login l = {.app = app, .call = call};

	TRY(read_name(&l, req));
	TRY(users_throttle_check(app, call, l.name));
	TRY(verify(&l, req->password));
	TRY(db_tx_run(app->db, &call->arena, open_session, &l));
	out_response->access_token = l.pair.access_token;
	out_response->refresh_token = l.pair.refresh_token;
	out_response->token = l.pair.access_token;
	return STATUS_OK;
}
