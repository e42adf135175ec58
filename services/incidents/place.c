/*
 * Design notes. Degrees of longitude differ in length, jump at the date line and end at the poles,
 * so cells are cubes in space: with the Earth's centre as origin, x towards the prime meridian and
 * z towards the north pole. The straight line between two places is never longer than the way over
 * the ground, so coordinates of places within 100 m differ by 100 m at most.
 */
#include "services/incidents/place.h"

#include <math.h>

/* WGS 84. */
#define EQUATOR_M           6378137.0
#define ECCENTRICITY_SQUARE 0.00669437999014

#define CUBE_M 1000.0

/* No coordinate is more than 6,379 cubes from the centre. */
enum { AXES = 3, OFFSET = 8192, BITS = 14 };

void incidents_place_geohash(struct incidents_place p, size_t letters, char *out_text)
{
	static const char base32[] = "0123456789bcdefghjkmnpqrstuvwxyz";
	double            low[2] = {-180, -90}, high[2] = {180, 90};
	const double      at[2] = {p.lon, p.lat};
	unsigned          bit = 0;

	for (size_t i = 0; i < letters; i++) {
		unsigned letter = 0;

		for (unsigned k = 0; k < 5; k++, bit++) {
			const unsigned axis = bit % 2;
			const double   middle = (low[axis] + high[axis]) / 2;

			letter = 2 * letter + (at[axis] >= middle);
			*(at[axis] >= middle ? &low[axis] : &high[axis]) = middle;
		}
		out_text[i] = base32[letter];
	}
	out_text[letters] = '\0';
}

static void locate(struct incidents_place p, double out_metres[AXES])
{
	const double lat = p.lat * M_PI / 180, lon = p.lon * M_PI / 180;
	const double sine = sin(lat);
	const double normal = EQUATOR_M / sqrt(1 - ECCENTRICITY_SQUARE * sine * sine);

	out_metres[0] = normal * cos(lat) * cos(lon);
	out_metres[1] = normal * cos(lat) * sin(lon);
	out_metres[2] = normal * (1 - ECCENTRICITY_SQUARE) * sine;
}

static int64_t cube_of(double metres)
{
	return (int64_t)floor(metres / CUBE_M) + OFFSET;
}

size_t incidents_place_cells(struct incidents_place p, double metres,
                             int64_t out_cells[INCIDENTS_PLACE_CELLS])
{
	double  at[AXES];
	int64_t first[AXES], last[AXES];
	size_t  n = 0;

	locate(p, at);
	for (unsigned i = 0; i < AXES; i++) {
		first[i] = cube_of(at[i] - metres);
		last[i] = cube_of(at[i] + metres);
	}
	for (int64_t x = first[0]; x <= last[0]; x++)
		for (int64_t y = first[1]; y <= last[1]; y++)
			for (int64_t z = first[2]; z <= last[2]; z++)
				out_cells[n++] = (x << BITS | y) << BITS | z;
	return n;
}
