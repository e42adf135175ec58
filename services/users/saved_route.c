#include "services/users/saved_route.h"

#include "base/mem.h"
#include "pb/timestamp.h"

static users_point **read_points(const struct db_rows *rows, size_t row, struct arena *a,
                                 size_t *out_count)
{
	size_t        n, n_lons;
	const double *lats = db_rows_doubles(rows, row, 2, &n);
	const double *lons = db_rows_doubles(rows, row, 3, &n_lons);
	users_point **points = arena_alloc(a, (n + 1) * sizeof *points);
	users_point  *all = arena_alloc(a, (n + 1) * sizeof *all);

	if (n_lons != n)
		mem_die("users: a saved route of half points");
	for (size_t i = 0; i < n; i++) {
		users_point_init(&all[i]);
		users_point_set_lat(&all[i], lats[i]);
		users_point_set_lon(&all[i], lons[i]);
		points[i] = &all[i];
	}
	*out_count = n;
	return points;
}

void users_saved_route_read(const struct db_rows *rows, size_t row, struct arena *a,
                            users_saved_route *out_route)
{
	out_route->id = db_rows_i64(rows, row, 0);
	out_route->name = db_rows_cstr(rows, row, 1);
	out_route->route = read_points(rows, row, a, &out_route->n_route);
	out_route->created_at = pb_timestamp_from_us(a, db_rows_us(rows, row, 4));
	out_route->updated_at = pb_timestamp_from_us(a, db_rows_us(rows, row, 5));
}

struct users_saved_route_points users_saved_route_points(users_point *const *points, size_t n,
                                                         struct arena *a)
{
	double *lats = arena_alloc(a, (n + 1) * sizeof *lats);
	double *lons = arena_alloc(a, (n + 1) * sizeof *lons);

	if (n == 0)
		return (struct users_saved_route_points){DB_NULL, DB_NULL};
	for (size_t i = 0; i < n; i++) {
		lats[i] = points[i]->lat;
		lons[i] = points[i]->lon;
	}
	return (struct users_saved_route_points){DB_DOUBLES(lats, n), DB_DOUBLES(lons, n)};
}
