#include "test/integration/db/fixture.h"

#include <string.h>

static char           url[PG_URL_BYTES];
static struct fixture f;

static int setup(void **state)
{
	(void)state;
	pg_shared_database(url);
	pg_exec(url, "CREATE TABLE accounts (id bigint PRIMARY KEY, amount bigint NOT NULL);"
	             "CREATE TABLE late (id bigint,"
	             " CONSTRAINT late_key UNIQUE (id) DEFERRABLE INITIALLY DEFERRED);"
	             "INSERT INTO accounts VALUES (1, 0), (2, 0), (3, 0)");
	fixture_start(&f, url,
	              (struct db_config){.read_connections = 1,
	                                 .write_connections = 2,
	                                 .statement_timeout_ms = 3000,
	                                 .lock_timeout_ms = 2000});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_stop(&f);
	return 0;
}

DB_QUERY(insert_account, "INSERT INTO accounts VALUES ($1, 0)");
DB_QUERY(insert_late, "INSERT INTO late VALUES ($1)");
DB_QUERY(add, "UPDATE accounts SET amount = amount + 1 WHERE id = $1");
DB_QUERY(amount_of, "SELECT amount FROM accounts WHERE id = $1");
DB_QUERY(count_of, "SELECT count(*) FROM accounts WHERE id = $1");
DB_QUERY(nap, "SELECT 1::bigint FROM pg_sleep($1::float8)");
DB_QUERY(lock_account, "SELECT id FROM accounts WHERE id = $1 FOR UPDATE");

static int64_t answer(const struct db_query *q, int64_t id)
{
	int64_t value = -1;

	assert_status(ask(&f, q, DB_ARGS(DB_I64(id)), &value), CODE_OK);
	return value;
}

/* What a body does, and what it saw. */
struct plan {
	status (*body)(struct db_tx *tx, void *plan);
	int64_t       id;
	int64_t       other_id;
	bool          is_inside; /* between its two statements */
	unsigned      n_runs;
	struct plan  *partner;
	struct fiber *fiber;
};

static void run_plan(struct job *j)
{
	struct plan *p = j->arg;

	p->fiber = fiber_current();
	j->st = db_tx_run(f.db, &f.arena, p->body, p);
	p->fiber = NULL;
}

static status insert_two(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;

	p->n_runs++;
	TRY(db_tx_query(tx, &insert_account, DB_ARGS(DB_I64(p->id)), NULL));
	return db_tx_query(tx, &insert_account, DB_ARGS(DB_I64(p->other_id)), NULL);
}

TEST(a_transaction_commits_all)
{
	struct plan p = {.body = insert_two, .id = 10, .other_id = 11};

	assert_status(job_run(&f, run_plan, &p, 0), CODE_OK);
	assert_int_equal(answer(&count_of, 10) + answer(&count_of, 11), 2);
	assert_int_equal(p.n_runs, 1);
}

TEST(a_failing_statement_takes_all_back)
{
	struct plan p = {.body = insert_two, .id = 12, .other_id = 12};

	assert_status(job_run(&f, run_plan, &p, 0), CODE_ALREADY_EXISTS);
	await_leased(&f, 0);
	assert_int_equal(answer(&count_of, 12), 0);
}

static status insert_and_refuse(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;

	p->n_runs++;
	TRY(db_tx_query(tx, &insert_account, DB_ARGS(DB_I64(p->id)), NULL));
	return status_errorf(db_tx_arena(tx), CODE_ABORTED, "no, %d", 7);
}

TEST(a_body_that_refuses_takes_all_back_and_is_not_run_again)
{
	struct plan p = {.body = insert_and_refuse, .id = 13};
	status      st = job_run(&f, run_plan, &p, 0);

	assert_status(st, CODE_ABORTED);
	assert_string_equal(st.msg, "no, 7");
	assert_int_equal(p.n_runs, 1);
	await_leased(&f, 0);
	assert_int_equal(answer(&count_of, 13), 0);
}

static status swallow(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;
	status       st = db_tx_query(tx, &insert_account, DB_ARGS(DB_I64(1)), NULL);

	if (st.code == CODE_OK)
		return status_error(CODE_INTERNAL, "the account should be there");
	st = db_tx_query(tx, &insert_account, DB_ARGS(DB_I64(p->id)), NULL);
	return st.code == CODE_ALREADY_EXISTS ? STATUS_OK : st;
}

TEST(a_body_that_swallows_an_error_does_not_commit)
{
	struct plan p = {.body = swallow, .id = 14};

	assert_status(job_run(&f, run_plan, &p, 0), CODE_ALREADY_EXISTS);
	assert_int_equal(answer(&count_of, 14), 0);
}

static status insert_late_twice(struct db_tx *tx, void *arg)
{
	(void)arg;
	TRY(db_tx_query(tx, &insert_late, DB_ARGS(DB_I64(1)), NULL));
	return db_tx_query(tx, &insert_late, DB_ARGS(DB_I64(1)), NULL);
}

TEST(a_refused_commit_is_no_mystery)
{
	struct plan p = {.body = insert_late_twice};

	assert_status(job_run(&f, run_plan, &p, 0), CODE_ALREADY_EXISTS);
}

