/*
 * Design notes. The worker's thread owns everything of its loop; the main thread only posts one
 * task, `order`, and waits on a condition for the answer. Draining is polled by a timer of the
 * worker's own loop rather than counted: is_idle() is cheap, and a part then cannot forget to say
 * that it is done.
 */
#include "runtime/worker.h"

#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum {
	TURN_MS = 1000,
	READY_POLL_MS = 5,
	DRAIN_POLL_MS = 5,
	CANCEL_MS = 10000,
	SLOW_MS = 50,
	MESSAGE_BYTES = 512
};

enum phase { STARTING, RUNNING, DRAINING, CANCELLING, STOPPING };

struct runtime_worker {
	struct runtime_worker_config cfg;
	struct loop                 *loop;
	struct fiber_scheduler      *fibers;
	pthread_t                    thread;
	enum phase                   phase;
	struct loop_timer            ready_timer, drain_timer;
	atomic_bool                  is_ready;
	struct loop_task             drain_order;
	int64_t                      drain_until_ns, cancel_until_ns;
	uint32_t                     drain_timeout_ms;
	bool                         is_drain_ordered; /* the main thread\'s */

	pthread_mutex_t mutex;
	pthread_cond_t  started;
	bool            has_started; /* under mutex, with result */
	status          result;
	char message[MESSAGE_BYTES]; /* result.msg: its arena is gone when the main thread reads it
	                              */
};

struct loop *runtime_worker_loop(struct runtime_worker *w)
{
	return w->loop;
}

struct fiber_scheduler *runtime_worker_fibers(struct runtime_worker *w)
{
	return w->fibers;
}

static void report_start(struct runtime_worker *w, status st)
{
	pthread_mutex_lock(&w->mutex);
	snprintf(w->message, sizeof w->message, "%s: %s", w->cfg.name, st.msg ? st.msg : "");
	w->result = (status){st.code, st.code == CODE_OK ? NULL : w->message};
	w->has_started = true;
	pthread_cond_signal(&w->started);
	pthread_mutex_unlock(&w->mutex);
}

static void on_ready_timer(struct loop_timer *t)
{
	struct runtime_worker *w = container_of(t, struct runtime_worker, ready_timer);

	if (w->cfg.ops->is_ready == NULL || w->cfg.ops->is_ready(w->cfg.arg))
		atomic_store(&w->is_ready, true);
	else
		loop_timer_set(w->loop, t, clock_after_ms(READY_POLL_MS));
}

bool runtime_worker_is_ready(const struct runtime_worker *w)
{
	return w == NULL || atomic_load(&w->is_ready);
}

static void start_in_fiber(void *arg)
{
	struct runtime_worker *w = arg;
	status                 st = w->cfg.ops->start(w->cfg.arg, w);

	w->phase = st.code == CODE_OK ? RUNNING : STOPPING;
	if (w->phase == RUNNING)
		on_ready_timer(&w->ready_timer);
	report_start(w, st);
}

static void on_drain_timer(struct loop_timer *t)
{
	struct runtime_worker *w = container_of(t, struct runtime_worker, drain_timer);
	int64_t                now = clock_now_ns();

	if (w->cfg.ops->is_idle(w->cfg.arg) ||
	    (w->phase == CANCELLING && now > w->cancel_until_ns)) {
		w->phase = STOPPING;
		return;
	}
	if (w->phase == DRAINING && now > w->drain_until_ns) {
		w->phase = CANCELLING;
		w->cancel_until_ns = now + CANCEL_MS * CLOCK_NS_PER_MS;
		w->cfg.ops->cancel(w->cfg.arg);
	}
	loop_timer_set(w->loop, t, now + DRAIN_POLL_MS * CLOCK_NS_PER_MS);
}

static void on_drain_order(struct loop_task *t)
{
	struct runtime_worker *w = container_of(t, struct runtime_worker, drain_order);

	w->phase = DRAINING;
	w->drain_until_ns = clock_after_ms(w->drain_timeout_ms);
	w->cfg.ops->drain(w->cfg.arg);
	on_drain_timer(&w->drain_timer);
}

