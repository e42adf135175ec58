/*
 * Design notes. The index is asked for what is near each chunk of the way, never for what is in a
 * box around all of it. What it finds, a little more than is wanted, is placed along the way here,
 * and then those that are shown are loaded.
 */
#include "services/incidents/along.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/db.h"
#include "fiber/fiber.h"
#include "services/incidents/incidents.h"
#include "services/incidents/show.h"
#include "services/incidents/way.h"

enum { MAX_NEAR = 50000, SCRATCH_BYTES = 32 * 1024 * 1024, AT_A_TIME = 2048 };

/* The index measures over a sphere: that differs from the ellipsoid by up to 0.6 per cent. */
#define SPHERE_MARGIN 1.01

/*
 * chunk, longitude and latitude of each point, metres, how many. OFFSET 0 keeps chunks and
 * incidents apart: each chunk is a search in the index, whatever is known of how many there are.
 */
DB_QUERY(select_near,
         "WITH chunks AS MATERIALIZED ("
         "  SELECT p.chunk, ST_MakeLine(ST_MakePoint(p.lon, p.lat) ORDER BY p.n)::geography AS line"
         "    FROM unnest($1::int8[], $2::float8[], $3::float8[]) WITH ORDINALITY"
         "      AS p (chunk, lon, lat, n)"
         "   GROUP BY p.chunk)"
         " SELECT i.id, ST_Y(i.place::geometry), ST_X(i.place::geometry)"
         "  FROM chunks AS c CROSS JOIN LATERAL ("
         "    SELECT id, place FROM incidents.incidents"
         "     WHERE deleted_time IS NULL AND ST_DWithin(place, c.line, $4, false) OFFSET 0) AS i"
         " GROUP BY i.id, i.place ORDER BY min(c.chunk), i.id LIMIT $5");

/* clang-format off */
DB_QUERY(select_rows,
         "SELECT " INCIDENTS_ROW_COLUMNS ", wanted.n"
         "  FROM unnest($1::int8[]) WITH ORDINALITY AS wanted (id, n)"
         "  JOIN incidents.incidents AS i ON i.id = wanted.id"
         "  JOIN incidents.types AS t ON t.id = i.type_id"
         " WHERE i.deleted_time IS NULL ORDER BY wanted.n");
/* clang-format on */

struct met {
	int64_t                   id;
	struct incidents_way_spot spot;
};

static int compare_met(const void *left, const void *right)
{
	const struct met *l = left, *r = right;

	if (l->spot.fraction != r->spot.fraction)
		return l->spot.fraction < r->spot.fraction ? -1 : 1;
	if (l->spot.metres != r->spot.metres)
		return l->spot.metres < r->spot.metres ? -1 : 1;
	return (l->id > r->id) - (l->id < r->id);
}

/* What of the rows is near enough, in the order of the way. */
static status place_along(const struct incidents_way *way, const struct db_rows *rows,
                          double metres, struct met *out_met, size_t *out_count)
{
	size_t n = 0;

	for (size_t i = 0; i < db_rows_count(rows); i++) {
		const struct incidents_place place = {db_rows_double(rows, i, 1),
		                                      db_rows_double(rows, i, 2)};

		/* Others want the loop too. */
		if (i % AT_A_TIME == AT_A_TIME - 1)
			TRY(fiber_yield());
		out_met[n].id = db_rows_i64(rows, i, 0);
		n += incidents_way_find(way, place, metres, &out_met[n].spot);
	}
	qsort(out_met, n, sizeof *out_met, compare_met);
	*out_count = n;
	return STATUS_OK;
}

static status find(struct incidents *app, struct rpc_call *call, struct arena *scratch,
                   const struct incidents_along_request *req, struct met **out_met,
                   size_t *out_count)
{
	const struct incidents_way *way = incidents_way_new(scratch, req->points, req->n_points);
	struct incidents_way_chunks c;
	struct db_rows             *rows;

	if (way == NULL)
		return rpc_call_invalid(call, req->field, "must not be longer than 100,000 km");
	c = incidents_way_chunks(way);
	TRY(db_read_slow(app->db, scratch, &select_near,
	                 DB_ARGS(DB_I64S(c.numbers, c.n), DB_DOUBLES(c.lon, c.n),
	                         DB_DOUBLES(c.lat, c.n), DB_DOUBLE(req->metres * SPHERE_MARGIN),
	                         DB_I64(MAX_NEAR)),
	                 &rows));
	*out_met = arena_alloc(scratch, (db_rows_count(rows) + 1) * sizeof **out_met);
	return place_along(way, rows, req->metres, *out_met, out_count);
}

/* One that went in the meantime is left out. */
static status show(struct incidents *app, struct rpc_call *call, const struct met *met, size_t n,
                   const char *include, incidents_incident ***out_incidents, size_t *out_count)
{
	struct arena         *a = &call->arena;
	int64_t              *ids = arena_alloc(a, (n + 1) * sizeof *ids);
	double               *distances = arena_alloc(a, (n + 1) * sizeof *distances);
	struct db_rows       *rows;
	struct incidents_row *incidents;
	size_t                n_rows;

	for (size_t i = 0; i < n; i++)
		ids[i] = met[i].id;
	TRY(db_read(app->db, a, &select_rows, DB_ARGS(DB_I64S(ids, n)), &rows));
	incidents = incidents_row_read_all(rows, a, &n_rows);
	for (size_t i = 0; i < n_rows; i++)
		distances[i] = met[db_rows_i64(rows, i, INCIDENTS_ROW_N_COLUMNS) - 1].spot.metres;
	return incidents_show(app, call, incidents, n_rows, distances, include, out_incidents,
	                      out_count);
}

status incidents_along(struct incidents *app, struct rpc_call *call,
                       const struct incidents_along_request *req,
                       incidents_incident ***out_incidents, size_t *out_count)
{
	AUTO(arena_fini) struct arena scratch = {.ceiling = SCRATCH_BYTES};
	struct met                   *met = NULL;
	size_t                        n = 0;
	status                        st = find(app, call, &scratch, req, &met, &n);

	/* Its words may be of the scratch. */
	if (st.code != CODE_OK)
		return (status){st.code, st.msg ? arena_cstr(&call->arena, str_c(st.msg)) : NULL};
	return show(app, call, met, n < req->limit ? n : req->limit, req->include, out_incidents,
	            out_count);
}
