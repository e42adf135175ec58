#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "pb/mask.h"
#include "rpc/call.h"
#include "services/users/saved_route.h"
#include "services/users/users.h"

DB_QUERY(update_route, "UPDATE users.saved_routes AS r"
                       "   SET name = coalesce($3, name), lats = coalesce($4, lats),"
                       "       lons = coalesce($5, lons), updated_time = now()"
                       " WHERE r.account_id = $1 AND r.id = $2"
                       " RETURNING " USERS_SAVED_ROUTE_COLUMNS);

static bool has_name(const users_update_saved_route_request *req)
{
	return users_update_saved_route_request_has_name(req) && *req->name;
}

/* Neither can be taken away: null, "" and [] are no values of theirs. */
static status check_not_emptied(struct rpc_call *call, const users_update_saved_route_request *req)
{
	status st = STATUS_OK;

	if (pb_mask_has(req->update_mask, "name") && !has_name(req))
		st = rpc_call_invalid(call, "name", "must be at least 1 character");
	if (pb_mask_has(req->update_mask, "route") && req->n_route == 0)
		st = rpc_call_invalid(call, "route", "must have at least 1 item");
	return st;
}

status users_update_saved_route(struct users *app, struct rpc_call *call,
                                const users_update_saved_route_request *req,
                                users_saved_route                      *out_response)
{
	struct db_rows                 *rows;
	struct users_saved_route_points points =
	        users_saved_route_points(req->route, req->n_route, &call->arena);

	TRY(check_not_emptied(call, req));
	TRY(db_write(app->db, &call->arena, &update_route,
	             DB_ARGS(DB_I64(call->who.account_id), DB_I64(req->id),
	                     DB_CSTR_OR_NULL(has_name(req) ? req->name : NULL), points.lats,
	                     points.lons),
	             &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no saved route of that number");
	users_saved_route_read(rows, 0, &call->arena, out_response);
	return STATUS_OK;
}
