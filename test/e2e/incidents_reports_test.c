#include "test/e2e/incident.h"

#include <inttypes.h>
#include <stdlib.h>

/* Reporting: what is created, what is known already, and how often one may. */
static struct server      server;
static struct e2e_account roger, ginette, marcel;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	ginette = e2e_register(&server, "ginette");
	marcel = e2e_register(&server, "marcel");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* Everybody has waited long enough. */
static void all_rest(void)
{
	incident_rest(&server, roger.id, 61);
	incident_rest(&server, ginette.id, 61);
	incident_rest(&server, marcel.id, 61);
}

TEST(a_report_creates_an_incident_as_it_was_said)
{
	struct http_response r;
	char                 user[128];

	all_rest();
	r = incident_report(&server, roger.token, INCIDENT_CLOSED_ROAD, 48.8566, 2.3522);
	assert_http(r, 201);
	assert_keys(r, "", "created_at id lat lon type updated_at user");
	assert_json(r, "type",
	            "{\"id\":2,\"name\":\"Route Fermée\",\"description\":"
	            "\"Route fermée à la circulation\",\"need_recalculation\":true}");
	snprintf(user, sizeof user,
	         "{\"id\":%" PRId64 ",\"handle\":\"@roger\",\"role\":{\"name\":\"ROLE_USER\"}}",
	         roger.id);
	assert_json(r, "user", user);
	assert_json(r, "lat", "48.8566");
	assert_json(r, "lon", "2.3522");
	assert_time(r, "created_at");
	assert_json_text(r, "updated_at", http_text(&r, "created_at"));
	http_response_free(&r);
}

TEST(what_a_report_lacks_or_has_wrong_is_said_at_once)
{
	static const struct {
		const char *body, *fields;
		long        status;
	} cases[] = {
	        {"{}", "type_id lat lon", 422},
	        {"", "type_id lat lon", 422},
	        {"{\"type_id\":1,\"lat\":90.1,\"lon\":-180.1}", "lat lon", 422},
	        {"{\"type_id\":1,\"lat\":1,\"lon\":null}", "lon", 422},
	        {"{\"type_id\":1,\"lat\":91,\"lon\":1,\"include\":\"all\"}", "lat include", 422},
	        {"{\"type_id\":6,\"lat\":1,\"lon\":1}", "type_id", 422},
	        {"{\"type_id\":0,\"lat\":1,\"lon\":1}", "type_id", 422},
	        {"{\"type_id\":\"x\",\"lat\":1,\"lon\":1}", "type_id", 400},
	        {"{\"type_id\":1,\"lat\":\"north\",\"lon\":1}", "lat", 400},
	};

	all_rest();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        e2e_ask(&server, "POST", "/incidents", roger.token, "%s", cases[i].body);

		assert_http_error(r, cases[i].status, "INVALID_ARGUMENT");
		assert_details(r, cases[i].fields);
		http_response_free(&r);
	}
	assert_answer(incident_report(&server, NULL, 1, 1, 1), 401, "UNAUTHENTICATED");
}

TEST(the_ends_of_the_earth_can_be_reported_from)
{
	static const double places[][2] = {{90, 180}, {-90, -180}, {0, 0}, {0, 180}};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct http_response r;
		char                 lat[16], lon[16];

		all_rest();
		r = incident_report(&server, roger.token, INCIDENT_OBSTACLE, places[i][0],
		                    places[i][1]);
		assert_http(r, 201);
		snprintf(lat, sizeof lat, "%.1f", places[i][0]);
		snprintf(lon, sizeof lon, "%.1f", places[i][1]);
		assert_true(json_number_value(http_json(&r, "lat")) == strtod(lat, NULL));
		assert_true(json_number_value(http_json(&r, "lon")) == strtod(lon, NULL));
		http_response_free(&r);
	}
}

TEST(one_may_report_once_a_minute)
{
	struct http_response r;
	int64_t              after;

	all_rest();
	incident_create(&server, roger.token, INCIDENT_JAM, 10, 10);
	r = incident_report(&server, roger.token, INCIDENT_JAM, 11, 10);
	assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
	after = incident_retry_after(&r);
	assert_true(after >= 58 && after <= 60);
	assert_non_null(http_header(&r, "ratelimit-limit"));
	http_response_free(&r);
	/* Of the same spot too, and whatever became of the first. */
	assert_answer(incident_report(&server, roger.token, INCIDENT_JAM, 10, 10), 429,
	              "RESOURCE_EXHAUSTED");
	/* What is wrong with it comes first. */
	assert_answer(incident_report(&server, roger.token, 17, 10, 10), 422, "INVALID_ARGUMENT");
	incident_create(&server, ginette.token, INCIDENT_JAM, 12, 10);
	incident_rest(&server, roger.id, 55);
	r = incident_report(&server, roger.token, INCIDENT_JAM, 11, 10);
	assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
	assert_in_range(incident_retry_after(&r), 1, 5);
	http_response_free(&r);
	incident_rest(&server, roger.id, 5);
	incident_create(&server, roger.token, INCIDENT_JAM, 11, 10);
}

