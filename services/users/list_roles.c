#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/users.h"

DB_QUERY(select_roles,
         "SELECT " USERS_ACCOUNT_COLUMNS " FROM users.accounts AS a WHERE a.pseudo = $1");

status users_list_roles(struct users *app, struct rpc_call *call,
                        const users_list_roles_request *req,
                        users_list_roles_response      *out_response)
{
	struct db_rows      *rows;
	struct users_account account;
	str                  pseudo = users_account_fold(str_c(req->pseudo), &call->arena);

	TRY(db_read(app->db, &call->arena, &select_roles, DB_ARGS(DB_TEXT(pseudo)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	users_account_read(rows, 0, &account);
	out_response->roles = users_account_role_list(&account, &call->arena);
	out_response->n_roles = account.n_roles;
	return STATUS_OK;
}
