#include "fiber/offload.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "loop/loop.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

/*
 * Design notes
 *
 * A job lives on the stack of the fiber that waits for it, so the fiber leaves only when no
 * thread knows the job any more: either it took the job off the queue itself, or the job's
 * task was posted to the fiber's loop and ran there. Posting is the last a thread does with
 * a job.
 *
 * The pool's memory is shared by its owner and the fibers within offload_run(): a queued
 * fiber may learn of the pool's end after offload_free() has returned.
 */

struct job {
	void (*fn)(void *arg);
	void            *arg;
	struct list      link; /* in the queue; alone once a thread has it. Under the pool's lock */
	struct loop     *loop;
	struct fiber    *fiber;
	struct loop_task over_task;
	bool             has_run; /* written before the task is posted */
	bool             is_over; /* the loop thread's */
};

struct offload {
	pthread_t *threads;
	unsigned   n_threads;
	size_t     max_queued;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t  has_work;
	struct list     queue;
	size_t          n_queued;
	size_t          n_busy;
	size_t          n_owners;
	bool            is_stopping;
};

/* ---- on a pool thread ---- */

static struct job *next_job(struct offload *o)
{
	struct job *j = NULL;

	pthread_mutex_lock(&o->lock);
	while (!o->is_stopping && list_is_empty(&o->queue))
		pthread_cond_wait(&o->has_work, &o->lock);
	if (!o->is_stopping) {
		j = container_of(o->queue.next, struct job, link);
		list_remove(&j->link);
		o->n_queued--;
		o->n_busy++;
	}
	pthread_mutex_unlock(&o->lock);
	return j;
}

static void run(struct offload *o, struct job *j)
{
	j->fn(j->arg);
	j->has_run = true;
	/* Before the post: whoever saw a job end finds its thread free. */
	pthread_mutex_lock(&o->lock);
	o->n_busy--;
	pthread_mutex_unlock(&o->lock);
	loop_post(j->loop, &j->over_task);
}

static void *work(void *arg)
{
	const struct sched_param none = {0};
	struct job              *j;

	/* Best effort: without it hashing competes with the loops. 0 is the calling thread. */
	(void)sched_setscheduler(0, SCHED_IDLE, &none);
	while ((j = next_job(arg)) != NULL)
		run(arg, j);
	return NULL;
}

/* ---- life ---- */

/* One owner less; the last one out frees the memory. */
static void disown(struct offload *o)
{
	bool is_last;

	pthread_mutex_lock(&o->lock);
	is_last = --o->n_owners == 0;
	pthread_mutex_unlock(&o->lock);
	if (!is_last)
		return;
	pthread_cond_destroy(&o->has_work);
	pthread_mutex_destroy(&o->lock);
	mem_free(o->threads);
	mem_free(o);
}

static unsigned half_the_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN) / 2;

	return n < 1 ? 1 : (unsigned)n;
}

/* Signals are for the process's own threads: the pool's start with all of them blocked. */
static bool start_threads(struct offload *o, unsigned n)
{
	sigset_t all, before;
	bool     is_ok = true;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (is_ok && o->n_threads < n) {
		is_ok = pthread_create(&o->threads[o->n_threads], NULL, work, o) == 0;
		if (is_ok)
			pthread_setname_np(o->threads[o->n_threads++], "offload");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_ok;
}

status offload_new(unsigned n_threads, size_t max_queued, struct offload **out_offload)
{
	struct offload *o = mem_zalloc(sizeof *o);

	if (n_threads == 0)
		n_threads = half_the_cores();
	o->threads = mem_zalloc_array(n_threads, sizeof *o->threads);
	o->max_queued = max_queued;
	o->n_owners = 1;
	list_init(&o->queue);
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->has_work, NULL);
	if (!start_threads(o, n_threads)) {
		offload_free(o);
		return status_error(CODE_UNAVAILABLE, "out of threads");
	}
	*out_offload = o;
	return STATUS_OK;
}

void offload_free(struct offload *o)
{
	if (o == NULL)
		return;
	pthread_mutex_lock(&o->lock);
	o->is_stopping = true;
	pthread_cond_broadcast(&o->has_work);
	while (!list_is_empty(&o->queue)) {
		struct job *j = container_of(o->queue.next, struct job, link);

		list_remove(&j->link);
		loop_post(j->loop, &j->over_task);
	}
	pthread_mutex_unlock(&o->lock);
	for (unsigned i = 0; i < o->n_threads; i++)
		pthread_join(o->threads[i], NULL);
	disown(o);
}

/* ---- on the fiber's thread ---- */

static void on_over(struct loop_task *t)
{
	struct job *j = container_of(t, struct job, over_task);

	j->is_over = true;
	fiber_wake(j->fiber);
}

static status enqueue(struct offload *o, struct job *j)
{
	status st = STATUS_OK;

	pthread_mutex_lock(&o->lock);
	/* As many of the queued as threads are free are as good as running. */
	if (o->is_stopping || o->n_queued + o->n_busy >= o->max_queued + o->n_threads) {
		st = status_error(CODE_UNAVAILABLE, "too busy");
	} else {
		list_append(&o->queue, &j->link);
		o->n_queued++;
		o->n_owners++;
		pthread_cond_signal(&o->has_work);
	}
	pthread_mutex_unlock(&o->lock);
	return st;
}

/* Takes the job off the queue; false when it is somebody else's by now. */
static bool take_back(struct offload *o, struct job *j)
{
	bool is_queued;

	pthread_mutex_lock(&o->lock);
	is_queued = !list_is_empty(&j->link);
	if (is_queued) {
		list_remove(&j->link);
		o->n_queued--;
	}
	pthread_mutex_unlock(&o->lock);
	return is_queued;
}

/* Waits until no thread knows the job; its outcome. */
static status wait_for(struct offload *o, struct job *j)
{
	while (!j->is_over) {
		status st = fiber_suspend(CLOCK_NEVER);

		if (st.code == CODE_OK)
			continue;
		if (take_back(o, j))
			return st;
		while (!j->is_over)
			fiber_suspend_uninterrupted();
	}
	if (!j->has_run)
		return status_error(CODE_CANCELLED, "shutting down");
	return STATUS_OK;
}

status offload_run(struct offload *o, void (*fn)(void *arg), void *arg)
{
	struct job j = {
	        .fn = fn, .arg = arg, .loop = fiber_current_loop(), .fiber = fiber_current()};
	status st;

	if (j.fiber == NULL)
		mem_die("offload: called outside of fibers");
	list_init(&j.link);
	loop_task_init(&j.over_task, on_over);
	TRY(enqueue(o, &j));
	st = wait_for(o, &j);
	disown(o);
	return st;
}
