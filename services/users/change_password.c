#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "services/users/password_change.h"

DB_QUERY(select_account, "SELECT id FROM users.accounts WHERE pseudo = $1");

static status check_own(struct users *app, struct rpc_call *call, const char *pseudo)
{
	str             name = users_account_fold(str_c(pseudo), &call->arena);
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_account, DB_ARGS(DB_TEXT(name)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	if (db_rows_i64(rows, 0, 0) != call->who.account_id)
		return status_error(CODE_PERMISSION_DENIED, "the account is somebody else's");
	return STATUS_OK;
}

status users_change_password(struct users *app, struct rpc_call *call,
                             const users_change_password_request *req,
                             users_change_password_response      *out_response)
{
	struct users_password_change change = {.old_password = req->old_password,
	                                       .new_password = req->new_password,
	                                       .field = "new_password"};

	TRY(check_own(app, call, req->pseudo));
	TRY(users_password_change_run(app, call, &change));
	out_response->pseudo = change.account.pseudo;
	return STATUS_OK;
}
