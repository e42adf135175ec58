#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "pb/timestamp.h"
#include "rpc/call.h"
#include "services/users/saved_route.h"
#include "services/users/users.h"

/* clang-format off */
DB_QUERY(insert_route,
         "WITH owner AS (SELECT id FROM users.accounts WHERE id = $1 FOR KEY SHARE)"
         "INSERT INTO users.saved_routes AS r (account_id, name, lats, lons)"
         " SELECT id, $2, $3, $4 FROM owner"
         " RETURNING r.id, " DB_US("r.created_time") ", " DB_US("r.updated_time"));
/* clang-format on */

status users_create_saved_route(struct users *app, struct rpc_call *call,
                                const users_create_saved_route_request *req,
                                users_saved_route                      *out_response)
{
	struct db_rows                 *rows;
	struct users_saved_route_points points =
	        users_saved_route_points(req->route, req->n_route, &call->arena);

	TRY(db_write(
	        app->db, &call->arena, &insert_route,
	        DB_ARGS(DB_I64(call->who.account_id), DB_CSTR(req->name), points.lats, points.lons),
	        &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_PERMISSION_DENIED, "the account is gone");
	out_response->id = db_rows_i64(rows, 0, 0);
	out_response->name = req->name;
	out_response->route = req->route;
	out_response->n_route = req->n_route;
	out_response->created_at = pb_timestamp_from_us(&call->arena, db_rows_us(rows, 0, 1));
	out_response->updated_at = pb_timestamp_from_us(&call->arena, db_rows_us(rows, 0, 2));
	return STATUS_OK;
}