static void run(struct runtime_worker *w)
{
	status st = fiber_spawn(w->fibers, start_in_fiber, w, CLOCK_NEVER, NULL);

	if (st.code != CODE_OK) {
		w->phase = STOPPING;
		report_start(w, st);
	}
	while (w->phase != STOPPING) {
		if (w->cfg.ops->turn && w->phase != STARTING)
			w->cfg.ops->turn(w->cfg.arg, TURN_MS);
		else
			loop_turn(w->loop, TURN_MS);
	}
	loop_timer_cancel(w->loop, &w->ready_timer);
	w->cfg.ops->stop(w->cfg.arg);
	/* Fibers that were just cancelled unwind in turns of their own. */
	for (int i = 0; i < 1000 && fiber_scheduler_count(w->fibers) > 0; i++)
		loop_turn(w->loop, DRAIN_POLL_MS);
}

/* A loop that is held up holds up everybody on it: whoever does it is named. */
static void on_slow(const char *label, int64_t took_ns)
{
	log_warn("a loop was held up", LOG_CSTR("by", label),
	         LOG_MS("took", took_ns / CLOCK_NS_PER_MS));
}

static void *thread_main(void *arg)
{
	struct runtime_worker    *w = arg;
	const struct fiber_config fibers = {.max_fibers = w->cfg.max_fibers,
	                                    .on_slow = on_slow,
	                                    .slow_ns = SLOW_MS * CLOCK_NS_PER_MS};
	status                    st = loop_new(&w->loop);

	if (st.code == CODE_OK)
		st = fiber_scheduler_new(w->loop, &fibers, &w->fibers);
	if (st.code == CODE_OK) {
		loop_timer_init(&w->ready_timer, on_ready_timer);
		loop_timer_init(&w->drain_timer, on_drain_timer);
		loop_task_init(&w->drain_order, on_drain_order);
		run(w);
	} else {
		w->cfg.ops->stop(w->cfg.arg);
		report_start(w, st);
	}
	fiber_scheduler_free(w->fibers);
	loop_free(w->loop);
	return NULL;
}

static void worker_fini(struct runtime_worker *w)
{
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->started);
	pthread_mutex_destroy(&w->mutex);
	mem_free(w);
}

/* Its thread leaves signals to the main one. */
static int start_thread(struct runtime_worker *w)
{
	sigset_t all, before;
	int      error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&w->thread, NULL, thread_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		pthread_setname_np(w->thread, w->cfg.name);
	return error;
}

status runtime_worker_new(const struct runtime_worker_config *cfg,
                          struct runtime_worker             **out_worker)
{
	struct runtime_worker    *w = mem_zalloc(sizeof *w);
	static _Thread_local char message[MESSAGE_BYTES]; /* outlives the worker that failed */

	w->cfg = *cfg;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->started, NULL);
	if (start_thread(w) != 0) {
		pthread_cond_destroy(&w->started);
		pthread_mutex_destroy(&w->mutex);
		mem_free(w);
		cfg->ops->stop(cfg->arg);
		return status_error(CODE_UNAVAILABLE, "cannot start a thread");
	}
	pthread_mutex_lock(&w->mutex);
	while (!w->has_started)
		pthread_cond_wait(&w->started, &w->mutex);
	pthread_mutex_unlock(&w->mutex);
	if (w->result.code != CODE_OK) {
		status st = {w->result.code, message};

		snprintf(message, sizeof message, "%s", w->message);
		worker_fini(w);
		return st;
	}
	*out_worker = w;
	return STATUS_OK;
}

void runtime_worker_drain(struct runtime_worker *w, uint32_t timeout_ms)
{
	if (w == NULL)
		return;
	w->drain_timeout_ms = timeout_ms;
	w->is_drain_ordered = true;
	loop_post(w->loop, &w->drain_order);
}

void runtime_worker_free(struct runtime_worker *w, uint32_t timeout_ms)
{
	if (w == NULL)
		return;
	if (!w->is_drain_ordered)
		runtime_worker_drain(w, timeout_ms);
	worker_fini(w);
}
