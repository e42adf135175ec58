#include "test/integration/db/fixture.h"

#include <signal.h>
#include <sys/types.h>

/* Many reads at once over few connections. */

enum { MANY = 1000, MAX_WAITING = MANY };

static char           url[PG_URL_BYTES];
static struct fixture f;
static struct job     jobs[MANY];
static int64_t        numbers[MANY];

static int setup(void **state)
{
	(void)state;
	pg_shared_database(url);
	for (int64_t i = 0; i < MANY; i++)
		numbers[i] = i + 1;
	return 0;
}

static void start_with_timeout(uint32_t n_connections, uint32_t max_waiting,
                               uint32_t statement_timeout_ms)
{
	fixture_start(&f, url,
	              (struct db_config){.read_connections = n_connections,
	                                 .write_connections = 1,
	                                 .statement_timeout_ms = statement_timeout_ms,
	                                 .max_waiting = max_waiting});
	await_open(&f, n_connections + 1);
}

static void start(uint32_t n_connections, uint32_t max_waiting)
{
	start_with_timeout(n_connections, max_waiting, 5000);
}

DB_QUERY(give_back, "SELECT $1::bigint, s FROM generate_series(1, $1::bigint % 5) s");
DB_QUERY(give_back_slowly, "SELECT $1::bigint FROM pg_sleep(0.01)");
DB_QUERY(divide, "SELECT $1::bigint / ($1::bigint % 7)");
DB_QUERY(nap, "SELECT $1::bigint FROM pg_sleep(0.4)");

/* As many rows as its number says, each with its number. */
static void read_own_rows(struct job *j)
{
	int64_t         n = *(int64_t *)j->arg;
	struct db_rows *rows;

	j->st = db_read(f.db, &f.arena, &give_back, DB_ARGS(DB_I64(n)), &rows);
	if (j->st.code != CODE_OK)
		return;
	j->value = (int64_t)db_rows_count(rows) == n % 5 ? n : -1;
	for (size_t i = 0; i < db_rows_count(rows); i++)
		if (db_rows_i64(rows, i, 0) != n || db_rows_i64(rows, i, 1) != (int64_t)i + 1)
			j->value = -1;
}

static void read_number(struct job *j, const struct db_query *q)
{
	struct db_rows *rows;

	j->st = db_read(f.db, &f.arena, q, DB_ARGS(DB_I64(*(int64_t *)j->arg)), &rows);
	if (j->st.code == CODE_OK)
		j->value = db_rows_count(rows) == 1 ? db_rows_i64(rows, 0, 0) : -1;
}

static void read_slowish(struct job *j)
{
	read_number(j, &give_back_slowly);
}

static void read_quotient(struct job *j)
{
	read_number(j, &divide);
}

static void read_nap(struct job *j)
{
	read_number(j, &nap);
}

static void start_jobs(size_t n, void (*run)(struct job *j))
{
	for (size_t i = 0; i < n; i++)
		job_start(&jobs[i], &f, run, &numbers[i], 0);
}

static void await_jobs(size_t n)
{
	for (size_t i = 0; i < n; i++)
		job_await(&jobs[i]);
}

TEST(a_thousand_fibers_on_two_connections_get_their_own_rows)
{
	start(2, MAX_WAITING);
	for (int round = 0; round < 3; round++) {
		start_jobs(MANY, read_own_rows);
		await_jobs(MANY);
		for (size_t i = 0; i < MANY; i++) {
			assert_status(jobs[i].st, CODE_OK);
			assert_int_equal(jobs[i].value, numbers[i]);
		}
	}
	fixture_stop(&f);
}

TEST(an_error_harms_no_neighbour)
{
	start(2, MAX_WAITING);
	/* The first round prepares the statement too. */
	for (int round = 0; round < 2; round++) {
		start_jobs(200, read_quotient);
		await_jobs(200);
		for (size_t i = 0; i < 200; i++) {
			if (numbers[i] % 7 == 0) {
				assert_status(jobs[i].st, CODE_INVALID_ARGUMENT);
				continue;
			}
			assert_status(jobs[i].st, CODE_OK);
			assert_int_equal(jobs[i].value, numbers[i] / (numbers[i] % 7));
		}
	}
	await_open(&f, 3);
	fixture_stop(&f);
}

DB_QUERY(no_such_table, "SELECT secret FROM nowhere WHERE id = $1");

static void read_from_nowhere(struct job *j)
{
	read_number(j, &no_such_table);
}

