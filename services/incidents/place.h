/*
 * incidents/place.h - a point on the Earth (WGS 84, degrees), and the cells that it is in.
 */
#ifndef SERVICES_INCIDENTS_PLACE_H
#define SERVICES_INCIDENTS_PLACE_H

#include <stddef.h>
#include <stdint.h>

struct incidents_place {
	double lat, lon; /* -90..90, -180..180 */
};

/*
 * A vector with the Earth's centre as origin, x towards the prime meridian and z towards the north
 * pole.
 */
struct incidents_vector {
	double x, y, z;
};

/* The direction of the zenith there: of length 1. */
struct incidents_vector incidents_place_zenith(struct incidents_place p);

/* The place that has this zenith. */
struct incidents_place incidents_place_below(struct incidents_vector zenith);

/* Where in space the place with this zenith is: on the ellipsoid, in metres. */
struct incidents_vector incidents_place_in_space(struct incidents_vector zenith);

enum { INCIDENTS_PLACE_MAX_GEOHASH = 12, INCIDENTS_PLACE_CELLS = 8 };

/* The first letters of its geohash, at most INCIDENTS_PLACE_MAX_GEOHASH, and a NUL. */
void incidents_place_geohash(struct incidents_place p, size_t letters, char *out_text);

/*
 * The cells that have points nearer to the place than so many metres (at most 500), or some more:
 * cubes of a kilometre in space, whose numbers are ascending and positive; how many. Two places
 * that near have a cell in common, whatever meridian or pole lies between them.
 */
size_t incidents_place_cells(struct incidents_place p, double metres,
                             int64_t out_cells[INCIDENTS_PLACE_CELLS]);

#endif
