#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/users.h"

DB_QUERY(select_account,
         "SELECT " USERS_ACCOUNT_COLUMNS
         "  FROM users.sessions AS s JOIN users.accounts AS a ON a.id = s.account_id"
         " WHERE s.id = $2 AND s.account_id = $1");

status users_check_session(struct users *app, struct rpc_call *call,
                           const users_check_session_request *req,
                           users_check_session_response      *out_response)
{
	struct db_rows      *rows;
	struct users_account account;

	TRY(db_read(app->db, &call->arena, &select_account,
	            DB_ARGS(DB_I64(req->account_id), DB_I64(req->session_id)), &rows));
	if (db_rows_count(rows) == 0)
		return STATUS_OK;
	users_account_read(rows, 0, &account);
	out_response->is_alive = true;
	out_response->roles = users_account_role_list(&account, &call->arena);
	out_response->n_roles = account.n_roles;
	out_response->roles_version = account.version;
	return STATUS_OK;
}
