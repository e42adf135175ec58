#include "canaduck/incidents/v1/incidents.server.h"

#include "services/incidents/incidents.h"
#include "services/incidents/show.h"

enum { DEFAULT_LIMIT = 50 };

/* SQL: when an incident of the caller's went, and its number: what the list is ordered by. */
#define PLACE_OF(id)                                                                               \
	"(SELECT deleted_time, id FROM incidents.incidents WHERE id = " id " AND account_id = $1)"

/*
 * account, before or NULL, after or NULL, limit, offset; counted in the direction of the page,
 * which is shown with the last one first either way.
 */
/* clang-format off */
#define SELECT_PAGE(direction)                                                                     \
	"SELECT " INCIDENTS_ROW_COLUMNS                                                            \
	"  FROM (SELECT " INCIDENTS_ROW_RAW " FROM incidents.incidents"                                                \
	"         WHERE account_id = $1 AND deleted_time IS NOT NULL"                              \
	"           AND ($2::int8 IS NULL OR (deleted_time, id) < " PLACE_OF("$2") ")"             \
	"           AND ($3::int8 IS NULL OR (deleted_time, id) > " PLACE_OF("$3") ")"             \
	"         ORDER BY deleted_time " direction ", id " direction                              \
	"         LIMIT $4 OFFSET $5) AS i"                                                        \
	"  JOIN incidents.types AS t ON t.id = i.type_id"                                          \
	" ORDER BY i.deleted_time DESC, i.id DESC"
/* clang-format on */

DB_QUERY(select_last, SELECT_PAGE("DESC"));
DB_QUERY(select_next, SELECT_PAGE("ASC"));

status incidents_list_history(struct incidents *app, struct rpc_call *call,
                              const incidents_list_history_request *req,
                              incidents_list_history_response      *out_response)
{
	bool    has_before = incidents_list_history_request_has_before(req);
	bool    has_after = incidents_list_history_request_has_after(req);
	int64_t limit = incidents_list_history_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;
	struct incidents_row *incidents;
	struct db_rows       *rows;
	size_t                n;

	TRY(db_read(app->db, &call->arena, has_after && !has_before ? &select_next : &select_last,
	            DB_ARGS(DB_I64(call->who.account_id),
	                    has_before ? DB_I64(req->before) : DB_NULL,
	                    has_after ? DB_I64(req->after) : DB_NULL, DB_I64(limit),
	                    DB_I64(req->offset)),
	            &rows));
	incidents = incidents_row_read_all(rows, &call->arena, &n);
	return incidents_show(app, call, incidents, n, NULL, req->include, &out_response->incidents,
	                      &out_response->n_incidents);
}
