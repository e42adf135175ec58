#include "test/integration/db/fixture.h"

void fixture_start(struct fixture *f, const char *url, struct db_config cfg)
{
	const struct fiber_config fibers = {.max_fibers = 1100};

	*f = (struct fixture){0};
	arena_init(&f->arena, 1 << 20);
	assert_status(loop_new(&f->loop), CODE_OK);
	assert_status(fiber_scheduler_new(f->loop, &fibers, &f->fibers), CODE_OK);
	assert_status(offload_new(1, 16, &f->offload), CODE_OK);
	cfg.loop = f->loop;
	cfg.fibers = f->fibers;
	cfg.offload = f->offload;
	cfg.url = url;
	cfg.application_name = "test";
	assert_status(db_new(&cfg, &f->db), CODE_OK);
}

static bool has_no_fibers(struct fixture *f, void *arg)
{
	(void)arg;
	return fiber_scheduler_count(f->fibers) == 0;
}

void fixture_stop(struct fixture *f)
{
	await_leased(f, 0);
	db_free(f->db);
	await_true(f, has_no_fibers, NULL);
	fiber_scheduler_free(f->fibers);
	offload_free(f->offload);
	loop_free(f->loop);
	arena_fini(&f->arena);
}

static void run(void *arg)
{
	struct job *j = arg;

	j->run(j);
	j->took_ns = clock_now_ns() - j->started_ns;
	j->fiber = NULL;
}

void job_start(struct job *j, struct fixture *f, void (*fn)(struct job *j), void *arg,
               int64_t deadline_ms)
{
	*j = (struct job){.f = f, .run = fn, .arg = arg, .started_ns = clock_now_ns()};
	assert_status(fiber_spawn(f->fibers, run, j,
	                          deadline_ms ? clock_after_ms(deadline_ms) : CLOCK_NEVER,
	                          &j->fiber),
	              CODE_OK);
}

static bool has_ended(struct fixture *f, void *job)
{
	(void)f;
	return ((struct job *)job)->fiber == NULL;
}

void job_await(struct job *j)
{
	await_true(j->f, has_ended, j);
}

status job_run(struct fixture *f, void (*fn)(struct job *j), void *arg, int64_t deadline_ms)
{
	struct job j;

	job_start(&j, f, fn, arg, deadline_ms);
	job_await(&j);
	return j.st;
}

void await_true(struct fixture *f, bool (*is_true)(struct fixture *f, void *arg), void *arg)
{
	int64_t until_ns = clock_after_ms(20000);

	while (!is_true(f, arg)) {
		if (clock_now_ns() > until_ns)
			fail_msg("what was awaited did not come");
		loop_turn(f->loop, 100);
	}
}

bool has_open(struct fixture *f, void *n)
{
	unsigned n_open, n_leased;

	db_counts(f->db, &n_open, &n_leased);
	return n_open == *(unsigned *)n;
}

bool has_leased(struct fixture *f, void *n)
{
	unsigned n_open, n_leased;

	db_counts(f->db, &n_open, &n_leased);
	return n_leased == *(unsigned *)n;
}

void await_open(struct fixture *f, unsigned n)
{
	await_true(f, has_open, &n);
}

void await_leased(struct fixture *f, unsigned n)
{
	await_true(f, has_leased, &n);
}

struct question {
	const struct db_query *query;
	struct db_args         args;
	int64_t                value;
};

static void run_question(struct job *j)
{
	struct question *q = j->arg;
	struct db_rows  *rows;

	j->st = db_write(j->f->db, &j->f->arena, q->query, q->args, &rows);
	if (j->st.code == CODE_OK && db_rows_count(rows) > 0)
		q->value = db_rows_i64(rows, 0, 0);
}

status ask(struct fixture *f, const struct db_query *query, struct db_args args, int64_t *out_value)
{
	struct question q = {.query = query, .args = args};
	status          st = job_run(f, run_question, &q, 0);

	if (st.code == CODE_OK)
		*out_value = q.value;
	return st;
}
