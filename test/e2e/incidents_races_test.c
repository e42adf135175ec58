#include "test/e2e/incident.h"

#include <inttypes.h>

#include "test/e2e/sql.h"

/* Many who report the same, or say something of one incident, at once. */
enum { CROWD = 12 };

static struct server      server;
static struct e2e_account roger, crowd[CROWD];
static struct e2e_session admin;

static int start(void **state __attribute__((unused)))
{
	/* One for each who waits. */
	e2e_start(&server, (const char *[]){"DB_WRITE_CONNECTIONS=8", NULL});
	roger = e2e_register(&server, "roger");
	incident_crowd(&server, "passer", crowd, CROWD);
	e2e_register(&server, "duchess");
	admin = e2e_login_as_admin(&server, "duchess");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* ---- requests under way ---- */

enum { MAX_PENDING = 8 };

static struct http_pending pending[MAX_PENDING];
static char                bodies[MAX_PENDING][128];
static size_t              n_pending;

static void begin(const char *path, const char *token)
{
	http_start(
	        &pending[n_pending], server.port,
	        &(struct http_request){
	                .method = "POST", .path = path, .token = token, .body = bodies[n_pending]});
	n_pending++;
}

static void begin_deletion(int64_t id)
{
	snprintf(bodies[n_pending], sizeof *bodies, "/incidents/%" PRId64, id);
	http_start(&pending[n_pending], server.port,
	           &(struct http_request){
	                   .method = "DELETE", .path = bodies[n_pending], .token = admin.token});
	n_pending++;
}

static void begin_report(const char *token, int type, double lat, double lon)
{
	snprintf(bodies[n_pending], sizeof *bodies, "{\"type_id\":%d,\"lat\":%.10g,\"lon\":%.10g}",
	         type, lat, lon);
	begin("/incidents", token);
}

static void begin_saying(const char *token, int64_t id, bool is_still_present)
{
	snprintf(bodies[n_pending], sizeof *bodies,
	         "{\"incident_id\":%" PRId64 ",\"is_still_present\":%s}", id,
	         is_still_present ? "true" : "false");
	begin("/incidents/interactions", token);
}

/* So many are answered with each of two statuses, and nothing else. */
static void finish(long expected, size_t n, long other, size_t n_other)
{
	struct http_response answers[MAX_PENDING];
	const size_t         n_all = n_pending;

	for (size_t i = 0; i < n_all; i++)
		answers[i] = http_finish(&pending[i]);
	n_pending = 0;
	assert_int_equal(n_all, n + n_other);
	assert_int_equal(e2e_count(answers, n_all, expected), n);
	assert_int_equal(e2e_count(answers, n_all, other), n_other);
	for (size_t i = 0; i < n_all; i++)
		http_response_free(&answers[i]);
}

/* ---- what holds them up ---- */

/* Whoever creates an incident waits; whoever looks for one does not. */
static void hold_creation(struct sql *holder)
{
	sql_open(holder, server.db_url);
	sql_run(holder, "BEGIN; LOCK TABLE incidents.incidents IN SHARE MODE;");
}

static void hold_incident(struct sql *holder, int64_t id)
{
	char statements[128];

	sql_open(holder, server.db_url);
	snprintf(statements, sizeof statements,
	         "BEGIN; SELECT FROM incidents.incidents WHERE id = %" PRId64 " FOR UPDATE;", id);
	sql_run(holder, statements);
}

static int64_t create(int type, double lat, double lon)
{
	incident_rest(&server, roger.id, 61);
	return incident_create(&server, roger.token, type, lat, lon);
}

static void all_rest(void)
{
	for (size_t i = 0; i < CROWD; i++)
		incident_rest(&server, crowd[i].id, 61);
}

/* ---- reports ---- */

TEST(many_reports_of_one_spot_make_one_incident)
{
	enum { N = 6 };
	struct sql holder;

	all_rest();
	hold_creation(&holder);
	for (size_t i = 0; i < N; i++)
		begin_report(crowd[i].token, INCIDENT_JAM, 45, 5);
	sql_let_go(&holder, server.db_url, N);
	finish(201, 1, 200, N - 1);
	sql_close(&holder);
	assert_shows(incident_list(&server, NULL, "?lat=45&lon=5&radius=1000&include=summary"),
	             "0.interactions_summary",
	             "{\"is_still_present\":5,\"no_still_present\":0,\"total\":5}");
	assert_shows(incident_list(&server, NULL, "?lat=45&lon=5&radius=1000&limit=2&type_id=1"),
	             "", "[]");
}

/* Four cells meet at the equator, a quarter of the way around the Earth from Greenwich. */
TEST(reports_on_both_sides_of_a_cell_s_border_make_one_incident)
{
	static const double corners[][2] = {
	        {0.0003, 90.0003}, {-0.0003, 89.9997}, {0.0003, 89.9997}, {-0.0003, 90.0003}};
	enum { N = sizeof corners / sizeof *corners };
	struct http_response r;
	struct sql           holder;

	all_rest();
	hold_creation(&holder);
	for (size_t i = 0; i < N; i++)
		begin_report(crowd[i].token, INCIDENT_JAM, corners[i][0], corners[i][1]);
	sql_let_go(&holder, server.db_url, N);
	finish(201, 1, 200, N - 1);
	sql_close(&holder);
	r = incident_list(&server, NULL, "?lat=0&lon=90&radius=1000");
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 1);
	http_response_free(&r);
}

