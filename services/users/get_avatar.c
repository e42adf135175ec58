#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/avatar.h"
#include "services/users/users.h"

DB_QUERY(select_picture,
         "SELECT " USERS_ACCOUNT_COLUMNS " FROM users.accounts AS a WHERE a.pseudo = $1");

status users_get_avatar(struct users *app, struct rpc_call *call,
                        const users_get_avatar_request *req,
                        users_get_avatar_response      *out_response)
{
	struct db_rows      *rows;
	struct users_account account;
	str                  pseudo = users_account_fold(str_c(req->pseudo), &call->arena);

	TRY(db_read(app->db, &call->arena, &select_picture, DB_ARGS(DB_TEXT(pseudo)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	users_account_read(rows, 0, &account);
	out_response->pseudo = account.pseudo;
	out_response->avatar = users_avatar(&account, &call->arena);
	return STATUS_OK;
}
