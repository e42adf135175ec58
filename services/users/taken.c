#include "services/users/taken.h"

DB_QUERY(select_taken, "SELECT EXISTS (SELECT FROM users.accounts"
                       "                WHERE pseudo = $1 AND id <> $3),"
                       "       EXISTS (SELECT FROM users.accounts"
                       "                WHERE lower(email) = lower($2) AND id <> $3)");

status users_taken_check_reserved(struct rpc_call *call, str pseudo)
{
	if (str_eq(pseudo, STR("me")) || str_eq(pseudo, STR("deleted")))
		return rpc_call_refuse(call, CODE_ALREADY_EXISTS, "pseudo", "is taken");
	return STATUS_OK;
}

status users_taken_explain(struct users *app, struct rpc_call *call, int64_t account_id, str pseudo,
                           str email)
{
	status          st = status_error(CODE_ABORTED, "the other account went away meanwhile");
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_taken,
	            DB_ARGS(DB_TEXT(pseudo), DB_TEXT(email), DB_I64(account_id)), &rows));
	if (db_rows_bool(rows, 0, 1))
		st = rpc_call_refuse(call, CODE_ALREADY_EXISTS, "email", "is taken");
	if (db_rows_bool(rows, 0, 0))
		st = rpc_call_refuse(call, CODE_ALREADY_EXISTS, "pseudo", "is taken");
	return st;
}
