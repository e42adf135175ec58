#include "test/e2e/incident.h"

#include <inttypes.h>

/* An admin deletes an incident. */
static struct server      server;
static struct e2e_account roger, passer;
static struct e2e_session admin;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	passer = e2e_register(&server, "passer");
	e2e_register(&server, "duchess");
	admin = e2e_login_as_admin(&server, "duchess");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static int64_t create(double lat, double lon)
{
	incident_rest(&server, roger.id, 61);
	return incident_create(&server, roger.token, INCIDENT_JAM, lat, lon);
}

static struct http_response delete_it(const char *token, const char *id)
{
	char path[64];

	snprintf(path, sizeof path, "/incidents/%s", id);
	return e2e_ask(&server, "DELETE", path, token, "%s", "");
}

static struct http_response delete_one(const char *token, int64_t id)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, id);
	return delete_it(token, text);
}

TEST(what_an_admin_deletes_is_gone_and_in_the_history_of_who_reported_it)
{
	int64_t              id = create(48, 2);
	struct http_response r;

	assert_answer(delete_one(admin.token, id), 204, NULL);
	assert_shows(incident_list(&server, NULL, "?lat=48&lon=2&radius=1000"), "", "[]");
	assert_answer(incident_say(&server, passer.token, id, true), 404, "NOT_FOUND");
	r = incident_list(&server, roger.token, "/me/history?limit=1");
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "0.id"), id);
	assert_time(r, "0.deleted_at");
	http_response_free(&r);
	assert_int_equal(incident_count_events(&server, id, "Deleted"), 1);
}

TEST(what_is_gone_is_not_deleted_again)
{
	int64_t id = create(49, 2);

	assert_answer(delete_one(admin.token, id), 204, NULL);
	assert_answer(delete_one(admin.token, id), 404, "NOT_FOUND");
	assert_int_equal(incident_count_events(&server, id, "Deleted"), 1);
}

TEST(nobody_but_an_admin_deletes_an_incident)
{
	int64_t id = create(50, 2);

	assert_answer(delete_one(NULL, id), 401, "UNAUTHENTICATED");
	assert_answer(delete_one(passer.token, id), 403, "PERMISSION_DENIED");
	assert_answer(delete_one(roger.token, id), 403, "PERMISSION_DENIED");
	assert_answer(delete_it(roger.token, "999999"), 403, "PERMISSION_DENIED");
	assert_answer(incident_say(&server, passer.token, id, true), 201, NULL);
	assert_int_equal(incident_count_events(&server, id, "Deleted"), 0);
}

TEST(what_is_no_incident_cannot_be_deleted)
{
	assert_answer(delete_it(admin.token, "999999"), 404, "NOT_FOUND");
	assert_answer(delete_it(admin.token, "0"), 404, "NOT_FOUND");
	assert_answer(delete_it(admin.token, "-1"), 404, "NOT_FOUND");
	assert_answer(delete_it(admin.token, "first"), 400, "INVALID_ARGUMENT");
	assert_answer(delete_it(admin.token, "9223372036854775808"), 400, "INVALID_ARGUMENT");
}

TEST(where_an_incident_was_deleted_another_one_may_be_reported)
{
	int64_t id = create(51, 2);

	assert_answer(delete_one(admin.token, id), 204, NULL);
	assert_int_not_equal(create(51, 2), id);
}

TEST_MAIN(start, stop)
