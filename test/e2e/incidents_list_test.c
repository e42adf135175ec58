#include "test/e2e/incident.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is found around a place. */
static struct server      server;
static struct e2e_account roger, ginette;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	ginette = e2e_register(&server, "ginette");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* Another incident of roger's. */
static int64_t create(int type, double lat, double lon)
{
	incident_rest(&server, roger.id, 61);
	return incident_create(&server, roger.token, type, lat, lon);
}

/* The incidents that a request answers with have these numbers, in this order. */
static void expect_ids(struct http_response r, const int64_t *ids, size_t n)
{
	assert_http(r, 200);
	if (json_array_size(r.json) != n)
		fail_msg("%zu are not found but %s", n, incident_ids(&r));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		        json_integer_value(json_object_get(json_array_get(r.json, i), "id")),
		        ids[i]);
	http_response_free(&r);
}

#define assert_ids(request, ...)                                                                   \
	expect_ids((request), (const int64_t[]){__VA_ARGS__},                                      \
	           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
#define assert_none(request) expect_ids((request), NULL, 0)

TEST(the_nearest_come_first_with_their_distances)
{
	int64_t              far = create(INCIDENT_JAM, 48.8666, 2.3522);
	int64_t              near = create(INCIDENT_JAM, 48.8576, 2.3522);
	int64_t              here = create(INCIDENT_ACCIDENT, 48.8566, 2.3522);
	struct http_response r;
	double               metres;

	r = incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=5000");
	assert_http(r, 200);
	assert_keys(r, "0", "created_at distance id lat lon type updated_at user");
	assert_json(r, "0.distance", "0");
	assert_json_text(r, "1.type.name", "Embouteillage");
	assert_json_text(r, "1.user.handle", "@roger");
	/* As Karney's geodesics give it. */
	metres = json_number_value(http_json(&r, "1.distance"));
	assert_true(fabs(metres - 111.209) < 0.01);
	http_response_free(&r);
	assert_ids(incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=5000"), here, near,
	           far);
	assert_ids(incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=112"), here, near);
	assert_ids(incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=111"), here);
	assert_ids(incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=0"), here);
	assert_ids(incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=5000&limit=2"),
	           here, near);
	assert_ids(incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=5000&type_id=3"),
	           near, far);
	assert_ids(incident_list(&server, NULL,
	                         "?lat=48.8566&lon=2.3522&radius=5000&typeId=3&limit=1"),
	           near);
	assert_none(incident_list(&server, NULL, "?lat=48.8566&lon=2.3522&radius=5000&type_id=4"));
}

TEST(what_is_asked_wrongly_is_said_at_once)
{
	static const struct {
		const char *query, *fields;
		long        status;
	} cases[] = {
	        {"", "lat lon radius", 422},
	        {"?lat=1&lon=1", "radius", 422},
	        {"?lat=91&lon=181&radius=-1&include=everything&limit=0",
	         "lat lon radius include limit", 422},
	        {"?lat=0&lon=0&radius=20037509", "radius", 422},
	        {"?lat=0&lon=0&radius=1&limit=10001", "limit", 422},
	        {"?lat=0&lon=0&radius=far", "radius", 400},
	        {"?lat=nan&lon=0&radius=1", "lat", 400},
	        {"?lat=0&lon=&radius=1", "lon", 400},
	        {"?lat=0&lon=0&radius=1&type_id=x", "type_id", 400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = incident_list(&server, NULL, "%s", cases[i].query);

		assert_http_error(r, cases[i].status, "INVALID_ARGUMENT");
		assert_details(r, cases[i].fields);
		http_response_free(&r);
	}
	assert_answer(incident_list(&server, NULL, "?lat=0&lon=0&radius=1&type_id=6"), 404,
	              "NOT_FOUND");
	assert_answer(incident_list(&server, "no token", "?lat=0&lon=0&radius=1"), 401,
	              "UNAUTHENTICATED");
}

TEST(a_circle_goes_across_the_date_line)
{
	int64_t west = create(INCIDENT_OBSTACLE, -17.8, -179.99);
	int64_t east = create(INCIDENT_OBSTACLE, -17.8, 179.985);

	assert_ids(incident_list(&server, NULL, "?lat=-17.8&lon=180&radius=2000"), west, east);
	assert_ids(incident_list(&server, NULL, "?lat=-17.8&lon=-180&radius=2000"), west, east);
	assert_ids(incident_list(&server, NULL, "?lat=-17.8&lon=179.99&radius=3000"), east, west);
}

TEST(a_circle_goes_around_a_pole)
{
	int64_t here = create(INCIDENT_POLICE, 89.99, 0);
	int64_t beyond = create(INCIDENT_POLICE, 89.985, 180);

	assert_ids(incident_list(&server, NULL, "?lat=90&lon=77&radius=2000"), here, beyond);
	assert_ids(incident_list(&server, NULL, "?lat=89.99&lon=90&radius=2300"), here, beyond);
	assert_ids(incident_list(&server, NULL, "?lat=89.99&lon=90&radius=1600"), here);
}

/* One place has many longitudes at a pole, and two at the date line. */
TEST(a_circle_of_no_radius_has_what_is_there_by_whatever_longitude)
{
	int64_t line = create(INCIDENT_OBSTACLE, -10, 180);
	int64_t pole = create(INCIDENT_OBSTACLE, -90, 0);

	assert_ids(incident_list(&server, NULL, "?lat=-10&lon=180&radius=0"), line);
	assert_ids(incident_list(&server, NULL, "?lat=-10&lon=-180&radius=0"), line);
	assert_ids(incident_list(&server, NULL, "?lat=-90&lon=123&radius=0"), pole);
}

TEST(half_the_earth_s_girth_reaches_everything)
{
	int64_t here = create(INCIDENT_CLOSED_ROAD, 60, 100), there;
	int64_t n;

	incident_rest(&server, ginette.id, 61);
	there = incident_create(&server, ginette.token, INCIDENT_CLOSED_ROAD, -60, -80);
	assert_ids(incident_list(&server, NULL, "?lat=60&lon=100&radius=20037508&type_id=2"), here,
	           there);
	assert_ids(incident_list(&server, NULL, "?lat=-60&lon=-80&radius=20037508&type_id=2"),
	           there, here);
	n = incident_number(&server,
	                    "SELECT count(*) FROM incidents.incidents WHERE deleted_time IS NULL;");
	for (int lat = -90; lat <= 90; lat += 45) {
		struct http_response r =
		        incident_list(&server, NULL, "?lat=%d&lon=180&radius=20037508", lat);

		assert_http(r, 200);
		assert_int_equal(json_array_size(r.json), n);
		http_response_free(&r);
	}
}

/* Many, by SQL: some three hundred around a place, in every direction, whose distances over a
 * sphere come in another order than true ones. */
TEST(of_more_than_are_wanted_the_truly_nearest_are_listed)
{
	enum { N = 300, WANTED = 40 };
	struct http_response r;
	double               last = 0;

	incident_number(&server,
	                "INSERT INTO incidents.incidents (type_id, account_id, place)"
	                " SELECT 1, %" PRId64 ", ST_Project(ST_MakePoint(30, 5)::geography,"
	                "        50000 + i, radians(i * 37))"
	                "   FROM generate_series(1, %d) AS i; SELECT 1;",
	                roger.id, N);
	r = incident_list(&server, NULL, "?lat=5&lon=30&radius=100000&limit=%d", WANTED);
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), WANTED);
	for (size_t i = 0; i < WANTED; i++) {
		double metres =
		        json_number_value(json_object_get(json_array_get(r.json, i), "distance"));

		assert_true(metres >= last);
		assert_true(fabs(metres - (50001 + (double)i)) < 0.01);
		last = metres;
	}
	http_response_free(&r);
	r = incident_list(&server, NULL, "?lat=5&lon=30&radius=50100.5");
	assert_int_equal(json_array_size(r.json), 100);
	http_response_free(&r);
}

TEST(what_others_said_is_included_when_asked_for)
{
	int64_t              id = create(INCIDENT_ACCIDENT, -33.9, 18.4);
	struct http_response r;
	char                 user[128];

	create(INCIDENT_OBSTACLE, -33.9, 18.41);
	assert_shows(
	        incident_list(&server, NULL, "?lat=-33.9&lon=18.4&radius=10&include=interactions"),
	        "0.interactions", "[]");
	assert_answer(incident_say(&server, ginette.token, id, true), 201, NULL);
	incident_age(&server, id, 3601);
	assert_answer(incident_say(&server, ginette.token, id, false), 201, NULL);
	r = incident_list(&server, NULL, "?lat=-33.9&lon=18.4&radius=5000&include=interactions");
	assert_http(r, 200);
	assert_keys(r, "0", "created_at distance id interactions lat lon type updated_at user");
	assert_int_equal(json_array_size(http_json(&r, "0.interactions")), 2);
	assert_keys(r, "0.interactions.0", "created_at id is_still_present user");
	assert_json(r, "0.interactions.0.is_still_present", "false");
	assert_json(r, "0.interactions.1.is_still_present", "true");
	snprintf(user, sizeof user,
	         "{\"id\":%" PRId64 ",\"handle\":\"@ginette\",\"role\":{\"name\":\"ROLE_USER\"}}",
	         ginette.id);
	assert_json(r, "0.interactions.0.user", user);
	assert_time(r, "0.interactions.0.created_at");
	assert_json(r, "1.interactions", "[]");
	http_response_free(&r);
	r = incident_list(&server, NULL, "?lat=-33.9&lon=18.4&radius=5000&include=summary");
	assert_http(r, 200);
	assert_keys(r, "0",
	            "created_at distance id interactions_summary lat lon type updated_at user");
	assert_json(r, "0.interactions_summary",
	            "{\"is_still_present\":1,\"no_still_present\":1,\"total\":2}");
	assert_json(r, "1.interactions_summary",
	            "{\"is_still_present\":0,\"no_still_present\":0,\"total\":0}");
	http_response_free(&r);
}

TEST(names_and_roles_are_those_of_now_and_an_account_that_is_gone_is_deleted)
{
	struct e2e_account early = e2e_register(&server, "early");
	struct e2e_account admin = e2e_register(&server, "boss");
	int64_t            id = incident_create(&server, early.token, INCIDENT_JAM, 52, -1);
	char               user[128];

	e2e_login_as_admin(&server, "boss");
	incident_create(&server, admin.token, INCIDENT_JAM, 53, -1);
	assert_soon(room_shows(incident_list(&server, NULL, "?lat=53&lon=-1&radius=1"),
	                       "0.user.role.name", "\"ROLE_ADMIN\""));
	assert_answer(
	        e2e_ask(&server, "PATCH", "/users/me", early.token, "%s", "{\"handle\":\"late\"}"),
	        200, NULL);
	assert_soon(room_shows(incident_list(&server, NULL, "?lat=52&lon=-1&radius=1"),
	                       "0.user.handle", "\"@late\""));
	assert_answer(incident_say(&server, admin.token, id, true), 201, NULL);
	assert_answer(e2e_ask(&server, "DELETE", "/user/late", early.token, "%s", ""), 204, NULL);
	snprintf(user, sizeof user,
	         "{\"id\":%" PRId64 ",\"handle\":\"deleted\",\"role\":{\"name\":\"ROLE_USER\"}}",
	         early.id);
	assert_soon(room_shows(incident_list(&server, NULL, "?lat=52&lon=-1&radius=1"), "0.user",
	                       user));
	assert_int_equal(incident_number(&server,
	                                 "SELECT count(*) FROM incidents.reporters"
	                                 " WHERE account_id = %" PRId64 ";",
	                                 early.id),
	                 0);
	/* Who takes the name inherits nothing. */
	early = e2e_register(&server, "late");
	assert_true(room_shows(incident_list(&server, NULL, "?lat=52&lon=-1&radius=1"), "0.user",
	                       user));
	assert_answer(incident_say(&server, early.token, id, false), 201, NULL);
}

/* As large as a list may be; how many statements it takes does not depend on that. */
TEST(ten_thousand_incidents_come_in_one_list)
{
	struct http_response r;

	incident_number(
	        &server,
	        "INSERT INTO incidents.incidents (type_id, account_id, place)"
	        " SELECT 1 + i %% 5, %" PRId64 ","
	        "        ST_MakePoint(-150 + (i %% 100) * 0.001, (i / 100) * 0.001)::geography"
	        "   FROM generate_series(0, 10009) AS i; SELECT 1;",
	        roger.id);
	incident_number(
	        &server,
	        "INSERT INTO incidents.interactions (incident_id, account_id, is_still_present)"
	        " SELECT i.id, %" PRId64 ", true FROM incidents.incidents AS i"
	        "  WHERE ST_X(i.place::geometry) < -149;"
	        " SELECT 1;",
	        ginette.id);
	r = incident_list(&server, NULL, "?lat=0&lon=-150&radius=100000&limit=10000");
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 10000);
	http_response_free(&r);
	r = incident_list(&server, NULL,
	                  "?lat=0&lon=-150&radius=100000&limit=10000&include=summary");
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 10000);
	assert_json(r, "9999.interactions_summary.total", "1");
	http_response_free(&r);
	/* 10,000 interactions fit, and not more. */
	r = incident_list(&server, NULL,
	                  "?lat=0&lon=-150&radius=100000&limit=10000&include=interactions");
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 10000);
	assert_int_equal(json_array_size(http_json(&r, "9999.interactions")), 1);
	http_response_free(&r);
	incident_number(
	        &server,
	        "INSERT INTO incidents.interactions (incident_id, account_id, is_still_present)"
	        " SELECT (SELECT id FROM incidents.incidents"
	        "          WHERE place = ST_MakePoint(-150, 0)::geography), %" PRId64 ", true"
	        "   FROM generate_series(1, 1500); SELECT 1;",
	        ginette.id);
	r = incident_list(&server, NULL,
	                  "?lat=0&lon=-150&radius=100000&limit=10000&include=interactions");
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 9001);
	assert_int_equal(json_array_size(http_json(&r, "0.interactions")), 1000);
	assert_int_equal(json_array_size(http_json(&r, "9000.interactions")), 1);
	http_response_free(&r);
}

TEST_MAIN(start, stop)
