#include "services/users/password_change.h"

#include "auth/password.h"
#include "services/users/caller.h"
#include "services/users/change.h"
#include "services/users/revocation.h"
#include "services/users/throttle.h"

DB_QUERY(select_password, "SELECT pseudo, password_hash FROM users.accounts WHERE id = $1");

/* No row when somebody changed it since the old one was checked. */
DB_QUERY(update_password, "UPDATE users.accounts SET password_hash = $3, updated_time = now()"
                          " WHERE id = $1 AND password_hash = $2");

struct work {
	struct users                 *app;
	struct rpc_call              *call;
	struct users_password_change *change;
	str                           pseudo, old_hash, new_hash;
};

static status wrong(void)
{
	return status_error(CODE_PERMISSION_DENIED, "the old password is wrong");
}

static status verify(struct work *w)
{
	struct arena   *a = &w->call->arena;
	struct db_rows *rows;
	bool            matches;

	TRY(db_read(w->app->db, a, &select_password, DB_ARGS(DB_I64(w->call->who.account_id)),
	            &rows));
	if (db_rows_count(rows) == 0)
		return users_caller_session_ended();
	w->pseudo = db_rows_str(rows, 0, 0);
	w->old_hash = db_rows_str(rows, 0, 1);
	TRY(users_throttle_check(w->app, w->call, w->pseudo));
	TRY(password_verify(w->app->offload, &w->app->password_cost, w->old_hash,
	                    str_c(w->change->old_password), &matches));
	if (matches)
		return STATUS_OK;
	TRY(users_throttle_fail(w->app, w->call, w->pseudo));
	return wrong();
}

static status store(struct db_tx *tx, void *arg)
{
	struct work    *w = arg;
	int64_t         account_id = w->call->who.account_id;
	struct db_rows *rows;

	TRY(users_throttle_check_again(tx, w->call, w->pseudo));
	TRY(users_caller_lock(tx, w->call, &w->change->account));
	TRY(db_tx_query(tx, &update_password,
	                DB_ARGS(DB_I64(account_id), DB_TEXT(w->old_hash), DB_TEXT(w->new_hash)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return wrong();
	TRY(users_account_get(tx, account_id, &w->change->account));
	TRY(users_revocation_end_all(tx, w->call, account_id, w->call->who.session_id));
	if (!w->change->has_fresh_pair)
		return STATUS_OK;
	return users_session_renew(w->app, w->call, tx, &w->change->account, &w->change->pair);
}

status users_password_change_run(struct users *app, struct rpc_call *call,
                                 struct users_password_change *change)
{
	struct work w = {.app = app, .call = call, .change = change};

	if (str_eq(str_c(change->old_password), str_c(change->new_password)))
		return rpc_call_invalid(call, change->field, "must differ from the old one");
	TRY(verify(&w));
	TRY(password_hash(app->offload, &app->password_cost, str_c(change->new_password),
	                  &call->arena, &w.new_hash));
	return users_change_run(app, call, store, &w);
}
