#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/users.h"

/* Going offline is the last that is seen of somebody, and coming back the next. */
DB_QUERY(update_status, "UPDATE users.accounts"
                        "   SET status = $2, updated_time = now(),"
                        "       last_seen_time = CASE"
                        "         WHEN status = 'offline' AND $2 = 'offline' THEN last_seen_time"
                        "         ELSE greatest(last_seen_time, now()) END"
                        " WHERE id = $1"
                        " RETURNING pseudo, status");

status users_set_status(struct users *app, struct rpc_call *call,
                        const users_set_status_request *req,
                        users_set_status_response      *out_response)
{
	struct db_rows *rows;

	TRY(db_write(app->db, &call->arena, &update_status,
	             DB_ARGS(DB_I64(call->who.account_id), DB_CSTR(req->status)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_PERMISSION_DENIED, "the account is gone");
	out_response->pseudo = db_rows_cstr(rows, 0, 0);
	out_response->status = db_rows_cstr(rows, 0, 1);
	return STATUS_OK;
}
