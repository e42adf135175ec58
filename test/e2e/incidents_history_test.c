#include "test/e2e/incident.h"

#include <inttypes.h>

/* The incidents of the caller that went. */
enum { CROWD = 5, N = 6 };

static struct server      server;
static struct e2e_account roger, crowd[CROWD];
static int64_t            ids[N]; /* in the order in which they went */

/* Everybody says that it is gone. */
static void deny(int64_t id)
{
	for (size_t i = 0; i < CROWD; i++)
		assert_answer(incident_say(&server, crowd[i].token, id, false), 201, NULL);
}

/* Reported in one order, gone in another. */
static int start(void **state __attribute__((unused)))
{
	static const size_t order[N] = {3, 0, 5, 1, 4, 2};
	int64_t             created[N], foreign;

	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	incident_crowd(&server, "passer", crowd, CROWD);
	for (size_t i = 0; i < N; i++) {
		incident_rest(&server, roger.id, 61);
		created[i] = incident_create(&server, roger.token, INCIDENT_JAM, 10, (double)i);
	}
	for (size_t i = 0; i < N; i++)
		deny(ids[i] = created[order[i]]);
	incident_rest(&server, roger.id, 61);
	incident_create(&server, roger.token, INCIDENT_JAM, 10, 0);
	/* One of somebody else's. */
	foreign = incident_create(&server, crowd[0].token, INCIDENT_JAM, 20, 0);
	for (size_t i = 1; i < CROWD; i++)
		assert_answer(incident_say(&server, crowd[i].token, foreign, false), 201, NULL);
	assert_answer(incident_say(&server, roger.token, foreign, false), 201, NULL);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* The history shows these of ids, the last of them first. */
static void assert_history(const char *query, size_t first, size_t end)
{
	struct http_response r = incident_list(&server, roger.token, "/me/history%s", query);

	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), end - first);
	for (size_t i = 0; i < end - first; i++)
		assert_int_equal(
		        json_integer_value(json_object_get(json_array_get(r.json, i), "id")),
		        ids[end - 1 - i]);
	http_response_free(&r);
}

TEST(the_last_one_to_go_comes_first)
{
	struct http_response r = incident_list(&server, roger.token, "/me/history");

	assert_http(r, 200);
	assert_keys(r, "0", "created_at deleted_at id lat lon type updated_at user");
	assert_time(r, "0.deleted_at");
	assert_json_text(r, "0.user.handle", "@roger");
	http_response_free(&r);
	assert_history("", 0, N);
}

TEST(pages_go_on_from_an_incident)
{
	char query[64];

	assert_history("?limit=2", N - 2, N);
	assert_history("?limit=2&offset=1", N - 3, N - 1);
	snprintf(query, sizeof query, "?before=%" PRId64, ids[3]);
	assert_history(query, 0, 3);
	snprintf(query, sizeof query, "?limit=2&before=%" PRId64, ids[3]);
	assert_history(query, 1, 3);
	snprintf(query, sizeof query, "?after=%" PRId64, ids[3]);
	assert_history(query, 4, N);
	snprintf(query, sizeof query, "?limit=2&after=%" PRId64, ids[0]);
	assert_history(query, 1, 3);
	snprintf(query, sizeof query, "?after=%" PRId64 "&before=%" PRId64, ids[0], ids[4]);
	assert_history(query, 1, 4);
}

TEST(what_was_said_is_included_when_asked_for)
{
	assert_shows(incident_list(&server, roger.token, "/me/history?include=summary&limit=1"),
	             "0.interactions_summary",
	             "{\"is_still_present\":0,\"no_still_present\":5,\"total\":5}");
	assert_shows(
	        incident_list(&server, roger.token, "/me/history?include=interactions&limit=1"),
	        "0.interactions.4.user.handle", "\"@passer1\"");
}

TEST(everybody_has_a_history_of_their_own)
{
	struct http_response r = incident_list(&server, crowd[0].token, "/me/history");

	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 1);
	assert_json_text(r, "0.user.handle", "@passer1");
	http_response_free(&r);
	assert_shows(incident_list(&server, crowd[1].token, "/me/history"), "", "[]");
}

TEST(who_asks_wrongly_is_told_so)
{
	struct http_response r =
	        incident_list(&server, roger.token, "/me/history?limit=201&include=x&offset=-1");

	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "include limit offset");
	http_response_free(&r);
	assert_answer(incident_list(&server, NULL, "/me/history"), 401, "UNAUTHENTICATED");
}

TEST_MAIN(start, stop)
