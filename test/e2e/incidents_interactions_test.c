#include "test/e2e/incident.h"

#include <inttypes.h>

/* Saying whether an incident is still there, and what comes of it. */
enum { CROWD = 11 };

static struct server      server;
static struct e2e_account roger, crowd[CROWD];

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	incident_crowd(&server, "passer", crowd, CROWD);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static int64_t create(int type, double lat, double lon)
{
	incident_rest(&server, roger.id, 61);
	return incident_create(&server, roger.token, type, lat, lon);
}

/* One of the crowd says so. */
static void say(size_t who, int64_t id, bool is_still_present)
{
	assert_answer(incident_say(&server, crowd[who].token, id, is_still_present), 201, NULL);
}

static bool is_there(int64_t id)
{
	return incident_number(&server,
	                       "SELECT count(*) FROM incidents.incidents"
	                       " WHERE id = %" PRId64 " AND deleted_time IS NULL;",
	                       id) == 1;
}

static bool is_certified(int64_t id)
{
	return incident_number(&server,
	                       "SELECT count(*) FROM incidents.incidents"
	                       " WHERE id = %" PRId64 " AND certified_time IS NOT NULL;",
	                       id) == 1;
}

TEST(an_interaction_is_answered_with_its_incident)
{
	int64_t              id = create(INCIDENT_ACCIDENT, 48, 2);
	struct http_response r;
	char                 user[128];

	incident_age(&server, id, 600);
	r = incident_say(&server, crowd[0].token, id, true);
	assert_http(r, 201);
	assert_keys(r, "", "created_at id incident is_still_present user");
	assert_keys(r, "incident", "created_at id lat lon type updated_at user");
	snprintf(user, sizeof user,
	         "{\"id\":%" PRId64 ",\"handle\":\"@passer1\",\"role\":{\"name\":\"ROLE_USER\"}}",
	         crowd[0].id);
	assert_json(r, "user", user);
	assert_json(r, "is_still_present", "true");
	assert_int_equal(http_int(&r, "incident.id"), id);
	assert_json_text(r, "incident.user.handle", "@roger");
	assert_json_text(r, "incident.type.name", "Accident");
	/* The time without confirmation begins anew. */
	assert_json_text(r, "incident.updated_at", http_text(&r, "created_at"));
	assert_string_not_equal(http_text(&r, "incident.created_at"), http_text(&r, "created_at"));
	http_response_free(&r);
	r = e2e_ask(&server, "POST", "/incidents/interactions?include=summary", crowd[1].token,
	            "{\"incident_id\":%" PRId64 ",\"is_still_present\":false}", id);
	assert_http(r, 201);
	assert_json(r, "incident.interactions_summary",
	            "{\"is_still_present\":1,\"no_still_present\":1,\"total\":2}");
	http_response_free(&r);
	r = e2e_ask(&server, "POST", "/incidents/interactions?include=interactions", crowd[2].token,
	            "{\"incidentId\":\"%" PRId64 "\",\"isStillPresent\":true}", id);
	assert_http(r, 201);
	assert_int_equal(json_array_size(http_json(&r, "incident.interactions")), 3);
	assert_int_equal(http_int(&r, "incident.interactions.0.id"), http_int(&r, "id"));
	http_response_free(&r);
}

TEST(what_cannot_be_said_is_refused)
{
	int64_t              id = create(INCIDENT_JAM, 49, 2);
	struct http_response r;

	r = e2e_ask(&server, "POST", "/incidents/interactions", crowd[0].token, "%s", "{}");
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "incident_id is_still_present");
	http_response_free(&r);
	r = e2e_ask(&server, "POST", "/incidents/interactions", crowd[0].token, "%s",
	            "{\"incident_id\":1,\"is_still_present\":\"yes\"}");
	assert_http_error(r, 400, "INVALID_ARGUMENT");
	http_response_free(&r);
	assert_answer(incident_say(&server, NULL, id, true), 401, "UNAUTHENTICATED");
	assert_answer(incident_say(&server, crowd[0].token, 999999, true), 404, "NOT_FOUND");
	assert_answer(incident_say(&server, crowd[0].token, -1, true), 404, "NOT_FOUND");
	assert_answer(incident_say(&server, roger.token, id, true), 403, "PERMISSION_DENIED");
	for (size_t i = 0; i < 5; i++)
		say(i, id, false);
	assert_answer(incident_say(&server, crowd[5].token, id, true), 404, "NOT_FOUND");
	/* That it is gone comes before whose it was. */
	assert_answer(incident_say(&server, roger.token, id, true), 404, "NOT_FOUND");
}