TEST(a_query_that_cannot_be_prepared_harms_nobody_but_its_readers)
{
	start(1, MAX_WAITING);
	for (size_t i = 0; i < 100; i++)
		job_start(&jobs[i], &f, i % 3 ? read_own_rows : read_from_nowhere, &numbers[i], 0);
	await_jobs(100);
	for (size_t i = 0; i < 100; i++) {
		assert_status(jobs[i].st, i % 3 ? CODE_OK : CODE_INTERNAL);
		if (i % 3)
			assert_int_equal(jobs[i].value, numbers[i]);
	}
	fixture_stop(&f);
}

TEST(a_fiber_leaves_a_slow_statement_and_those_behind_wait_for_it_alone)
{
	struct job slow;

	start(1, MAX_WAITING);
	job_start(&slow, &f, read_nap, &numbers[0], 100);
	start_jobs(100, read_own_rows);
	job_await(&slow);
	assert_status(slow.st, CODE_DEADLINE_EXCEEDED);
	assert_true(slow.took_ns < 300 * CLOCK_NS_PER_MS);
	await_jobs(100);
	for (size_t i = 0; i < 100; i++) {
		assert_status(jobs[i].st, CODE_OK);
		assert_int_equal(jobs[i].value, numbers[i]);
		assert_true(jobs[i].took_ns > 300 * CLOCK_NS_PER_MS);
		assert_true(jobs[i].took_ns < 800 * CLOCK_NS_PER_MS);
	}
	fixture_stop(&f);
}

TEST(fibers_that_leave_at_any_time_leave_the_answers_of_the_others_in_place)
{
	unsigned one = 1;

	start(1, MAX_WAITING);
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < 200; i++)
			job_start(&jobs[i], &f, i % 2 ? read_own_rows : read_slowish, &numbers[i],
			          i % 3 ? 0 : 1 + (int64_t)i);
		await_true(&f, has_leased, &one);
		for (size_t i = 1; i < 200; i += 5)
			if (jobs[i].fiber)
				fiber_cancel(jobs[i].fiber);
		await_jobs(200);
		for (size_t i = 0; i < 200; i++) {
			if (jobs[i].st.code == CODE_OK)
				assert_int_equal(jobs[i].value, numbers[i]);
			else
				assert_true(i % 3 == 0 || i % 5 == 1);
		}
	}
	fixture_stop(&f);
}

DB_QUERY(count_prepared, "SELECT count(*) FROM pg_prepared_statements WHERE name <> '' AND"
                         " statement LIKE 'SELECT $1::bigint, s FROM%' AND $1 = 1");

static void read_count_prepared(struct job *j)
{
	read_number(j, &count_prepared);
}

TEST(a_query_is_prepared_once_on_a_connection)
{
	struct job j;

	start(1, MAX_WAITING);
	for (int round = 0; round < 3; round++) {
		start_jobs(200, read_own_rows);
		await_jobs(200);
		job_start(&j, &f, read_count_prepared, &numbers[0], 0);
		job_await(&j);
		assert_status(j.st, CODE_OK);
		assert_int_equal(j.value, 1);
	}
	fixture_stop(&f);
}

/* Kills sessions that run something; it is a mistake of the test when there is none. */
#define KILL_THE_BUSY                                                                              \
	"DO $$ BEGIN"                                                                              \
	"  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity"                                \
	"   WHERE application_name = 'test' AND datname = current_database() AND state <> 'idle';" \
	"  IF NOT FOUND THEN RAISE 'nobody is busy'; END IF;"                                      \
	" END $$"

TEST(reads_of_a_killed_connection_succeed_on_another_or_are_unavailable)
{
	unsigned two = 2;

	start(2, MAX_WAITING);
	for (int round = 0; round < 5; round++) {
		size_t n_ok = 0;

		start_jobs(50, read_slowish);
		await_true(&f, has_leased, &two);
		pg_exec(url, KILL_THE_BUSY);
		await_jobs(50);
		for (size_t i = 0; i < 50; i++) {
			if (jobs[i].st.code != CODE_OK) {
				assert_status(jobs[i].st, CODE_UNAVAILABLE);
				continue;
			}
			assert_int_equal(jobs[i].value, numbers[i]);
			n_ok++;
		}
		assert_true(n_ok > 0);
		await_open(&f, 3);
	}
	fixture_stop(&f);
}

DB_QUERY(backend_pid, "SELECT pg_backend_pid() + 0 * $1::bigint");

static void read_pid(struct job *j)
{
	read_number(j, &backend_pid);
}

TEST(reads_of_a_connection_that_falls_silent_succeed_on_another)
{
	struct job j;

	start_with_timeout(1, MAX_WAITING, 100);
	job_start(&j, &f, read_pid, &numbers[0], 0);
	job_await(&j);
	assert_status(j.st, CODE_OK);
	assert_int_equal(kill((pid_t)j.value, SIGSTOP), 0);
	start_jobs(100, read_own_rows);
	await_jobs(100);
	assert_int_equal(kill((pid_t)j.value, SIGCONT), 0);
	for (size_t i = 0; i < 100; i++) {
		assert_status(jobs[i].st, CODE_OK);
		assert_int_equal(jobs[i].value, numbers[i]);
	}
	fixture_stop(&f);
}

