#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/users.h"

DB_QUERY(delete_route, "DELETE FROM users.saved_routes WHERE account_id = $1 AND id = $2");

status users_delete_saved_route(struct users *app, struct rpc_call *call,
                                const users_delete_saved_route_request *req,
                                users_delete_saved_route_response      *out_response
                                __attribute__((unused)))
{
	struct db_rows *rows;

	TRY(db_write(app->db, &call->arena, &delete_route,
	             DB_ARGS(DB_I64(call->who.account_id), DB_I64(req->id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no saved route of that number");
	return STATUS_OK;
}
