/* Distances as the database and the API give them, against what the tests compute. */
#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"
#include "test/e2e/vincenty.h"

enum { SEED = 20261121, PLACES = 96, CENTRES = 24 };

static struct server         server;
static struct sql            sql;
static struct e2e_account    reporter;
static struct vincenty_place places[PLACES];
static int64_t               first_id;
static uint64_t              random_state = SEED;

/* A number from 0 to 1 (xorshift64*). */
static double a_number(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double)((random_state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

/* As many of each kind: anywhere, near a pole or on it, at the date line, on the equator. */
static struct vincenty_place a_place(unsigned kind)
{
	struct vincenty_place p = {asin(2 * a_number() - 1) * 180 / M_PI, a_number() * 360 - 180};

	if (kind % 4 == 1)
		p.lat = copysign(90 - a_number() * 0.01 * (kind % 8 < 4), p.lat);
	else if (kind % 4 == 2)
		p.lon = copysign(180 - a_number() * 0.01 * (kind % 8 < 4), p.lon);
	else if (kind % 4 == 3)
		p.lat = 0;
	return p;
}

static struct vincenty_place nearly_opposite(struct vincenty_place p)
{
	const double lat = -p.lat + (a_number() - 0.5) * 0.4;

	return (struct vincenty_place){fmax(-90, fmin(90, lat)),
	                               remainder(p.lon + 180 + (a_number() - 0.5) * 0.4, 360)};
}

static struct vincenty_place nearby(struct vincenty_place p)
{
	const double lat = p.lat + (a_number() - 0.5) * 0.01;

	return (struct vincenty_place){fmax(-90, fmin(90, lat)),
	                               remainder(p.lon + (a_number() - 0.5) * 0.01, 360)};
}

static int start(void **state __attribute__((unused)))
{
	char statement[256];

	print_message("seed %d\n", SEED);
	e2e_start(&server, NULL);
	reporter = e2e_register(&server, "reporter");
	sql_open(&sql, server.db_url);
	for (unsigned i = 0; i < PLACES; i++) {
		int64_t id;

		places[i] = a_place(i);
		snprintf(statement, sizeof statement,
		         "INSERT INTO incidents.incidents (type_id, account_id, place) VALUES"
		         " (2, %" PRId64 ", ST_MakePoint(%.17g, %.17g)::geography) RETURNING id;",
		         reporter.id, places[i].lon, places[i].lat);
		id = sql_number(&sql, statement);
		if (i == 0)
			first_id = id;
		assert_int_equal(id, first_id + i);
	}
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	sql_close(&sql);
	server_stop(&server);
	return 0;
}

/* Within a thousandth, and a millimetre for what is in the same place. */
static void assert_distance(struct vincenty_place a, struct vincenty_place b, double metres)
{
	const double wanted = vincenty_metres(a, b);

	if (!(fabs(metres - wanted) <= wanted * 0.001 + 0.001))
		fail_msg("from %.17g %.17g to %.17g %.17g: %.9g m, not %.9g", a.lat, a.lon, b.lat,
		         b.lon, metres, wanted);
}

TEST(what_the_tests_compute_is_right_where_the_answer_is_known)
{
	static const struct {
		struct vincenty_place a, b;
		double                metres;
	} cases[] = {
	        /* A degree at the equator; from the equator to a pole; from pole to pole. */
	        {{0, 0}, {0, 1}, 111319.491},
	        {{0, 10}, {90, 0}, 10001965.729},
	        {{90, 0}, {-90, 0}, 20003931.459},
	        {{0, 0}, {0, 180}, 20003931.459},
	        /* Flinders Peak to Buninyon, on WGS 84. */
	        {{-37.951033416666667, 144.424867888888889},
	         {-37.652821138888889, 143.926495527777778},
	         54972.27},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const double metres = vincenty_metres(cases[i].a, cases[i].b);

		if (fabs(metres - cases[i].metres) > 0.02)
			fail_msg("case %zu: %.9g", i, metres);
	}
}

TEST(the_database_measures_as_the_tests_do)
{
	enum { PAIRS = 400 };

	for (unsigned i = 0; i < PAIRS; i++) {
		const struct vincenty_place a = a_place(i / 3);
		const struct vincenty_place b = i % 3 == 0   ? a_place(i / 7)
		                                : i % 3 == 1 ? nearly_opposite(a)
		                                             : nearby(a);
		char                        statement[256];

		snprintf(statement, sizeof statement,
		         "SELECT ST_Distance(ST_MakePoint(%.17g, %.17g)::geography,"
		         " ST_MakePoint(%.17g, %.17g)::geography);",
		         a.lon, a.lat, b.lon, b.lat);
		assert_distance(a, b, strtod(sql_run(&sql, statement), NULL));
	}
}

TEST(incidents_everywhere_come_nearest_first_with_their_distances)
{
	for (unsigned i = 0; i < CENTRES; i++) {
		struct vincenty_place c = i % 2 ? a_place(i / 2) : nearly_opposite(places[i]);
		double                last = 0;
		struct http_response  r;
		char                  path[128];
		size_t                k;
		json_t               *incident;

		snprintf(path, sizeof path, "/incidents?lat=%.17g&lon=%.17g&radius=20037508", c.lat,
		         c.lon);
		r = http_get(server.port, path, NULL);
		assert_http(r, 200);
		assert_int_equal(json_array_size(r.json), PLACES);
		json_array_foreach(r.json, k, incident)
		{
			const json_int_t id = json_integer_value(json_object_get(incident, "id"));
			const double     metres =
			        json_number_value(json_object_get(incident, "distance"));

			assert_true(metres >= last);
			last = metres;
			assert_distance(c, places[id - first_id], metres);
		}
		http_response_free(&r);
	}
}

TEST(a_route_of_one_point_measures_alike)
{
	for (unsigned i = 0; i < PLACES; i++) {
		struct vincenty_place c = nearby(places[i]);
		struct http_response  r =
		        http_postf(server.port, "/incidents/along", NULL,
		                   "{\"route\":[{\"lat\":%.17g,\"lon\":%.17g}],\"within\":1000}",
		                   c.lat, c.lon);
		size_t  k;
		json_t *incident;
		bool    is_found = false;

		assert_http(r, 200);
		json_array_foreach(r.json, k, incident)
		{
			const json_int_t id = json_integer_value(json_object_get(incident, "id"));

			is_found |= id == first_id + i;
			assert_distance(c, places[id - first_id],
			                json_number_value(json_object_get(incident, "distance")));
		}
		assert_true(is_found || vincenty_metres(c, places[i]) > 1000);
		http_response_free(&r);
	}
}

TEST_MAIN(start, stop)
