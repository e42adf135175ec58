#include "test/integration/db/fixture.h"

#include <string.h>

/* Stops and starts a cluster of its own. */

static struct pg_cluster *cluster;
static char               url[PG_URL_BYTES];
static struct fixture     f;

static int setup(void **state)
{
	(void)state;
	cluster = pg_cluster_new();
	pg_database_new(cluster, url);
	pg_exec(url, "CREATE TABLE things (id bigint PRIMARY KEY)");
	fixture_start(&f, url,
	              (struct db_config){.read_connections = 2,
	                                 .write_connections = 2,
	                                 .statement_timeout_ms = 1000});
	await_open(&f, 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_stop(&f);
	pg_cluster_free(cluster);
	return 0;
}

DB_QUERY(one, "SELECT 1::bigint");
DB_QUERY(insert_thing, "INSERT INTO things VALUES ($1)");
DB_QUERY(count_things, "SELECT count(*) FROM things WHERE id = $1");
DB_QUERY(nap, "SELECT 1::bigint FROM pg_sleep($1::float8)");
DB_QUERY(nap_and_insert, "INSERT INTO things SELECT $1 FROM pg_sleep($2::float8)");
DB_QUERY(insert_and_die, "WITH i AS (INSERT INTO things VALUES ($1) RETURNING id)"
                         " SELECT pg_terminate_backend(pg_backend_pid()) FROM i");

/* Kills all backends that run something but this statement's own. */
#define KILL_THE_BUSY                                                                              \
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"                                   \
	" WHERE application_name = 'test' AND state <> 'idle'"

static void read_one(struct job *j)
{
	struct db_rows *rows;

	j->st = db_read(j->f->db, &j->f->arena, &one, DB_NO_ARGS, &rows);
}

static void write_thing(struct job *j)
{
	j->st = db_write(j->f->db, &j->f->arena, &insert_thing, DB_ARGS(DB_I64(*(int64_t *)j->arg)),
	                 NULL);
}

struct slow_write {
	int64_t id;
	double  nap_s;
};

static void nap_and_write(struct job *j)
{
	const struct slow_write *w = j->arg;

	j->st = db_write(j->f->db, &j->f->arena, &nap_and_insert,
	                 DB_ARGS(DB_I64(w->id), DB_DOUBLE(w->nap_s)), NULL);
}

/* Starts a slow write that needs no preparation: its connection, the last used one, has it. */
static void start_slow_write(struct job *j, struct slow_write *w)
{
	struct slow_write first = {w->id + 1000, 0};

	assert_status(job_run(&f, nap_and_write, &first, 0), CODE_OK);
	job_start(j, &f, nap_and_write, w, 0);
	assert_non_null(j->fiber);
}

static void nap_and_read(struct job *j)
{
	struct db_rows *rows;

	j->st = db_read(j->f->db, &j->f->arena, &nap, DB_ARGS(DB_DOUBLE(0.3)), &rows);
}

static bool is_there(int64_t id)
{
	int64_t n = -1;

	assert_status(ask(&f, &count_things, DB_ARGS(DB_I64(id)), &n), CODE_OK);
	return n == 1;
}

TEST(while_the_server_is_away_calls_fail_at_once_and_then_all_is_well)
{
	int64_t    id = 1;
	struct job r, w;

	for (int is_crash = 0; is_crash < 2; is_crash++, id++) {
		pg_cluster_stop(cluster, is_crash);
		await_open(&f, 0);
		/* The first may wait for the end of an attempt. */
		assert_status(job_run(&f, read_one, NULL, 0), CODE_UNAVAILABLE);
		assert_status(job_run(&f, write_thing, &id, 0), CODE_UNAVAILABLE);
		job_start(&r, &f, read_one, NULL, 0);
		job_start(&w, &f, write_thing, &id, 0);
		assert_null(r.fiber);
		assert_null(w.fiber);
		assert_status(r.st, CODE_UNAVAILABLE);
		assert_status(w.st, CODE_UNAVAILABLE);
		assert_string_not_equal(db_trouble(f.db), "");
		await_leased(&f, 0);
		pg_cluster_start(cluster);
		await_open(&f, 4);
		assert_string_equal(db_trouble(f.db), "");
		assert_false(is_there(id));
		assert_status(job_run(&f, write_thing, &id, 0), CODE_OK);
		assert_true(is_there(id));
	}
}

TEST(a_write_to_a_server_that_just_went_is_surely_not_executed)
{
	int64_t id = 10;

	/* The loop did not turn since: the socket tells. */
	pg_cluster_stop(cluster, true);
	assert_status(job_run(&f, write_thing, &id, 0), CODE_UNAVAILABLE);
	pg_cluster_start(cluster);
	await_open(&f, 4);
	assert_false(is_there(id));
}

TEST(a_read_on_a_lost_connection_is_run_again)
{
	unsigned   one_leased = 1;
	struct job j;

	job_start(&j, &f, nap_and_read, NULL, 0);
	await_true(&f, has_leased, &one_leased);
	pg_exec(url, KILL_THE_BUSY);
	job_await(&j);
	assert_status(j.st, CODE_OK);
	await_open(&f, 4);
}

TEST(a_write_whose_server_says_goodbye_was_not_executed)
{
	struct slow_write w = {20, 0.5};
	struct job        j;

	start_slow_write(&j, &w);
	pg_exec(url, KILL_THE_BUSY);
	job_await(&j);
	assert_status(j.st, CODE_UNAVAILABLE);
	await_open(&f, 4);
	assert_false(is_there(w.id));
}

TEST(a_write_whose_server_crashes_is_of_unknown_outcome)
{
	struct slow_write w = {21, 0.5};
	struct job        j;

	start_slow_write(&j, &w);
	pg_cluster_stop(cluster, true);
	job_await(&j);
	assert_status(j.st, CODE_DEADLINE_EXCEEDED);
	assert_non_null(strstr(j.st.msg, "unknown"));
	pg_cluster_start(cluster);
	await_open(&f, 4);
	assert_false(is_there(w.id));
}

TEST(a_write_whose_preparation_was_lost_is_surely_not_executed)
{
	struct slow_write w = {22, 0.5};
	struct job        j;

	/* The restart before left sessions without prepared statements. */
	job_start(&j, &f, nap_and_write, &w, 0);
	assert_non_null(j.fiber);
	pg_cluster_stop(cluster, true);
	job_await(&j);
	assert_status(j.st, CODE_UNAVAILABLE);
	pg_cluster_start(cluster);
	await_open(&f, 4);
	assert_false(is_there(w.id));
}

static status insert_then_die(struct db_tx *tx, void *arg)
{
	struct db_rows *rows;

	(void)arg;
	return db_tx_query(tx, &insert_and_die, DB_ARGS(DB_I64(30)), &rows);
}

static void run_insert_then_die(struct job *j)
{
	j->st = db_tx_run(f.db, &f.arena, insert_then_die, NULL);
}

TEST(a_transaction_that_loses_its_server_before_commit_is_not_executed)
{
	assert_status(job_run(&f, run_insert_then_die, NULL, 0), CODE_UNAVAILABLE);
	await_open(&f, 4);
	assert_false(is_there(30));
}

static status insert_then_crash(struct db_tx *tx, void *arg)
{
	(void)arg;
	TRY(db_tx_query(tx, &insert_thing, DB_ARGS(DB_I64(31)), NULL));
	/* The loop does not turn before COMMIT is sent. */
	pg_exec(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	             " WHERE state = 'idle in transaction'");
	return STATUS_OK;
}

static void run_insert_then_crash(struct job *j)
{
	j->st = db_tx_run(f.db, &f.arena, insert_then_crash, NULL);
}

TEST(a_commit_without_an_answer_is_of_unknown_outcome)
{
	status st = job_run(&f, run_insert_then_crash, NULL, 0);

	assert_status(st, CODE_DEADLINE_EXCEEDED);
	assert_non_null(strstr(st.msg, "unknown"));
	await_open(&f, 4);
	assert_false(is_there(31));
}

DB_QUERY(count_new_sessions,
         "SELECT count(*) FROM pg_stat_activity"
         " WHERE application_name = 'test' AND backend_start > (SELECT at FROM kills)");

static bool are_all_new(struct fixture *fixture, void *arg)
{
	int64_t n = 0;

	(void)arg;
	return ask(fixture, &count_new_sessions, DB_NO_ARGS, &n).code == CODE_OK && n == 4;
}

TEST(free_connections_that_were_killed_are_noticed_and_come_back)
{
	pg_exec(url, "CREATE TABLE kills AS SELECT clock_timestamp() AS at;"
	             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	             " WHERE application_name = 'test'");
	await_true(&f, are_all_new, NULL);
	assert_status(job_run(&f, read_one, NULL, 0), CODE_OK);
}

TEST(calls_wait_for_the_very_first_attempt)
{
	struct fixture fresh;

	fixture_start(&fresh, url, (struct db_config){0});
	assert_status(job_run(&fresh, read_one, NULL, 0), CODE_OK);
	fixture_stop(&fresh);
}

TEST(host_names_are_resolved_and_what_comes_of_it_is_told)
{
	static const struct {
		const char *url, *trouble;
	} cases[] = {
	        {"postgresql://me@nowhere.invalid/base", "no address"},
	        {"postgresql://me@localhost:1/base", "refused"},
	        {"postgresql://me@nowhere.invalid,localhost:1/base", "refused"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture fresh;

		fixture_start(&fresh, cases[i].url, (struct db_config){0});
		assert_status(job_run(&fresh, read_one, NULL, 5000), CODE_UNAVAILABLE);
		if (strstr(db_trouble(fresh.db), cases[i].trouble) == NULL)
			fail_msg("%s", db_trouble(fresh.db));
		fixture_stop(&fresh);
	}
}

TEST(a_db_may_be_closed_while_it_resolves_and_connects)
{
	static const char *const urls[] = {"postgresql://me@nowhere.invalid/base", url};

	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct fixture fresh;

		fixture_start(&fresh, urls[i], (struct db_config){0});
		fixture_stop(&fresh);
	}
}

TEST_MAIN(setup, teardown)