TEST(one_may_say_something_of_an_incident_once_an_hour)
{
	int64_t              id = create(INCIDENT_JAM, 50, 2), other = create(INCIDENT_JAM, 51, 2);
	struct http_response r;

	say(0, id, true);
	r = incident_say(&server, crowd[0].token, id, false);
	assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
	assert_in_range(incident_retry_after(&r), 3590, 3600);
	http_response_free(&r);
	say(0, other, true);
	incident_age(&server, id, 3590);
	r = incident_say(&server, crowd[0].token, id, false);
	assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
	assert_in_range(incident_retry_after(&r), 1, 10);
	http_response_free(&r);
	incident_age(&server, id, 10);
	say(0, id, false);
}

TEST(as_many_negatives_in_a_row_as_the_type_wants_delete_it)
{
	static const struct {
		int    type;
		size_t negatives;
	} cases[] = {{INCIDENT_ACCIDENT, 10},
	             {INCIDENT_CLOSED_ROAD, 5},
	             {INCIDENT_JAM, 5},
	             {INCIDENT_POLICE, 10},
	             {INCIDENT_OBSTACLE, 10}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t              id = create(cases[i].type, -10, (double)i);
		struct http_response r;

		for (size_t k = 0; k + 1 < cases[i].negatives; k++)
			say(k, id, false);
		assert_true(is_there(id));
		r = incident_say(&server, crowd[cases[i].negatives - 1].token, id, false);
		assert_http(r, 201);
		assert_json_text(r, "incident.deleted_at", http_text(&r, "created_at"));
		http_response_free(&r);
		assert_false(is_there(id));
		assert_shows(incident_list(&server, NULL, "?lat=-10&lon=%zu&radius=10", i), "",
		             "[]");
	}
}

TEST(a_positive_one_begins_the_row_anew)
{
	int64_t id = create(INCIDENT_JAM, 55, 2);

	for (size_t i = 0; i < 4; i++)
		say(i, id, false);
	say(4, id, true);
	for (size_t i = 5; i < 9; i++)
		say(i, id, false);
	assert_true(is_there(id));
	say(9, id, false);
	assert_false(is_there(id));
}

TEST(each_person_counts_once_in_a_row)
{
	int64_t id = create(INCIDENT_CLOSED_ROAD, 56, 2);

	for (size_t i = 0; i < 4; i++)
		say(i, id, false);
	for (int i = 0; i < 3; i++) {
		incident_age(&server, id, 3601);
		say(0, id, false);
		assert_true(is_there(id));
	}
	say(4, id, false);
	assert_false(is_there(id));
}

TEST(as_many_positives_in_a_row_as_the_type_wants_certify_it)
{
	static const struct {
		int    type;
		size_t positives;
	} cases[] = {{INCIDENT_ACCIDENT, 5},
	             {INCIDENT_CLOSED_ROAD, 10},
	             {INCIDENT_JAM, 10},
	             {INCIDENT_POLICE, 5},
	             {INCIDENT_OBSTACLE, 5}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t id = create(cases[i].type, -20, (double)i);

		for (size_t k = 0; k + 1 < cases[i].positives; k++)
			say(k, id, true);
		assert_false(is_certified(id));
		/* A report of the same counts as much. */
		incident_rest(&server, crowd[10].id, 61);
		assert_answer(
		        incident_report(&server, crowd[10].token, cases[i].type, -20, (double)i),
		        200, NULL);
		assert_true(is_certified(id));
		assert_true(is_there(id));
	}
}

TEST(what_was_certified_can_still_be_deleted)
{
	int64_t id = create(INCIDENT_JAM, 57, 2);

	for (size_t i = 0; i < 10; i++)
		say(i, id, true);
	assert_true(is_certified(id));
	incident_age(&server, id, 3601);
	for (size_t i = 0; i < 5; i++)
		say(i, id, false);
	assert_false(is_there(id));
	assert_true(is_certified(id));
}

TEST_MAIN(start, stop)
