/*
 * T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid", Survey Review 176
 * (1975), equations 13 to 21. The iteration does not converge for places that are nearly opposite.
 * But every way from a to b crosses the circle that is a quarter of the Earth away from a: there
 * the shortest sum of two shorter ways, which do converge, is looked for.
 */
#include "test/e2e/vincenty.h"

#include <math.h>
#include <stdbool.h>

#define EQUATOR_M  6378137.0
#define FLATTENING (1 / 298.257223563)
#define POLE_M     (EQUATOR_M * (1 - FLATTENING))

enum { MAX_ROUNDS = 200, AZIMUTHS = 720, HALVINGS = 60 };

static double radians(double degrees)
{
	return degrees * M_PI / 180;
}

/* The latitude on the sphere that the ellipsoid is pressed from. */
static double reduced(double lat)
{
	return atan((1 - FLATTENING) * tan(radians(lat)));
}

static double metres_of(double sin_sigma, double cos_sigma, double cos2_alpha, double cos_2m)
{
	const double u2 = cos2_alpha * (EQUATOR_M * EQUATOR_M / (POLE_M * POLE_M) - 1);
	const double a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
	const double b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
	const double inner =
	        cos_sigma * (-1 + 2 * cos_2m * cos_2m) -
	        b / 6 * cos_2m * (-3 + 4 * sin_sigma * sin_sigma) * (-3 + 4 * cos_2m * cos_2m);

	return POLE_M * a *
	       (atan2(sin_sigma, cos_sigma) - b * sin_sigma * (cos_2m + b / 4 * inner));
}

/* False where it does not converge. */
static bool inverse(struct vincenty_place p, struct vincenty_place q, double *out_metres)
{
	const double l = radians(remainder(q.lon - p.lon, 360));
	const double su1 = sin(reduced(p.lat)), cu1 = cos(reduced(p.lat));
	const double su2 = sin(reduced(q.lat)), cu2 = cos(reduced(q.lat));
	double       lambda = l;

	for (int i = 0; i < MAX_ROUNDS; i++) {
		const double x = cu2 * sin(lambda), y = cu1 * su2 - su1 * cu2 * cos(lambda);
		const double sin_sigma = hypot(x, y);
		const double cos_sigma = su1 * su2 + cu1 * cu2 * cos(lambda);
		const double sin_alpha = sin_sigma > 0 ? cu1 * cu2 * sin(lambda) / sin_sigma : 0;
		const double cos2_alpha = 1 - sin_alpha * sin_alpha;
		const double cos_2m =
		        cos2_alpha > 1e-15 ? cos_sigma - 2 * su1 * su2 / cos2_alpha : 0;
		const double c =
		        FLATTENING / 16 * cos2_alpha * (4 + FLATTENING * (4 - 3 * cos2_alpha));
		const double last = lambda;

		lambda =
		        l + (1 - c) * FLATTENING * sin_alpha *
		                    (atan2(sin_sigma, cos_sigma) +
		                     c * sin_sigma *
		                             (cos_2m + c * cos_sigma * (-1 + 2 * cos_2m * cos_2m)));
		if (fabs(lambda) > M_PI)
			return false;
		if (fabs(lambda - last) < 1e-12) {
			*out_metres = metres_of(sin_sigma, cos_sigma, cos2_alpha, cos_2m);
			return true;
		}
	}
	return false;
}

/* A quarter of the Earth from there, on a sphere. */
static struct vincenty_place quarter_away(struct vincenty_place p, double azimuth)
{
	const double lat = radians(p.lat);

	return (struct vincenty_place){
	        asin(cos(lat) * cos(azimuth)) * 180 / M_PI,
	        remainder(p.lon + atan2(sin(azimuth), -sin(lat) * cos(azimuth)) * 180 / M_PI, 360)};
}

static double by_way_of(struct vincenty_place a, struct vincenty_place b, double azimuth)
{
	const struct vincenty_place m = quarter_away(a, azimuth);
	double                      first, second;

	if (!inverse(a, m, &first) || !inverse(m, b, &second))
		return INFINITY;
	return first + second;
}

double vincenty_metres(struct vincenty_place a, struct vincenty_place b)
{
	double metres, best = 0, low, high;

	if (inverse(a, b, &metres))
		return metres;
	for (int i = 1; i < AZIMUTHS; i++)
		if (by_way_of(a, b, 2 * M_PI * i / AZIMUTHS) <
		    by_way_of(a, b, 2 * M_PI * best / AZIMUTHS))
			best = i;
	low = 2 * M_PI * (best - 1) / AZIMUTHS;
	high = 2 * M_PI * (best + 1) / AZIMUTHS;
	for (int i = 0; i < HALVINGS; i++) {
		const double left = low + (high - low) / 3, right = high - (high - low) / 3;

		if (by_way_of(a, b, left) < by_way_of(a, b, right))
			high = right;
		else
			low = left;
	}
	return by_way_of(a, b, (low + high) / 2);
}