TEST(reports_of_distant_spots_do_not_wait_for_each_other)
{
	struct sql holder;

	all_rest();
	sql_open(&holder, server.db_url);
	sql_run(&holder, "BEGIN;");
	incident_create(&server, crowd[0].token, INCIDENT_JAM, 46, 5);
	/* All cells there are so far. */
	sql_run(&holder, "SELECT FROM incidents.cells FOR UPDATE;");
	incident_create(&server, crowd[1].token, INCIDENT_JAM, 47, 6);
	sql_run(&holder, "ROLLBACK;");
	sql_close(&holder);
}

TEST(of_two_reports_of_one_person_at_once_one_is_refused)
{
	struct sql holder;

	all_rest();
	hold_creation(&holder);
	begin_report(crowd[0].token, INCIDENT_JAM, 50, 5);
	begin_report(crowd[0].token, INCIDENT_JAM, 51, 5);
	sql_let_go(&holder, server.db_url, 2);
	finish(201, 1, 429, 1);
	sql_close(&holder);
}

/* Without anybody who holds them up: as they come. */
TEST(a_storm_of_reports_around_one_spot_ends_with_incidents_100_metres_apart)
{
	all_rest();
	for (size_t i = 0; i < 8; i++)
		begin_report(crowd[i].token, INCIDENT_OBSTACLE, 0.0004 * (double)(i % 3),
		             120 + 0.0004 * (double)(i / 3));
	for (size_t i = 0; i < 8; i++) {
		struct http_response r = http_finish(&pending[i]);

		assert_true(r.status == 201 || r.status == 200);
		http_response_free(&r);
	}
	n_pending = 0;
	assert_int_equal(incident_number(&server, "SELECT count(*) FROM incidents.incidents AS a"
	                                          "  JOIN incidents.incidents AS b"
	                                          "    ON a.id < b.id AND a.type_id = b.type_id"
	                                          "   AND ST_DWithin(a.place, b.place, 100)"
	                                          " WHERE a.deleted_time IS NULL"
	                                          "   AND b.deleted_time IS NULL;"),
	                 0);
}

/* ---- opinions ---- */

static void say(size_t first, size_t end, int64_t id, bool is_still_present)
{
	for (size_t i = first; i < end; i++)
		assert_answer(incident_say(&server, crowd[i].token, id, is_still_present), 201,
		              NULL);
}

TEST(the_negative_that_completes_the_row_deletes_once)
{
	int64_t    id = create(INCIDENT_ACCIDENT, 60, 5);
	struct sql holder;

	say(0, 9, id, false);
	hold_incident(&holder, id);
	begin_saying(crowd[9].token, id, false);
	begin_saying(crowd[10].token, id, false);
	sql_let_go(&holder, server.db_url, 2);
	finish(201, 1, 404, 1);
	sql_close(&holder);
	assert_int_equal(incident_count_events(&server, id, "Deleted"), 1);
}

TEST(the_positive_that_completes_the_row_certifies_once)
{
	int64_t    id = create(INCIDENT_ACCIDENT, 61, 5);
	struct sql holder;

	say(0, 4, id, true);
	hold_incident(&holder, id);
	for (size_t i = 4; i < 8; i++)
		begin_saying(crowd[i].token, id, true);
	sql_let_go(&holder, server.db_url, 4);
	finish(201, 4, 0, 0);
	sql_close(&holder);
	assert_int_equal(incident_count_events(&server, id, "Certified"), 1);
}

TEST(an_admin_and_the_negative_that_completes_the_row_delete_once)
{
	int64_t    id = create(INCIDENT_ACCIDENT, 64, 5);
	struct sql holder;

	say(0, 9, id, false);
	hold_incident(&holder, id);
	begin_saying(crowd[9].token, id, false);
	sql_await_waiting(server.db_url, 1);
	begin_deletion(id);
	begin_deletion(id);
	sql_let_go(&holder, server.db_url, 3);
	finish(201, 1, 404, 2);
	sql_close(&holder);
	assert_int_equal(incident_count_events(&server, id, "Deleted"), 1);
}

TEST(what_an_admin_deletes_is_certified_no_more)
{
	int64_t    id = create(INCIDENT_ACCIDENT, 65, 5);
	struct sql holder;

	say(0, 4, id, true);
	hold_incident(&holder, id);
	begin_deletion(id);
	sql_await_waiting(server.db_url, 1);
	begin_saying(crowd[4].token, id, true);
	sql_let_go(&holder, server.db_url, 2);
	finish(204, 1, 404, 1);
	sql_close(&holder);
	assert_int_equal(incident_count_events(&server, id, "Certified"), 0);
	assert_int_equal(incident_count_events(&server, id, "Deleted"), 1);
}

TEST(of_two_opinions_of_one_person_at_once_one_is_refused)
{
	int64_t    id = create(INCIDENT_ACCIDENT, 62, 5);
	struct sql holder;

	hold_incident(&holder, id);
	begin_saying(crowd[0].token, id, true);
	begin_saying(crowd[0].token, id, false);
	sql_let_go(&holder, server.db_url, 2);
	finish(201, 1, 429, 1);
	sql_close(&holder);
}

TEST(a_report_of_what_is_deleted_meanwhile_creates_anew)
{
	int64_t    id = create(INCIDENT_JAM, 63, 5);
	struct sql holder;

	all_rest();
	say(0, 4, id, false);
	hold_incident(&holder, id);
	begin_saying(crowd[4].token, id, false);
	sql_await_waiting(server.db_url, 1);
	begin_report(crowd[5].token, INCIDENT_JAM, 63, 5);
	sql_let_go(&holder, server.db_url, 2);
	finish(201, 2, 0, 0);
	sql_close(&holder);
	assert_int_equal(incident_number(&server, "SELECT count(*) FROM incidents.incidents"
	                                          " WHERE ST_Y(place::geometry) = 63"
	                                          "   AND deleted_time IS NULL;"),
	                 1);
}

TEST_MAIN(start, stop)
