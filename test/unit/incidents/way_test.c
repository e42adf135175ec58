#include "services/incidents/way.h"

#include "test/support/test.h"

#include <math.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

/* Metres on the ground of a degree of longitude at the equator, and of latitude near it. */
#define LON_M 111319.49
#define LAT_M 110574.28

static struct arena arena;

static int set_up(void **state __attribute__((unused)))
{
	arena_init(&arena, ARENA_BYTES);
	return 0;
}

static int tear_down(void **state __attribute__((unused)))
{
	arena_fini(&arena);
	return 0;
}

static void assert_near(double got, double wanted, double tolerance)
{
	if (!(fabs(got - wanted) <= tolerance))
		fail_msg("%.9g is not %.9g", got, wanted);
}

struct spot_case {
	const char                  *what;
	const struct incidents_place points[4];
	size_t                       n;
	struct incidents_place       place;
	double                       fraction, metres;
};

TEST(the_nearest_spot_of_a_way_is_found)
{
	static const struct spot_case cases[] = {
	        {"beside", {{0, 10}, {0, 11}}, 2, {0.001, 10.25}, 0.25, 0.001 * LAT_M},
	        {"on it", {{0, 10}, {0, 11}}, 2, {0, 10.5}, 0.5, 0},
	        {"before its start", {{0, 10}, {0, 11}}, 2, {0, 9.995}, 0, 0.005 * LON_M},
	        {"behind its end", {{0, 10}, {0, 11}}, 2, {0, 11.005}, 1, 0.005 * LON_M},
	        {"a single point", {{0, 10}}, 1, {0, 10.005}, 0, 0.005 * LON_M},
	        {"points that are one", {{0, 10}, {0, 10}}, 2, {0.005, 10}, 0, 0.005 * LAT_M},
	        {"across the date line", {{0, 179.5}, {0, -179.5}}, 2, {0.001, 180}, 0.5, 110.574},
	        {"just behind it", {{0, 179.5}, {0, -179.5}}, 2, {0, -179.9}, 0.6, 0},
	        {"over the pole", {{89.9, 0}, {89.9, 180}}, 2, {90, 45}, 0.5, 0},
	        {"past the pole", {{89.9, 0}, {89.9, 180}}, 2, {89.95, 180}, 0.75, 0},
	        {"there and back",
	         {{0, 10}, {0, 11}, {0, 10}},
	         3,
	         {0.001, 10.5},
	         0.25,
	         0.001 * LAT_M},
	        {"nearer on the way back",
	         {{0, 10}, {0, 11}, {0.002, 11}, {0.002, 10}},
	         4,
	         {0.0015, 10.5},
	         1.502 / 2.002,
	         0.0005 * LAT_M},
	        {"half around the Earth",
	         {{0, -90}, {0, 89.9999}},
	         2,
	         {0.001, 0},
	         0.5,
	         0.001 * LAT_M},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct spot_case     *c = &cases[i];
		const struct incidents_way *w = incidents_way_new(&arena, c->points, c->n);
		struct incidents_way_spot   spot;

		assert_non_null(w);
		if (!incidents_way_find(w, c->place, 1000, &spot))
			fail_msg("%s: not found", c->what);
		if (fabs(spot.fraction - c->fraction) > 1e-5 || fabs(spot.metres - c->metres) > 0.1)
			fail_msg("%s: %.9g of the way, %.9g m", c->what, spot.fraction,
			         spot.metres);
	}
}

TEST(what_is_farther_than_wanted_is_not_found)
{
	static const struct incidents_place points[] = {{0, 10}, {0, 11}};
	const struct incidents_way         *w = incidents_way_new(&arena, points, 2);
	struct incidents_way_spot           spot;

	assert_true(incidents_way_find(w, (struct incidents_place){0.009, 10.5}, 996, &spot));
	assert_false(incidents_way_find(w, (struct incidents_place){0.009, 10.5}, 995, &spot));
	assert_false(incidents_way_find(w, (struct incidents_place){0, -10.5}, 1000, &spot));
	assert_false(incidents_way_find(w, (struct incidents_place){0, -170}, 1000, &spot));
}

TEST(opposite_points_have_some_way_between_them)
{
	static const struct incidents_place ends[][2] = {
	        {{0, 0}, {0, 180}}, {{90, 0}, {-90, 0}}, {{48, 2}, {-48, -178}}};

	for (size_t i = 0; i < 3; i++) {
		const struct incidents_way *w = incidents_way_new(&arena, ends[i], 2);
		struct incidents_way_chunks c;
		struct incidents_way_spot   spot;

		assert_non_null(w);
		c = incidents_way_chunks(w);
		assert_true(c.n > 10000);
		for (size_t k = 0; k < c.n; k += 100) {
			assert_true(incidents_way_find(
			        w, (struct incidents_place){c.lat[k], c.lon[k]}, 1, &spot));
			assert_near(spot.fraction, (double)k / (double)(c.n - 1), 0.001);
		}
	}
}