static status add_crosswise(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;

	p->n_runs++;
	TRY(db_tx_query(tx, &add, DB_ARGS(DB_I64(p->id)), NULL));
	p->is_inside = true;
	if (p->partner->fiber)
		fiber_wake(p->partner->fiber);
	while (!p->partner->is_inside)
		TRY(fiber_suspend(CLOCK_NEVER));
	return db_tx_query(tx, &add, DB_ARGS(DB_I64(p->other_id)), NULL);
}

TEST(of_two_that_deadlock_one_is_run_again_and_both_succeed)
{
	struct plan p = {.body = add_crosswise, .id = 1, .other_id = 2};
	struct plan q = {.body = add_crosswise, .id = 2, .other_id = 1};
	struct job  a, b;

	p.partner = &q;
	q.partner = &p;
	job_start(&a, &f, run_plan, &p, 0);
	job_start(&b, &f, run_plan, &q, 0);
	job_await(&a);
	job_await(&b);
	assert_status(a.st, CODE_OK);
	assert_status(b.st, CODE_OK);
	/* The victim runs again, and may be one again. */
	assert_in_range(p.n_runs + q.n_runs, 3, 10);
	assert_int_equal(answer(&amount_of, 1), 2);
	assert_int_equal(answer(&amount_of, 2), 2);
}

DB_QUERY(fail_serialization, "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");

static status never_serializable(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;

	p->n_runs++;
	return db_tx_query(tx, &fail_serialization, DB_NO_ARGS, NULL);
}

TEST(tries_end_after_the_fifth)
{
	struct plan p = {.body = never_serializable};

	assert_status(job_run(&f, run_plan, &p, 0), CODE_ABORTED);
	assert_int_equal(p.n_runs, 5);
}

static status insert_and_nap(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;

	TRY(db_tx_query(tx, &insert_account, DB_ARGS(DB_I64(p->id)), NULL));
	p->is_inside = true;
	return db_tx_query(tx, &nap, DB_ARGS(DB_DOUBLE(0.3)), NULL);
}

static bool is_inside(struct fixture *fixture, void *arg)
{
	(void)fixture;
	return ((struct plan *)arg)->is_inside;
}

TEST(a_fiber_cancelled_within_a_transaction_rolls_back)
{
	struct plan p = {.body = insert_and_nap, .id = 20};
	struct job  j;

	job_start(&j, &f, run_plan, &p, 0);
	await_true(&f, is_inside, &p);
	fiber_cancel(j.fiber);
	job_await(&j);
	assert_status(j.st, CODE_CANCELLED);
	await_leased(&f, 0);
	await_open(&f, 3);
	assert_int_equal(answer(&count_of, 20), 0);
}

TEST(a_deadline_within_a_transaction_rolls_back)
{
	struct plan p = {.body = insert_and_nap, .id = 21};
	struct job  j;

	job_start(&j, &f, run_plan, &p, 150);
	job_await(&j);
	assert_status(j.st, CODE_DEADLINE_EXCEEDED);
	assert_true(j.took_ns < 280 * CLOCK_NS_PER_MS);
	await_leased(&f, 0);
	assert_int_equal(answer(&count_of, 21), 0);
}

static status insert_and_wait(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;

	TRY(db_tx_query(tx, &insert_account, DB_ARGS(DB_I64(p->id)), NULL));
	p->is_inside = true;
	for (;;)
		TRY(fiber_suspend(CLOCK_NEVER));
}

TEST(a_fiber_cancelled_between_statements_rolls_back)
{
	struct plan p = {.body = insert_and_wait, .id = 22};
	struct job  j;

	job_start(&j, &f, run_plan, &p, 0);
	await_true(&f, is_inside, &p);
	fiber_cancel(j.fiber);
	job_await(&j);
	assert_status(j.st, CODE_CANCELLED);
	await_leased(&f, 0);
	await_open(&f, 3);
	assert_int_equal(answer(&count_of, 22), 0);
}

static status hold_lock(struct db_tx *tx, void *arg)
{
	struct plan *p = arg;

	TRY(db_tx_query(tx, &lock_account, DB_ARGS(DB_I64(p->id)), NULL));
	p->is_inside = true;
	while (p->is_inside)
		TRY(fiber_suspend(CLOCK_NEVER));
	return STATUS_OK;
}

static void add_one(struct job *j)
{
	j->st = db_write(f.db, &f.arena, &add, DB_ARGS(DB_I64(*(int64_t *)j->arg)), NULL);
}

TEST(waiting_too_long_for_a_lock_is_unavailable)
{
	struct plan p = {.body = hold_lock, .id = 3};
	int64_t     id = 3;
	struct job  holder;

	job_start(&holder, &f, run_plan, &p, 0);
	await_true(&f, is_inside, &p);
	assert_status(job_run(&f, add_one, &id, 0), CODE_UNAVAILABLE);
	p.is_inside = false;
	fiber_wake(holder.fiber);
	job_await(&holder);
	assert_status(holder.st, CODE_OK);
	assert_status(job_run(&f, add_one, &id, 0), CODE_OK);
}

TEST_MAIN(setup, teardown)
