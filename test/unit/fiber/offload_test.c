#include "test/support/test.h"

#include "base/clock.h"
#include "fiber/fiber.h"
#include "fiber/offload.h"
#include "loop/loop.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

static struct loop            *loop;
static struct fiber_scheduler *fibers;
static struct offload         *pool;

static void open_all(unsigned n_threads, size_t max_queued)
{
	const struct fiber_config cfg = {0};

	assert_status(loop_new(&loop), CODE_OK);
	assert_status(fiber_scheduler_new(loop, &cfg, &fibers), CODE_OK);
	assert_status(offload_new(n_threads, max_queued, &pool), CODE_OK);
}

static void run_to_the_end(void)
{
	while (fiber_scheduler_count(fibers))
		loop_turn(loop, -1);
}

static void close_all(void)
{
	run_to_the_end();
	offload_free(pool);
	fiber_scheduler_free(fibers);
	loop_free(loop);
}

/* A job that says that it began, and ends when it may. */
struct deed {
	struct fiber *fiber;
	sem_t         began, may_end;
	pthread_t     thread;
	int           policy;
	bool          is_signal_blocked;
	bool          has_run; /* the pool thread's, read after offload_run() */
	enum code     code;
};

static void do_deed(void *arg)
{
	struct deed *d = arg;
	sigset_t     blocked;

	d->thread = pthread_self();
	d->policy = sched_getscheduler(0);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	d->is_signal_blocked = sigismember(&blocked, SIGTERM) == 1;
	sem_post(&d->began);
	sem_wait(&d->may_end);
	d->has_run = true;
}

static void offload_deed(void *arg)
{
	struct deed *d = arg;

	d->code = offload_run(pool, do_deed, d).code;
}

static void spawn_deed(struct deed *d, int64_t deadline_ns)
{
	*d = (struct deed){.code = CODE_UNKNOWN};
	sem_init(&d->began, 0, 0);
	sem_init(&d->may_end, 0, 0);
	assert_status(fiber_spawn(fibers, offload_deed, d, deadline_ns, &d->fiber), CODE_OK);
}

TEST(a_job_runs_on_an_idle_thread_with_signals_blocked)
{
	struct deed d;

	open_all(1, 4);
	spawn_deed(&d, CLOCK_NEVER);
	assert_int_equal(d.code, CODE_UNKNOWN); /* the fiber sleeps, we do not */
	sem_post(&d.may_end);
	run_to_the_end();
	assert_int_equal(d.code, CODE_OK);
	assert_true(d.has_run);
	assert_false(pthread_equal(d.thread, pthread_self()));
	assert_int_equal(d.policy, SCHED_IDLE);
	assert_true(d.is_signal_blocked);
	close_all();
}

TEST(by_default_there_is_a_thread)
{
	struct deed d;

	open_all(0, 1);
	spawn_deed(&d, CLOCK_NEVER);
	sem_post(&d.may_end);
	run_to_the_end();
	assert_true(d.has_run);
	close_all();
}

TEST(a_full_queue_is_unavailable)
{
	static const struct {
		unsigned n_threads;
		size_t   max_queued;
	} cases[] = {{1, 0}, {1, 2}, {2, 0}, {2, 1}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct deed deeds[3], one_more;
		size_t      room = cases[i].n_threads + cases[i].max_queued;

		open_all(cases[i].n_threads, cases[i].max_queued);
		for (size_t k = 0; k < room; k++) {
			spawn_deed(&deeds[k], CLOCK_NEVER);
			assert_int_equal(deeds[k].code, CODE_UNKNOWN);
		}
		spawn_deed(&one_more, CLOCK_NEVER);
		assert_int_equal(one_more.code, CODE_UNAVAILABLE);
		for (size_t k = 0; k < room; k++)
			sem_post(&deeds[k].may_end);
		run_to_the_end();
		for (size_t k = 0; k < room; k++)
			assert_int_equal(deeds[k].code, CODE_OK);
		close_all();
	}
}

TEST(a_queued_job_whose_time_is_up_or_who_is_cancelled_never_runs)
{
	struct deed running, late, cancelled, after;

	open_all(1, 3);
	spawn_deed(&running, CLOCK_NEVER);
	sem_wait(&running.began);
	spawn_deed(&late, clock_after_ms(1));
	spawn_deed(&cancelled, CLOCK_NEVER);
	spawn_deed(&after, CLOCK_NEVER);
	fiber_cancel(cancelled.fiber);
	while (late.code == CODE_UNKNOWN || cancelled.code == CODE_UNKNOWN)
		loop_turn(loop, -1);
	assert_int_equal(late.code, CODE_DEADLINE_EXCEEDED);
	assert_int_equal(cancelled.code, CODE_CANCELLED);
	sem_post(&running.may_end);
	sem_post(&after.may_end);
	run_to_the_end();
	assert_false(late.has_run);
	assert_false(cancelled.has_run);
	assert_int_equal(running.code, CODE_OK);
	assert_int_equal(after.code, CODE_OK);
	close_all();
}