TEST(a_way_may_be_so_long_and_no_longer)
{
	static struct incidents_place points[INCIDENTS_WAY_MAX_POINTS];
	struct incidents_way_chunks   c;

	/* 5 and then 6 times to and fro over nearly half the Earth. */
	for (size_t i = 0; i < 7; i++)
		points[i] = (struct incidents_place){0, i % 2 ? 89.9 : -90};
	assert_non_null(incidents_way_new(&arena, points, 5));
	assert_null(incidents_way_new(&arena, points, 7));
	for (size_t i = 0; i < INCIDENTS_WAY_MAX_POINTS; i++)
		points[i] = (struct incidents_place){0, (double)(i % 2) * 0.089};
	c = incidents_way_chunks(incidents_way_new(&arena, points, INCIDENTS_WAY_MAX_POINTS));
	assert_true(c.n < 4 * INCIDENTS_WAY_MAX_POINTS);
	for (size_t i = 0; i < INCIDENTS_WAY_MAX_POINTS; i++)
		points[i] = (struct incidents_place){0, (double)(i % 2) * 0.091};
	assert_null(incidents_way_new(&arena, points, INCIDENTS_WAY_MAX_POINTS));
}

/* ---- at random ---- */

static uint64_t random_state;

/* A number from 0 to 1 (xorshift64*). */
static double a_number(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double)((random_state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static struct incidents_vector towards(struct incidents_vector v, double metres)
{
	struct incidents_vector by = {a_number() - 0.5, a_number() - 0.5, a_number() - 0.5};
	double                  part = metres / 6371000, norm;

	v = (struct incidents_vector){v.x + by.x * part, v.y + by.y * part, v.z + by.z * part};
	norm = sqrt(v.x * v.x + v.y * v.y + v.z * v.z);
	return (struct incidents_vector){v.x / norm, v.y / norm, v.z / norm};
}

static double metres_between(struct incidents_place a, struct incidents_place b)
{
	struct incidents_vector p = incidents_place_in_space(incidents_place_zenith(a));
	struct incidents_vector q = incidents_place_in_space(incidents_place_zenith(b));

	return sqrt((p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y) +
	            (p.z - q.z) * (p.z - q.z));
}

/* A stroll of short and longer steps, from anywhere. */
static void stroll(struct incidents_place *points, size_t n)
{
	struct incidents_place start = {a_number() * 180 - 90, a_number() * 360 - 180};

	points[0] = start;
	for (size_t i = 1; i < n; i++)
		points[i] = incidents_place_below(towards(incidents_place_zenith(points[i - 1]),
		                                          a_number() < 0.1 ? 5000 : 200));
}

/* The least distance of points of the way, some metres apart. */
static double by_looking_everywhere(struct incidents_way_chunks c, struct incidents_place place)
{
	double least = INFINITY;

	for (size_t i = 1; i < c.n; i++)
		for (unsigned k = 0; k <= 100; k++) {
			struct incidents_vector a = incidents_place_zenith(
			        (struct incidents_place){c.lat[i - 1], c.lon[i - 1]});
			struct incidents_vector b = incidents_place_zenith(
			        (struct incidents_place){c.lat[i], c.lon[i]});
			struct incidents_vector v = {a.x + (b.x - a.x) * k / 100,
			                             a.y + (b.y - a.y) * k / 100,
			                             a.z + (b.z - a.z) * k / 100};

			least = fmin(least, metres_between(place, incidents_place_below(v)));
		}
	return least;
}

TEST(the_tree_finds_what_looking_everywhere_finds)
{
	enum { POINTS = 40, WAYS = 60, PLACES = 20, SEED = 20261121 };
	unsigned found = 0;

	random_state = SEED;
	print_message("seed %d\n", SEED);
	for (unsigned i = 0; i < WAYS; i++) {
		struct incidents_place      points[POINTS];
		const struct incidents_way *w;
		struct incidents_way_chunks c;

		stroll(points, POINTS);
		w = incidents_way_new(&arena, points, POINTS);
		c = incidents_way_chunks(w);
		for (unsigned k = 0; k < PLACES; k++) {
			size_t                 at = (size_t)(a_number() * POINTS);
			struct incidents_place place = incidents_place_below(
			        towards(incidents_place_zenith(points[at]), 2000));
			double                    least = by_looking_everywhere(c, place);
			struct incidents_way_spot spot;

			if (!incidents_way_find(w, place, 1000, &spot)) {
				assert_true(least > 1000);
				continue;
			}
			found++;
			/* What is looked at is at most 10 m apart. */
			assert_true(spot.metres < least + 0.02);
			assert_true(spot.metres * spot.metres > least * least - 26);
		}
	}
	assert_true(found > WAYS * PLACES / 2);
}

TEST(chunks_follow_each_other_and_are_short)
{
	static struct incidents_place points[1000];
	struct incidents_way_chunks   c;
	double                        metres = 0;

	random_state = 7;
	stroll(points, 1000);
	c = incidents_way_chunks(incidents_way_new(&arena, points, 1000));
	assert_int_equal(c.numbers[0], 0);
	for (size_t i = 1; i < c.n; i++) {
		struct incidents_place last = {c.lat[i - 1], c.lon[i - 1]};
		struct incidents_place here = {c.lat[i], c.lon[i]};

		if (c.numbers[i] != c.numbers[i - 1]) {
			assert_int_equal(c.numbers[i], c.numbers[i - 1] + 1);
			assert_near(metres_between(last, here), 0, 1e-6);
			metres = 0;
		}
		metres += metres_between(last, here);
		assert_true(metres < 1010);
	}
	assert_near(metres_between(points[0], (struct incidents_place){c.lat[0], c.lon[0]}), 0,
	            1e-6);
	assert_near(metres_between(points[999],
	                           (struct incidents_place){c.lat[c.n - 1], c.lon[c.n - 1]}),
	            0, 1e-6);
}

TEST_MAIN(set_up, tear_down)
