#include "services/incidents/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/test.h"

/* Values of the geohash's inventor, and its corners. */
TEST(a_geohash_is_that_of_the_cell)
{
	static const struct {
		struct incidents_place place;
		const char            *geohash;
	} cases[] = {
	        {{57.64911, 10.40744}, "u4pruydqqvj"},
	        {{48.8566, 2.3522}, "u09tvw0f6"},
	        {{42.6, -5.6}, "ezs42e44y"},
	        {{0, 0}, "s00000"},
	        {{-90, -180}, "000000000000"},
	        {{90, 180}, "zzzzzzzzzzzz"},
	        {{-25.382708, -49.265506}, "6gkzwgjz"},
	        {{12.5, 100}, ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[INCIDENTS_PLACE_MAX_GEOHASH + 1];

		incidents_place_geohash(cases[i].place, strlen(cases[i].geohash), text);
		assert_string_equal(text, cases[i].geohash);
	}
}

static bool share(struct incidents_place a, struct incidents_place b, double metres)
{
	int64_t of_a[INCIDENTS_PLACE_CELLS], of_b[INCIDENTS_PLACE_CELLS];
	size_t  n_a = incidents_place_cells(a, metres, of_a);
	size_t  n_b = incidents_place_cells(b, metres, of_b);

	for (size_t i = 0; i < n_a; i++)
		for (size_t k = 0; k < n_b; k++)
			if (of_a[i] == of_b[k])
				return true;
	return false;
}

TEST(cells_are_few_positive_and_in_order)
{
	for (double lat = -90; lat <= 90; lat += 7.5)
		for (double lon = -180; lon <= 180; lon += 7.5) {
			int64_t cells[INCIDENTS_PLACE_CELLS];
			size_t  n = incidents_place_cells((struct incidents_place){lat, lon}, 100,
			                                  cells);

			assert_in_range(n, 1, INCIDENTS_PLACE_CELLS);
			for (size_t i = 0; i < n; i++) {
				assert_true(cells[i] > 0);
				assert_true(i == 0 || cells[i] > cells[i - 1]);
			}
		}
}

/* A place at most so many metres from another, but near the poles: a degree has up to 111,700 m. */
static struct incidents_place beside(struct incidents_place p, double metres, double angle)
{
	double width = fmax(cos(p.lat * M_PI / 180), 1e-9);
	double lat = p.lat + metres * cos(angle) / 111700;
	double lon = p.lon + fmod(metres * sin(angle) / (111700 * width), 360);

	if (lat > 90 || lat < -90) {
		lat = (lat > 0 ? 180 : -180) - lat;
		lon += 180;
	}
	if (lon > 180)
		lon -= 360;
	if (lon < -180)
		lon += 360;
	return (struct incidents_place){lat, lon};
}

/* Over a sphere that is larger than the Earth: never less than the true distance. */
static double at_most_apart(struct incidents_place a, struct incidents_place b)
{
	double lat = sin((b.lat - a.lat) * M_PI / 360), lon = sin((b.lon - a.lon) * M_PI / 360);

	return 2 * 6400000 *
	       asin(sqrt(lat * lat +
	                 cos(a.lat * M_PI / 180) * cos(b.lat * M_PI / 180) * lon * lon));
}

TEST(places_within_reach_share_a_cell_across_every_border)
{
	static const struct incidents_place hard[] = {
	        {0, 180}, {-45, -180}, {90, 0}, {-90, 12}, {89.9999, 5}, {0, 0}, {48.8566, 2.3522}};
	unsigned short seed[3] = {1, 2, 3};
	size_t         n_tried = 0;

	for (size_t i = 0; i < 20000; i++) {
		struct incidents_place p = {erand48(seed) * 180 - 90, erand48(seed) * 360 - 180}, q;

		if (i < 2000)
			p = hard[i % (sizeof hard / sizeof *hard)];
		q = beside(p, 99, erand48(seed) * 2 * M_PI);
		if (at_most_apart(p, q) > 100)
			continue; /* too near a pole to be drawn that simply */
		assert_true(share(p, q, 100));
		n_tried++;
	}
	assert_true(n_tried > 19000);
}

TEST(places_far_apart_share_none)
{
	assert_false(share((struct incidents_place){48, 2}, (struct incidents_place){48, 3}, 100));
	assert_false(share((struct incidents_place){1, 2}, (struct incidents_place){-1, 2}, 100));
	assert_false(share((struct incidents_place){90, 0}, (struct incidents_place){-90, 0}, 100));
}

TEST_MAIN(NULL, NULL)
