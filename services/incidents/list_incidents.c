/*
 * Design notes. Where no more are there than are wanted, they are sorted by their true distances.
 * Else the index gives the nearest, but by distances over a sphere, which differ from true ones by
 * up to a half per cent: so the farthest of those bounds a second search. All true nearest are
 * within that distance, and few others.
 */
#include "canaduck/incidents/v1/incidents.server.h"

#include "services/incidents/incidents.h"
#include "services/incidents/show.h"

enum { DEFAULT_LIMIT = 1000 };

/* Beyond these, a search may take long. */
enum { QUICK_LIMIT = 1000, QUICK_RADIUS_M = 50000 };

/*
 * SQL: distances are rounded to less than that, and so is where in the index a place of two
 * longitudes is: a smaller circle might miss what is in its middle.
 */
#define ROUNDING_M "0.001"

/* clang-format off */
#define PLACE INCIDENTS_ROW_PLACE("$1", "$2")

#define IS_WANTED                                                                                  \
	" i.deleted_time IS NULL AND ($4::int8 IS NULL OR i.type_id = $4)"

/* latitude, longitude, metres, type or NULL, how many */
DB_QUERY(select_nearest,
         "WITH inside AS MATERIALIZED ("
         "  SELECT i.id, ST_Distance(i.place, " PLACE ") AS metres FROM incidents.incidents AS i"
         "   WHERE" IS_WANTED
         "     AND ST_DWithin(i.place, " PLACE ", greatest($3::float8, " ROUNDING_M "))"
         "   LIMIT $5::int8 + 1),"
         " near AS MATERIALIZED ("
         "  SELECT ST_Distance(i.place, " PLACE ") AS metres FROM incidents.incidents AS i"
         "   WHERE (SELECT count(*) FROM inside) > $5::int8 AND" IS_WANTED
         "   ORDER BY i.place <-> " PLACE " LIMIT $5::int8),"
         " found AS ("
         "  SELECT id, metres FROM inside WHERE (SELECT count(*) FROM inside) <= $5::int8"
         "  UNION ALL"
         "  SELECT i.id, ST_Distance(i.place, " PLACE ") FROM incidents.incidents AS i"
         "   WHERE (SELECT count(*) FROM inside) > $5::int8 AND" IS_WANTED
         "     AND ST_DWithin(i.place, " PLACE ", (SELECT max(metres) + " ROUNDING_M " FROM near)))"
         " SELECT " INCIDENTS_ROW_COLUMNS ", found.metres"
         "  FROM (SELECT id, metres FROM found ORDER BY metres, id LIMIT $5::int8) AS found"
         "  JOIN incidents.incidents AS i ON i.id = found.id"
         "  JOIN incidents.types AS t ON t.id = i.type_id"
         " ORDER BY found.metres, found.id");

DB_QUERY(select_type, "SELECT id FROM incidents.types WHERE id = $1");
/* clang-format on */

static status check_type(struct incidents *app, struct rpc_call *call, struct db_arg type_id)
{
	struct db_rows *rows;

	if (type_id.type == DB_ARG_NULL)
		return STATUS_OK;
	TRY(db_read(app->db, &call->arena, &select_type, DB_ARGS(type_id), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no type of that number");
	return STATUS_OK;
}

static status select_rows(struct incidents *app, struct rpc_call *call,
                          const incidents_list_incidents_request *req, struct db_arg type_id,
                          struct db_rows **out_rows)
{
	int64_t limit =
	        incidents_list_incidents_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;
	bool is_quick = limit <= QUICK_LIMIT && req->radius <= QUICK_RADIUS_M;

	return (is_quick ? db_read
	                 : db_read_slow)(app->db, &call->arena, &select_nearest,
	                                 DB_ARGS(DB_DOUBLE(req->lat), DB_DOUBLE(req->lon),
	                                         DB_DOUBLE(req->radius), type_id, DB_I64(limit)),
	                                 out_rows);
}

status incidents_list_incidents(struct incidents *app, struct rpc_call *call,
                                const incidents_list_incidents_request *req,
                                incidents_list_incidents_response      *out_response)
{
	struct db_arg type_id =
	        incidents_list_incidents_request_has_type_id(req) ? DB_I64(req->type_id) : DB_NULL;
	struct db_rows       *rows;
	struct incidents_row *incidents;
	double               *distances;
	size_t                n;

	TRY(check_type(app, call, type_id));
	TRY(select_rows(app, call, req, type_id, &rows));
	incidents = incidents_row_read_all(rows, &call->arena, &n);
	distances = arena_alloc(&call->arena, (n + 1) * sizeof *distances);
	for (size_t i = 0; i < n; i++)
		distances[i] = db_rows_double(rows, i, INCIDENTS_ROW_N_COLUMNS);
	return incidents_show(app, call, incidents, n, distances, req->include,
	                      &out_response->incidents, &out_response->n_incidents);
}
