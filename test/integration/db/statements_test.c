#include "test/integration/db/fixture.h"

#include <string.h>

static char           url[PG_URL_BYTES];
static struct fixture f;

static int setup(void **state)
{
	(void)state;
	pg_shared_database(url);
	pg_exec(url,
	        "CREATE TABLE things (id bigint PRIMARY KEY, name text UNIQUE CHECK (name <> ''),"
	        " parent bigint REFERENCES things)");
	fixture_start(&f, url,
	              (struct db_config){.read_connections = 1,
	                                 .write_connections = 2,
	                                 .statement_timeout_ms = 3000,
	                                 .lock_timeout_ms = 200,
	                                 .max_waiting = 8});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_stop(&f);
	return 0;
}

/* The statement of a job: arg. */
struct statement {
	const struct db_query *query;
	struct db_args         args;
};

static void read_it(struct job *j)
{
	const struct statement *s = j->arg;
	struct db_rows         *rows;

	j->st = db_read(f.db, &f.arena, s->query, s->args, &rows);
	if (j->st.code == CODE_OK && db_rows_count(rows) > 0)
		j->value = db_rows_i64(rows, 0, 0);
}

static void read_slowly(struct job *j)
{
	const struct statement *s = j->arg;
	struct db_rows         *rows;

	j->st = db_read_slow(f.db, &f.arena, s->query, s->args, &rows);
}

static void write_it(struct job *j)
{
	const struct statement *s = j->arg;
	struct db_rows         *rows;

	j->st = db_write(f.db, &f.arena, s->query, s->args, &rows);
	if (j->st.code == CODE_OK)
		j->value = (int64_t)db_rows_count(rows);
}

static int64_t answer(const struct db_query *q, struct db_args args)
{
	int64_t value = -1;

	assert_status(ask(&f, q, args, &value), CODE_OK);
	return value;
}

DB_QUERY(insert_thing, "INSERT INTO things (id, name, parent) VALUES ($1, $2, $3)");
DB_QUERY(insert_returning, "INSERT INTO things (id, name) VALUES ($1, $2) RETURNING id");
DB_QUERY(rename_things, "UPDATE things SET name = name || 'x' WHERE id BETWEEN $1 AND $2");
DB_QUERY(count_things, "SELECT count(*) FROM things WHERE id = $1");
DB_QUERY(nap, "SELECT 1::bigint FROM pg_sleep($1::float8)");
DB_QUERY(nap_and_insert, "INSERT INTO things (id) SELECT $1 FROM pg_sleep($2::float8)");

TEST(a_write_counts_rows_and_may_return_them)
{
	struct statement s = {&insert_thing, DB_ARGS(DB_I64(1), DB_CSTR("a"), DB_NULL)};
	struct job       j;

	job_start(&j, &f, write_it, &s, 0);
	job_await(&j);
	assert_status(j.st, CODE_OK);
	assert_int_equal(j.value, 1);
	assert_int_equal(answer(&insert_returning, DB_ARGS(DB_I64(2), DB_CSTR("b"))), 2);
	s = (struct statement){&rename_things, DB_ARGS(DB_I64(1), DB_I64(100))};
	job_start(&j, &f, write_it, &s, 0);
	job_await(&j);
	assert_int_equal(j.value, 2);
}

DB_QUERY(no_such_table, "SELECT secret FROM nowhere");
DB_QUERY(divide, "SELECT 1 / $1::bigint");