TEST(a_running_job_is_waited_for_whatever_happens)
{
	struct deed late, cancelled;

	open_all(2, 0);
	spawn_deed(&late, clock_after_ms(1));
	sem_wait(&late.began);
	spawn_deed(&cancelled, CLOCK_NEVER);
	sem_wait(&cancelled.began);
	fiber_cancel(cancelled.fiber);
	loop_turn(loop, 5);
	loop_turn(loop, 5);
	assert_int_equal(late.code, CODE_UNKNOWN);
	assert_int_equal(cancelled.code, CODE_UNKNOWN);
	sem_post(&late.may_end);
	sem_post(&cancelled.may_end);
	run_to_the_end();
	assert_true(late.has_run && cancelled.has_run);
	assert_int_equal(late.code, CODE_OK);
	assert_int_equal(cancelled.code, CODE_OK);
	close_all();
}

static void *free_pool(void *arg)
{
	offload_free(arg);
	return NULL;
}

TEST(free_waits_for_the_running_cancels_the_queued_and_refuses_the_new)
{
	struct deed running, queued, late;
	pthread_t   thread;

	open_all(1, 2);
	spawn_deed(&running, CLOCK_NEVER);
	sem_wait(&running.began);
	spawn_deed(&queued, CLOCK_NEVER);
	assert_int_equal(pthread_create(&thread, NULL, free_pool, pool), 0);
	do /* until it is refused, the deed is queued and taken back at once */
		spawn_deed(&late, 0);
	while (late.code == CODE_DEADLINE_EXCEEDED);
	assert_int_equal(late.code, CODE_UNAVAILABLE);
	assert_int_equal(queued.code, CODE_UNKNOWN);
	sem_post(&running.may_end);
	pthread_join(thread, NULL);
	pool = NULL;
	run_to_the_end();
	assert_int_equal(running.code, CODE_OK);
	assert_int_equal(queued.code, CODE_CANCELLED);
	assert_false(queued.has_run);
	close_all();
}

/* ---- several loops ---- */

enum { N_LOOPS = 3, N_FIBERS = 20, N_JOBS = 20 };

struct party {
	pthread_t               thread;
	struct loop            *loop;
	struct fiber_scheduler *fibers;
	int                     n_done; /* this loop's */
	bool                    is_ok;
};

static atomic_int n_jobs_run;

static void add_one(void *arg)
{
	atomic_fetch_add(&n_jobs_run, 1);
	++*(int *)arg;
}

static void offload_many(void *arg)
{
	struct party *p = arg;
	int           n = 0;

	for (int i = 0; i < N_JOBS; i++)
		if (offload_run(pool, add_one, &n).code != CODE_OK)
			return;
	if (n == N_JOBS)
		p->n_done++;
}

static void *run_party(void *arg)
{
	const struct fiber_config cfg = {0};
	struct party             *p = arg;

	p->is_ok = loop_new(&p->loop).code == CODE_OK &&
	           fiber_scheduler_new(p->loop, &cfg, &p->fibers).code == CODE_OK;
	for (int i = 0; p->is_ok && i < N_FIBERS; i++)
		p->is_ok =
		        fiber_spawn(p->fibers, offload_many, p, CLOCK_NEVER, NULL).code == CODE_OK;
	while (p->is_ok && fiber_scheduler_count(p->fibers))
		loop_turn(p->loop, -1);
	fiber_scheduler_free(p->fibers);
	loop_free(p->loop);
	return NULL;
}

TEST(fibers_of_several_loops_share_a_pool)
{
	struct party parties[N_LOOPS] = {0};

	assert_status(offload_new(2, N_LOOPS * N_FIBERS, &pool), CODE_OK);
	atomic_store(&n_jobs_run, 0);
	for (size_t i = 0; i < N_LOOPS; i++)
		assert_int_equal(pthread_create(&parties[i].thread, NULL, run_party, &parties[i]),
		                 0);
	for (size_t i = 0; i < N_LOOPS; i++)
		pthread_join(parties[i].thread, NULL);
	offload_free(pool);
	for (size_t i = 0; i < N_LOOPS; i++) {
		assert_true(parties[i].is_ok);
		assert_int_equal(parties[i].n_done, N_FIBERS);
	}
	assert_int_equal(atomic_load(&n_jobs_run), N_LOOPS * N_FIBERS * N_JOBS);
}

TEST_MAIN()
