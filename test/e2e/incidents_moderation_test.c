/* Incidents whose time is over go by themselves. Their clock is moved by the times in their rows.
 */
#include "test/e2e/room.h"

#include <inttypes.h>
#include <signal.h>

#include "test/e2e/sql.h"
#include "test/support/pg.h"

enum { ACCIDENT = 1, CLOSED_ROAD, JAM };

static const char *const every_second[] = {"MODERATION_INTERVAL=1", NULL};

static struct server      server, two;
static struct sql         sql, sql_of_two;
static struct e2e_account reporter;

static int start(void **state __attribute__((unused)))
{
	char url[PG_URL_BYTES];

	e2e_start(&server, every_second);
	reporter = e2e_register(&server, "reporter");
	sql_open(&sql, server.db_url);
	pg_shared_database(url);
	server_start_many(&two, url, every_second, "ipc", 2);
	sql_open(&sql_of_two, url);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	sql_close(&sql_of_two);
	sql_close(&sql);
	server_stop(&two);
	server_stop(&server);
	return 0;
}

/* One that was reported so many seconds ago, and of which something was said so many ago. */
static int64_t report(int type, int reported_s, int said_s)
{
	char statement[384];

	snprintf(statement, sizeof statement,
	         "INSERT INTO incidents.incidents"
	         "   (type_id, account_id, place, created_time, updated_time)"
	         " VALUES (%d, %" PRId64 ", ST_MakePoint(2, 48)::geography,"
	         "   clock_timestamp() - interval '%d s', clock_timestamp() - interval '%d s')"
	         " RETURNING id;",
	         type, reporter.id, reported_s, said_s);
	return sql_number(&sql, statement);
}

static bool went(int64_t id)
{
	char statement[128];

	snprintf(statement, sizeof statement,
	         "SELECT count(deleted_time) FROM incidents.incidents WHERE id = %" PRId64 ";", id);
	return sql_number(&sql, statement) == 1;
}

/* ---- when ---- */

TEST(what_nobody_confirmed_in_time_goes)
{
	int64_t gone = report(JAM, 1801, 1801), there = report(JAM, 1700, 1700);
	int64_t closed = report(CLOSED_ROAD, 86300, 86300);

	assert_soon(went(gone));
	assert_false(went(there));
	assert_false(went(closed));
}

TEST(what_was_reported_too_long_ago_goes_whoever_confirmed_it)
{
	int64_t gone = report(JAM, 7201, 5), there = report(JAM, 7100, 1700);
	int64_t closed = report(CLOSED_ROAD, 172801, 1);

	assert_soon(went(gone) && went(closed));
	assert_false(went(there));
}

TEST(what_went_is_in_the_history_of_who_reported_it)
{
	int64_t              gone = report(ACCIDENT, 3601, 3601);
	struct http_response r;

	assert_soon(went(gone));
	r = http_get(server.port, "/incidents/me/history?limit=1", reporter.token);
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "0.id"), gone);
	assert_time(r, "0.deleted_at");
	http_response_free(&r);
	r = http_get(server.port, "/incidents?lat=48&lon=2&radius=0&type_id=1", NULL);
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 0);
	http_response_free(&r);
}

static int64_t rounds(struct sql *s)
{
	return sql_number(s, "SELECT token FROM incidents.moderation;");
}

static void await_rounds(struct sql *s, int64_t n)
{
	const int64_t first = rounds(s);

	assert_soon(rounds(s) >= first + n);
}

TEST(what_somebody_interacts_with_holds_nothing_up_and_stays)
{
	int64_t    held = report(JAM, 1797, 1797), other;
	struct sql holder;
	char       statement[160];

	sql_open(&holder, server.db_url);
	snprintf(statement, sizeof statement,
	         "BEGIN; SELECT FROM incidents.incidents WHERE id = %" PRId64 " FOR UPDATE;", held);
	sql_run(&holder, statement);
	/* Its time is over later than that of the one that is held. */
	other = report(JAM, 1797, 1797);
	assert_soon(went(other));
	assert_false(went(held));
	snprintf(statement, sizeof statement,
	         "UPDATE incidents.incidents SET updated_time = clock_timestamp()"
	         " WHERE id = %" PRId64 "; COMMIT;",
	         held);
	sql_run(&holder, statement);
	sql_close(&holder);
	await_rounds(&sql, 2);
	assert_false(went(held));
}

/* ---- two instances ---- */

static int64_t deleted(struct sql *s)
{
	return sql_number(s, "SELECT count(deleted_time) FROM incidents.incidents;");
}

static void report_many(struct sql *s, int n)
{
	char statement[384];

	snprintf(statement, sizeof statement,
	         "INSERT INTO incidents.incidents"
	         "   (type_id, account_id, place, created_time, updated_time)"
	         " SELECT 1 + n %% 5, 1, ST_MakePoint(n %% 360 - 180, 10)::geography,"
	         "   now() - interval '3 days', now() - interval '3 days'"
	         "  FROM generate_series(1, %d) AS n;",
	         n);
	sql_run(s, statement);
}

/* Each that went was told of exactly once, and to the public. */
static void assert_told(struct sql *s)
{
	assert_int_equal(sql_number(s, "SELECT count(*) FROM incidents.outbox"
	                               " WHERE type LIKE '%IncidentDeleted' AND is_public;"),
	                 deleted(s));
	assert_int_equal(sql_number(s, "SELECT count(DISTINCT event) FROM incidents.outbox;"),
	                 deleted(s));
}

TEST(two_instances_do_the_work_once)
{
	enum { DUE = 1500, ROUNDS = 3 };
	int64_t before = deleted(&sql_of_two), begun_ns;

	report_many(&sql_of_two, DUE);
	assert_soon(deleted(&sql_of_two) == before + DUE);
	assert_told(&sql_of_two);
	/* Two that each did it every second would have done these rounds in half the time. */
	await_rounds(&sql_of_two, 1);
	begun_ns = clock_now_ns();
	await_rounds(&sql_of_two, ROUNDS);
	assert_true(clock_now_ns() - begun_ns > (ROUNDS - 1) * INT64_C(1000000000));
	assert_told(&sql_of_two);
}

TEST(who_is_killed_in_the_middle_is_followed_by_another)
{
	enum { DUE = 350 };
	int64_t                before = deleted(&sql_of_two);
	struct server_process *parts[2];
	struct sql             holder;

	/* Whoever moderates has deleted a batch, and waits to tell of the first one. */
	sql_open(&holder, two.db_url);
	sql_run(&holder, "BEGIN; LOCK TABLE incidents.outbox IN SHARE MODE;");
	report_many(&sql_of_two, DUE);
	assert_soon(sql_number(&sql_of_two,
	                       "SELECT count(*) FROM pg_stat_activity WHERE datname ="
	                       " current_database() AND wait_event_type = 'Lock'"
	                       " AND query LIKE '%INSERT INTO incidents.outbox%';") == 1);
	for (unsigned i = 0; i < 2; i++) {
		parts[i] = server_part(&two, "incidents", i);
		server_signal_part(parts[i], SIGKILL);
		server_wait_part(parts[i]);
	}
	sql_run(&holder, "COMMIT;");
	sql_close(&holder);
	assert_int_equal(deleted(&sql_of_two), before);
	server_restart_part(&two, parts[1]);
	assert_soon(deleted(&sql_of_two) == before + DUE);
	assert_told(&sql_of_two);
	server_restart_part(&two, parts[0]);
}

TEST_MAIN(start, stop)
