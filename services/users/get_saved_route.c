#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/saved_route.h"
#include "services/users/users.h"

DB_QUERY(select_route, "SELECT " USERS_SAVED_ROUTE_COLUMNS " FROM users.saved_routes AS r"
                       " WHERE r.account_id = $1 AND r.id = $2");

status users_get_saved_route(struct users *app, struct rpc_call *call,
                             const users_get_saved_route_request *req,
                             users_saved_route                   *out_response)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_route,
	            DB_ARGS(DB_I64(call->who.account_id), DB_I64(req->id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no saved route of that number");
	users_saved_route_read(rows, 0, &call->arena, out_response);
	return STATUS_OK;
}