DB_QUERY(kill_oneself, "SELECT $1::bigint FROM (SELECT pg_terminate_backend(pg_backend_pid())) k");

static void read_and_die(struct job *j)
{
	read_number(j, &kill_oneself);
}

TEST(a_read_that_kills_its_connection_is_not_run_for_ever)
{
	struct job j;

	start(2, MAX_WAITING);
	job_start(&j, &f, read_and_die, &numbers[0], 0);
	job_await(&j);
	assert_status(j.st, CODE_UNAVAILABLE);
	await_open(&f, 3);
	fixture_stop(&f);
}

DB_QUERY(copy_out, "COPY (SELECT 1) TO STDOUT");

static void read_copy(struct job *j)
{
	struct db_rows *rows;

	j->st = db_read(f.db, &f.arena, &copy_out, DB_NO_ARGS, &rows);
}

TEST(a_copy_costs_its_connection_but_not_the_loop)
{
	start(2, MAX_WAITING);
	assert_status(job_run(&f, read_copy, NULL, 0), CODE_UNAVAILABLE);
	await_open(&f, 3);
	assert_status(job_run(&f, read_own_rows, &numbers[0], 0), CODE_OK);
	fixture_stop(&f);
}

DB_QUERY(select_changing, "SELECT id, name FROM changing WHERE id = $1");

static void read_changing(struct job *j)
{
	read_number(j, &select_changing);
}

TEST(a_schema_that_changes_under_many_readers_refuses_none)
{
	pg_exec(url, "CREATE TABLE changing AS SELECT id, ''::text AS name"
	             " FROM generate_series(1, 1000) id");
	start(2, MAX_WAITING);
	for (int round = 0; round < 3; round++) {
		pg_exec(url, round % 2 ? "ALTER TABLE changing ALTER name TYPE text"
		                       : "ALTER TABLE changing ALTER name TYPE varchar(10)");
		start_jobs(200, read_changing);
		await_jobs(200);
		for (size_t i = 0; i < 200; i++) {
			assert_status(jobs[i].st, CODE_OK);
			assert_int_equal(jobs[i].value, numbers[i]);
		}
		await_open(&f, 3);
	}
	fixture_stop(&f);
}

/* 64 are under way on a connection, more wait. */
TEST(the_queue_of_readers_is_bounded_and_leaving_it_is_unavailable)
{
	enum { UNDER_WAY = 64, WAITING = 8 };
	struct job refused;

	start(1, WAITING);
	job_start(&jobs[0], &f, read_nap, &numbers[0], 0);
	for (size_t i = 1; i < UNDER_WAY + WAITING; i++)
		job_start(&jobs[i], &f, read_own_rows, &numbers[i], 100);
	job_start(&refused, &f, read_own_rows, &numbers[0], 100);
	assert_null(refused.fiber);
	assert_status(refused.st, CODE_UNAVAILABLE);
	await_jobs(UNDER_WAY + WAITING);
	assert_status(jobs[0].st, CODE_OK);
	for (size_t i = 1; i < UNDER_WAY + WAITING; i++) {
		assert_status(jobs[i].st,
		              i < UNDER_WAY ? CODE_DEADLINE_EXCEEDED : CODE_UNAVAILABLE);
		assert_true(jobs[i].took_ns < 300 * CLOCK_NS_PER_MS);
	}
	fixture_stop(&f);
}

static void read_nap_slowly(struct job *j)
{
	struct db_rows *rows;

	j->st = db_read_slow(f.db, &f.arena, &nap, DB_ARGS(DB_I64(5)), &rows);
	if (j->st.code == CODE_OK)
		j->value = db_rows_i64(rows, 0, 0);
}

TEST(a_slow_read_has_a_connection_of_its_own)
{
	struct job slow, quick;

	start(1, MAX_WAITING);
	job_start(&slow, &f, read_nap_slowly, NULL, 0);
	await_open(&f, 3);
	await_leased(&f, 1);
	job_start(&quick, &f, read_own_rows, &numbers[0], 0);
	job_await(&quick);
	assert_status(quick.st, CODE_OK);
	assert_non_null(slow.fiber);
	job_await(&slow);
	assert_status(slow.st, CODE_OK);
	assert_int_equal(slow.value, 5);
	fixture_stop(&f);
}

TEST_MAIN(setup, NULL)
