/*
 * incidents/way.h - a route over the Earth, and where along it something is.
 *
 * Between two points a route follows the great circle, as PostGIS does, whatever meridian or pole
 * it crosses. It is cut into pieces, and those are gathered into chunks that are no longer than
 * some kilometres, so that an index of places is asked for what is near each.
 */
#ifndef SERVICES_INCIDENTS_WAY_H
#define SERVICES_INCIDENTS_WAY_H

#include <stdbool.h>

#include "base/arena.h"
#include "services/incidents/place.h"

struct incidents_way;

enum { INCIDENTS_WAY_MAX_POINTS = 10000, INCIDENTS_WAY_MAX_KM = 100000 };

/*
 * Makes the way through so many points, 1 to INCIDENTS_WAY_MAX_POINTS; one of a single point does
 * not leave it. NULL when it is longer than INCIDENTS_WAY_MAX_KM. All in the arena.
 */
struct incidents_way *incidents_way_new(struct arena *a, const struct incidents_place *points,
                                        size_t n);

/* The chunks as a list of points, two or more of each chunk; the last one of a chunk is the first
 * one of the next. */
struct incidents_way_chunks {
	const int64_t *numbers; /* of the chunk that a point is of: from 0, ascending */
	const double  *lat, *lon;
	size_t         n;
};

/* Borrowed from the way. */
struct incidents_way_chunks incidents_way_chunks(const struct incidents_way *w);

struct incidents_way_spot {
	double fraction; /* of the way's length: 0 at its start, 1 at its end */
	double metres;   /* from the way, over WGS 84 */
};

/*
 * Where the way comes nearest to a place, the first time if it does so more than once (to the
 * centimetre). False when that is farther than so many metres, at most 1,000.
 */
bool incidents_way_find(const struct incidents_way *w, struct incidents_place place, double metres,
                        struct incidents_way_spot *out_spot);

#endif
