/*
 * users/saved_route.h - a saved route's row as the message that shows it.
 */
#ifndef SERVICES_USERS_SAVED_ROUTE_H
#define SERVICES_USERS_SAVED_ROUTE_H

#include "base/arena.h"
#include "canaduck/users/v1/users.schema.h"
#include "db/query.h"

/* Columns of users.saved_routes AS r, in the order that users_saved_route_read() wants. */
/* clang-format off */
#define USERS_SAVED_ROUTE_COLUMNS                                                                  \
	"r.id, r.name, r.lats, r.lons, " DB_US("r.created_time") ", " DB_US("r.updated_time")
/* clang-format on */

/* Fills the message, which was initialised, from a row; it lives as long as the rows. */
void users_saved_route_read(const struct db_rows *rows, size_t row, struct arena *a,
                            users_saved_route *out_route);

/* The points as parameters of a query: their latitudes and longitudes; NULL for no points. */
struct users_saved_route_points {
	struct db_arg lats, lons;
};

struct users_saved_route_points users_saved_route_points(users_point *const *points, size_t n,
                                                         struct arena *a);

#endif
