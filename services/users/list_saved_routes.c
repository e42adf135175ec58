#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/saved_route.h"
#include "services/users/users.h"

/* One route has 10,000 points at most: a page holds one however long it is. */
enum { DEFAULT_LIMIT = 50, MAX_POINTS = 50000 };

/* The points are counted in the direction of the page, which is shown newest first either way. */
/* clang-format off */
#define SELECT_PAGE(direction)                                                                     \
	"SELECT " USERS_SAVED_ROUTE_COLUMNS                                                        \
	"  FROM (SELECT id, sum(n_points) OVER (ORDER BY id " direction ") AS n_points"            \
	"          FROM (SELECT id, n_points FROM users.saved_routes"                              \
	"                 WHERE account_id = $1 AND id < $2 AND id > $3"                           \
	"                 ORDER BY id " direction " LIMIT $4 OFFSET $5) AS page"                   \
	"       ) AS counted"                                                                      \
	"  JOIN users.saved_routes AS r ON r.account_id = $1 AND r.id = counted.id"                \
	" WHERE counted.n_points <= $6"                                                            \
	" ORDER BY r.id DESC"
/* clang-format on */

DB_QUERY(select_newest, SELECT_PAGE("DESC"));
DB_QUERY(select_next, SELECT_PAGE("ASC"));

static status select_page(struct users *app, struct rpc_call *call,
                          const users_list_saved_routes_request *req, struct db_rows **out_rows)
{
	bool    has_before = users_list_saved_routes_request_has_before(req);
	bool    has_after = users_list_saved_routes_request_has_after(req);
	int64_t limit = users_list_saved_routes_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;

	return db_read(
	        app->db, &call->arena, has_after && !has_before ? &select_next : &select_newest,
	        DB_ARGS(DB_I64(call->who.account_id), DB_I64(has_before ? req->before : INT64_MAX),
	                DB_I64(has_after ? req->after : 0), DB_I64(limit), DB_I64(req->offset),
	                DB_I64(MAX_POINTS)),
	        out_rows);
}

status users_list_saved_routes(struct users *app, struct rpc_call *call,
                               const users_list_saved_routes_request *req,
                               users_list_saved_routes_response      *out_response)
{
	struct db_rows     *rows;
	users_saved_route **routes;
	size_t              n;

	TRY(select_page(app, call, req, &rows));
	n = db_rows_count(rows);
	routes = arena_alloc(&call->arena, (n + 1) * sizeof(*routes));
	for (size_t i = 0; i < n; i++) {
		routes[i] = arena_alloc(&call->arena, sizeof **routes);
		users_saved_route_init(routes[i]);
		users_saved_route_read(rows, i, &call->arena, routes[i]);
	}
	out_response->routes = routes;
	out_response->n_routes = n;
	return STATUS_OK;
}