TEST(refusals_have_codes_and_messages_without_sql_or_values)
{
	const struct {
		struct statement s;
		enum code        code;
	} cases[] = {
	        {{&insert_thing, DB_ARGS(DB_I64(1), DB_CSTR("secret"), DB_NULL)},
	         CODE_ALREADY_EXISTS},
	        {{&insert_thing, DB_ARGS(DB_I64(9), DB_CSTR("secret"), DB_I64(77))},
	         CODE_FAILED_PRECONDITION},
	        {{&insert_thing, DB_ARGS(DB_I64(9), DB_CSTR(""), DB_NULL)}, CODE_INVALID_ARGUMENT},
	        {{&insert_thing, DB_ARGS(DB_I64(9), DB_CSTR("secret\xff"), DB_NULL)},
	         CODE_INVALID_ARGUMENT},
	        {{&insert_thing, DB_ARGS(DB_CSTR("secret"), DB_NULL, DB_NULL)},
	         CODE_INVALID_ARGUMENT},
	        {{&divide, DB_ARGS(DB_I64(0))}, CODE_INVALID_ARGUMENT},
	        {{&no_such_table, DB_NO_ARGS}, CODE_INTERNAL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct statement s = cases[i].s;
		status           st = job_run(&f, write_it, &s, 0);

		assert_status(st, cases[i].code);
		assert_null(strstr(st.msg, "secret"));
		assert_null(strstr(st.msg, "SELECT"));
	}
	assert_int_equal(answer(&count_things, DB_ARGS(DB_I64(9))), 0);
}

TEST(a_read_connection_refuses_writes)
{
	struct statement s = {&insert_thing, DB_ARGS(DB_I64(10), DB_CSTR("w"), DB_NULL)};

	assert_status(job_run(&f, read_it, &s, 0), CODE_INTERNAL);
	assert_int_equal(answer(&count_things, DB_ARGS(DB_I64(10))), 0);
}

TEST(a_read_gives_up_at_its_deadline_and_its_connection_recovers)
{
	struct statement s = {&nap, DB_ARGS(DB_DOUBLE(1.2))};
	struct statement quick = {&count_things, DB_ARGS(DB_I64(-1))};
	struct job       j;

	job_start(&j, &f, read_it, &s, 100);
	job_await(&j);
	assert_status(j.st, CODE_DEADLINE_EXCEEDED);
	assert_true(j.took_ns < 1000 * CLOCK_NS_PER_MS);
	/* The only read connection still naps: the next one waits for it. */
	assert_status(job_run(&f, read_it, &quick, 0), CODE_OK);
	await_open(&f, 3);
}

TEST(a_write_that_was_sent_without_an_answer_is_of_unknown_outcome)
{
	struct statement s = {&nap_and_insert, DB_ARGS(DB_I64(20), DB_DOUBLE(1.0))};
	status           st = job_run(&f, write_it, &s, 400);

	assert_status(st, CODE_DEADLINE_EXCEEDED);
	assert_non_null(strstr(st.msg, "unknown"));
	await_leased(&f, 0);
	/* And this time it happened. */
	assert_int_equal(answer(&count_things, DB_ARGS(DB_I64(20))), 1);
}

TEST(nothing_is_sent_when_no_time_is_left)
{
	struct statement s = {&insert_thing, DB_ARGS(DB_I64(22), DB_CSTR("late"), DB_NULL)};

	assert_status(job_run(&f, write_it, &s, -1), CODE_UNAVAILABLE);
	await_leased(&f, 0);
	assert_int_equal(answer(&count_things, DB_ARGS(DB_I64(22))), 0);
}

TEST(the_servers_own_timeout_is_a_deadline)
{
	struct statement s = {&nap_and_insert, DB_ARGS(DB_I64(23), DB_DOUBLE(10))};

	assert_status(job_run(&f, write_it, &s, 0), CODE_DEADLINE_EXCEEDED);
	assert_int_equal(answer(&count_things, DB_ARGS(DB_I64(23))), 0);
}

TEST(a_fiber_cancelled_while_its_statement_runs_leaves_at_once)
{
	struct statement s = {&nap, DB_ARGS(DB_DOUBLE(1.5))};
	unsigned         one = 1;
	struct job       j;

	job_start(&j, &f, write_it, &s, 0);
	await_true(&f, has_leased, &one);
	fiber_cancel(j.fiber);
	job_await(&j);
	assert_status(j.st, CODE_CANCELLED);
	assert_true(j.took_ns < 1200 * CLOCK_NS_PER_MS);
}

TEST(fibers_beyond_the_connections_queue_in_order)
{
	struct statement short_nap = {&nap, DB_ARGS(DB_DOUBLE(0.05))};
	struct statement quick = {&count_things, DB_ARGS(DB_I64(-1))};
	struct job       blocker, jobs[8];
	int64_t          last_ns = 0;

	job_start(&blocker, &f, read_it, &short_nap, 0);
	for (size_t i = 0; i < 8; i++)
		job_start(&jobs[i], &f, read_it, &quick, 0);
	job_await(&blocker);
	for (size_t i = 0; i < 8; i++) {
		int64_t ended_ns;

		job_await(&jobs[i]);
		assert_status(jobs[i].st, CODE_OK);
		ended_ns = jobs[i].started_ns + jobs[i].took_ns;
		assert_true(ended_ns > last_ns);
		last_ns = ended_ns;
	}
}

TEST(the_queue_is_bounded_and_leaving_it_is_unavailable)
{
	struct statement long_nap = {&nap, DB_ARGS(DB_DOUBLE(1.5))};
	struct statement quick = {&count_things, DB_ARGS(DB_I64(-1))};
	struct job       blocker, jobs[8], refused;

	/* The first opens the connection. */
	assert_status(job_run(&f, read_slowly, &quick, 0), CODE_OK);
	job_start(&blocker, &f, read_slowly, &long_nap, 0);
	for (size_t i = 0; i < 8; i++)
		job_start(&jobs[i], &f, read_slowly, &quick, 300);
	job_start(&refused, &f, read_slowly, &quick, 300);
	assert_null(refused.fiber);
	assert_status(refused.st, CODE_UNAVAILABLE);
	for (size_t i = 0; i < 8; i++) {
		job_await(&jobs[i]);
		assert_status(jobs[i].st, CODE_UNAVAILABLE);
		assert_true(jobs[i].took_ns < 1200 * CLOCK_NS_PER_MS);
	}
	job_await(&blocker);
	assert_status(blocker.st, CODE_OK);
}

DB_QUERY(select_name, "SELECT name FROM renamed WHERE id = $1");

static void read_text(struct job *j)
{
	struct db_rows *rows;

	j->st = db_read(f.db, &f.arena, &select_name, DB_ARGS(DB_I64(1)), &rows);
}

TEST(a_schema_that_changed_under_prepared_statements_is_prepared_again)
{
	pg_exec(url, "CREATE TABLE renamed (id bigint, name text)");
	assert_status(job_run(&f, read_text, NULL, 0), CODE_OK);
	pg_exec(url, "ALTER TABLE renamed ALTER name TYPE varchar(10)");
	assert_status(job_run(&f, read_text, NULL, 0), CODE_OK);
}

static void ping_it(struct job *j)
{
	j->st = db_ping(f.db, &f.arena);
}

TEST(a_ping_is_a_round_trip)
{
	assert_status(job_run(&f, ping_it, NULL, 0), CODE_OK);
}

TEST_MAIN(setup, teardown)
