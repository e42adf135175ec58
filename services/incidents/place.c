/*
 * Design notes. Degrees of longitude differ in length, jump at the date line and end at the poles,
 * so cells are cubes in space. The straight line between two places is never longer than the way
 * over the ground, so coordinates of places within 100 m differ by 100 m at most.
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

struct incidents_vector incidents_place_zenith(struct incidents_place p)
{
	const double lat = p.lat * M_PI / 180, lon = p.lon * M_PI / 180;

	return (struct incidents_vector){cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)};
}

struct incidents_place incidents_place_below(struct incidents_vector zenith)
{
	return (struct incidents_place){
	        .lat = atan2(zenith.z, hypot(zenith.x, zenith.y)) * 180 / M_PI,
	        .lon = atan2(zenith.y, zenith.x) * 180 / M_PI,
	};
}

struct incidents_vector incidents_place_in_space(struct incidents_vector zenith)
{
	const double normal = EQUATOR_M / sqrt(1 - ECCENTRICITY_SQUARE * zenith.z * zenith.z);

	return (struct incidents_vector){normal * zenith.x, normal * zenith.y,
	                                 normal * (1 - ECCENTRICITY_SQUARE) * zenith.z};
}

static int64_t cube_of(double metres)
{
	return (int64_t)floor(metres / CUBE_M) + OFFSET;
}

size_t incidents_place_cells(struct incidents_place p, double metres,
                             int64_t out_cells[INCIDENTS_PLACE_CELLS])
{
	const struct incidents_vector v = incidents_place_in_space(incidents_place_zenith(p));
	const double                  at[AXES] = {v.x, v.y, v.z};
	int64_t                       first[AXES], last[AXES];
	size_t                        n = 0;

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
