#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "pb/timestamp.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/users.h"

DB_QUERY(select_seen,
         "SELECT pseudo, " DB_US("last_seen_time") " FROM users.accounts WHERE pseudo = $1");

status users_seen(struct users *app, struct rpc_call *call, const users_seen_request *req,
                  users_seen_response *out_response)
{
	struct db_rows *rows;
	str             pseudo = users_account_fold(str_c(req->pseudo), &call->arena);

	TRY(db_read(app->db, &call->arena, &select_seen, DB_ARGS(DB_TEXT(pseudo)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	out_response->pseudo = db_rows_cstr(rows, 0, 0);
	out_response->last_seen = pb_timestamp_from_us(&call->arena, db_rows_us(rows, 0, 1));
	return STATUS_OK;
}
