#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/caller.h"
#include "services/users/users.h"

DB_QUERY(select_account,
         "SELECT " USERS_ACCOUNT_COLUMNS " FROM users.accounts AS a WHERE a.id = $1");

status users_get_user(struct users *app, struct rpc_call *call, const users_get_user_request *req,
                      users_user *out_response)
{
	struct db_rows      *rows;
	struct users_account account;

	TRY(users_caller_read_admin(app, call));
	TRY(db_read(app->db, &call->arena, &select_account, DB_ARGS(DB_I64(req->id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no such account");
	users_account_read(rows, 0, &account);
	users_account_to_user(&account, &call->arena, out_response);
	return STATUS_OK;
}