TEST(what_is_known_within_100_metres_is_confirmed_in_place_of_a_new_one)
{
	struct http_response r;
	int64_t              id, other;

	all_rest();
	id = incident_create(&server, roger.token, INCIDENT_ACCIDENT, 20, 20);
	incident_age(&server, id, 600);
	/* Some 99 m north: a degree is 110,705 m there. */
	r = incident_report(&server, ginette.token, INCIDENT_ACCIDENT, 20.000894, 20);
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "id"), id);
	assert_json_text(r, "user.handle", "@roger");
	assert_json(r, "lat", "20");
	assert_string_not_equal(http_text(&r, "updated_at"), http_text(&r, "created_at"));
	assert_time(r, "updated_at");
	http_response_free(&r);
	assert_shows(incident_list(&server, NULL, "?lat=20&lon=20&radius=0&include=summary"),
	             "0.interactions_summary",
	             "{\"is_still_present\":1,\"no_still_present\":0,\"total\":1}");
	/* Who confirmed may report elsewhere at once: nothing was created. */
	other = incident_create(&server, ginette.token, INCIDENT_ACCIDENT, 20.000915, 20);
	assert_int_not_equal(other, id);
	/* Of another type it is another one. */
	incident_create(&server, marcel.token, INCIDENT_OBSTACLE, 20, 20);
}

TEST(the_nearest_of_several_is_the_one_that_is_confirmed)
{
	int64_t              near, far;
	struct http_response r;

	all_rest();
	far = incident_create(&server, roger.token, INCIDENT_POLICE, 25, 25);
	near = incident_create(&server, ginette.token, INCIDENT_POLICE, 25.0012, 25);
	r = incident_report(&server, marcel.token, INCIDENT_POLICE, 25.0007, 25);
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "id"), near);
	assert_int_not_equal(near, far);
	http_response_free(&r);
}

TEST(the_date_line_and_the_poles_part_no_spot)
{
	static const double pairs[][2][2] = {
	        {{-16.5, 179.9997}, {-16.5, -179.9997}},
	        {{89.9996, 10}, {89.9996, -170}},
	        {{-89.9999, 0}, {-90, 77}},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct http_response r;
		int64_t              id;

		all_rest();
		id = incident_create(&server, roger.token, INCIDENT_POLICE, pairs[i][0][0],
		                     pairs[i][0][1]);
		r = incident_report(&server, ginette.token, INCIDENT_POLICE, pairs[i][1][0],
		                    pairs[i][1][1]);
		assert_http(r, 200);
		assert_int_equal(http_int(&r, "id"), id);
		http_response_free(&r);
	}
}

TEST(one_s_own_incident_and_one_that_was_just_confirmed_stay_as_they_are)
{
	struct http_response r;
	int64_t              id;

	all_rest();
	id = incident_create(&server, roger.token, INCIDENT_ACCIDENT, 30, 30);
	incident_age(&server, id, 600);
	incident_rest(&server, roger.id, 61);
	r = incident_report(&server, roger.token, INCIDENT_ACCIDENT, 30, 30);
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "id"), id);
	assert_json_text(r, "updated_at", http_text(&r, "created_at"));
	http_response_free(&r);
	for (int i = 0; i < 2; i++)
		assert_answer(incident_report(&server, ginette.token, INCIDENT_ACCIDENT, 30, 30),
		              200, NULL);
	assert_int_equal(incident_number(&server,
	                                 "SELECT count(*) FROM incidents.interactions"
	                                 " WHERE incident_id = %" PRId64 ";",
	                                 id),
	                 1);
	incident_age(&server, id, 3600);
	assert_answer(incident_report(&server, ginette.token, INCIDENT_ACCIDENT, 30, 30), 200,
	              NULL);
	assert_shows(incident_list(&server, NULL, "?lat=30&lon=30&radius=1&include=summary"),
	             "0.interactions_summary.is_still_present", "2");
}

TEST(where_an_incident_was_a_new_one_can_be)
{
	static struct e2e_account crowd[5];
	int64_t                   id;

	all_rest();
	incident_crowd(&server, "passer", crowd, 5);
	id = incident_create(&server, roger.token, INCIDENT_JAM, 35, 35);
	for (size_t i = 0; i < 5; i++)
		assert_answer(incident_say(&server, crowd[i].token, id, false), 201, NULL);
	assert_int_not_equal(incident_create(&server, ginette.token, INCIDENT_JAM, 35, 35), id);
}

TEST(what_is_to_be_included_is_said_in_the_query_or_the_body)
{
	struct http_response r;

	all_rest();
	r = e2e_ask(&server, "POST", "/incidents?include=summary", roger.token, "%s",
	            "{\"type_id\":1,\"lat\":40,\"lon\":40}");
	assert_http(r, 201);
	assert_json(r, "interactions_summary",
	            "{\"is_still_present\":0,\"no_still_present\":0,\"total\":0}");
	http_response_free(&r);
	r = e2e_ask(&server, "POST", "/incidents", ginette.token, "%s",
	            "{\"type_id\":1,\"lat\":40,\"lon\":40,\"include\":\"interactions\"}");
	assert_http(r, 200);
	assert_json_text(r, "interactions.0.user.handle", "@ginette");
	http_response_free(&r);
	/* Only that: the rest of a body is not in the query. */
	assert_answer(e2e_ask(&server, "POST", "/incidents?type_id=1&lat=1", marcel.token, "%s",
	                      "{\"lon\":1}"),
	              422, "INVALID_ARGUMENT");
	assert_answer(e2e_ask(&server, "POST", "/incidents?include=all", marcel.token, "%s",
	                      "{\"type_id\":1,\"lat\":41,\"lon\":40}"),
	              422, "INVALID_ARGUMENT");
}

TEST_MAIN(start, stop)
