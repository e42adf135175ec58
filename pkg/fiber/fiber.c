#include "fiber/fiber.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "fiber/sanitizer.h"
#include "fiber/stack.h"
#include "fiber/switch.h"
#include "loop/loop.h"

#include <errno.h>

/*
 * Design notes
 *
 * Fibers are resumed and give back: whoever resumes one (the loop, or a fiber that spawns)
 * goes on when it suspends or ends. Only spawning nests; a fiber that was woken is always
 * resumed by the loop, from one deferred task that empties the queue of the runnable.
 *
 * A fiber is suspended (on no queue, perhaps with its timer set), runnable (on one of the
 * scheduler's two queues) or running (the current one and the chain of spawners below it).
 * A wake leaves a mark that the fiber itself wipes off, so none is lost. A fiber resumed
 * without that mark was cancelled or its time was up. Nobody ends a fiber but its own code.
 *
 * A yielding fiber goes on in a later turn, after descriptors were looked at.
 */

enum {
	DEFAULT_FIBERS = 1024,
	DEFAULT_STACK_BYTES = (FIBER_HAS_SANITIZER ? 256 : 64) * 1024,
};

struct fiber_scheduler {
	struct loop *loop;
	size_t       max_fibers;
	void (*on_slow)(const char *label, int64_t took_ns);
	int64_t                 slow_ns;
	size_t                  n_alive;
	struct fiber_stack_pool stacks;
	struct list             runnable;
	struct list             yielded;
	struct loop_task        run_task;   /* deferred while there are runnable ones */
	struct loop_task        yield_task; /* posted while there are yielded ones */
};

struct fiber {
	struct fiber_scheduler *scheduler;
	struct list             link; /* on a queue of the scheduler's */
	void (*fn)(void *arg);
	void       *arg;
	const char *label;
	int64_t     deadline_ns;

	struct fiber_stack    *stack;
	void                  *sp; /* while it does not run */
	void                  *resumer_sp;
	struct fiber_sanitizer sanitizer;

	struct loop_timer timer;
	bool              is_suspended;
	bool              is_uninterrupted; /* only a wake resumes it */
	bool              is_woken;
	bool              is_cancelled;
	bool              has_ended;
};

/* Which fiber runs is the thread's state, as its stack pointer is. */
static _Thread_local struct fiber *current;

static void switch_keeping_errno(void **out_sp, void *to_sp)
{
	int saved = errno;

	fiber_switch(out_sp, to_sp);
	errno = saved;
}

/* ---- on the resumer's side ---- */

static void bury(struct fiber *f)
{
	struct fiber_scheduler *s = f->scheduler;

	fiber_sanitizer_gone(&f->sanitizer);
	fiber_stack_put(&s->stacks, f->stack);
	s->n_alive--;
	mem_free(f);
}

static void stay(struct fiber *f)
{
	struct fiber *resumer = current;

	f->is_suspended = false;
	current = f;
	fiber_sanitizer_enter(&f->sanitizer);
	switch_keeping_errno(&f->resumer_sp, f->sp);
	fiber_sanitizer_back(&f->sanitizer);
	current = resumer;
}

static void resume(struct fiber *f)
{
	struct fiber_scheduler *s = f->scheduler;
	int64_t                 since_ns = s->on_slow ? clock_now_ns() : 0;

	stay(f);
	if (s->on_slow && clock_now_ns() - since_ns >= s->slow_ns)
		s->on_slow(f->label, clock_now_ns() - since_ns);
	if (f->has_ended)
		bury(f);
}

static void on_run(struct loop_task *t)
{
	struct fiber_scheduler *s = container_of(t, struct fiber_scheduler, run_task);
	struct list             batch;

	/* Those woken meanwhile wait for the next round, behind what else was deferred. */
	list_init(&batch);
	list_splice(&batch, &s->runnable);
	while (!list_is_empty(&batch)) {
		struct fiber *f = container_of(batch.next, struct fiber, link);

		list_remove(&f->link);
		resume(f);
	}
}

static void on_later_turn(struct loop_task *t)
{
	struct fiber_scheduler *s = container_of(t, struct fiber_scheduler, yield_task);

	list_splice(&s->runnable, &s->yielded);
	loop_defer(s->loop, &s->run_task);
}

static void make_runnable(struct fiber *f)
{
	struct fiber_scheduler *s = f->scheduler;

	if (!f->is_suspended || !list_is_empty(&f->link))
		return;
	list_append(&s->runnable, &f->link);
	loop_defer(s->loop, &s->run_task);
}

static void on_time_up(struct loop_timer *t)
{
	make_runnable(container_of(t, struct fiber, timer));
}

void fiber_wake(struct fiber *f)
{
	f->is_woken = true;
	make_runnable(f);
}

void fiber_cancel(struct fiber *f)
{
	f->is_cancelled = true;
	if (!f->is_uninterrupted)
		make_runnable(f);
}

/* ---- on the fiber's side ---- */

static void run_to_the_end(void *arg)
{
	struct fiber *f = arg;

	fiber_sanitizer_started(&f->sanitizer);
	errno = 0;
	f->fn(f->arg);
	f->has_ended = true;
	fiber_sanitizer_ending(&f->sanitizer);
	fiber_switch(&f->sp, f->resumer_sp);
	mem_die("fiber: resumed after its end");
}

/* Gives back to the resumer; returns when resumed. */
static void give_back(struct fiber *f)
{
	f->is_suspended = true;
	fiber_sanitizer_leave(&f->sanitizer);
	switch_keeping_errno(&f->sp, f->resumer_sp);
	fiber_sanitizer_returned(&f->sanitizer);
}

static struct fiber *running(void)
{
	if (current == NULL)
		mem_die("fiber: a wait outside of fibers");
	return current;
}

static bool take_wake(struct fiber *f)
{
	bool was_woken = f->is_woken;

	f->is_woken = false;
	return was_woken;
}

status fiber_suspend(int64_t until_ns)
{
	struct fiber *f = running();
	struct loop  *l = f->scheduler->loop;

	if (until_ns > f->deadline_ns)
		until_ns = f->deadline_ns;
	if (!f->is_cancelled && !f->is_woken && until_ns > loop_now_ns(l)) {
		if (until_ns != CLOCK_NEVER)
			loop_timer_set(l, &f->timer, until_ns);
		give_back(f);
		loop_timer_cancel(l, &f->timer);
	}
	if (f->is_cancelled)
		return status_error(CODE_CANCELLED, "cancelled");
	if (!take_wake(f))
		return status_error(CODE_DEADLINE_EXCEEDED, "deadline exceeded");
	return STATUS_OK;
}

void fiber_suspend_uninterrupted(void)
{
	struct fiber *f = running();

	if (!f->is_woken) {
		f->is_uninterrupted = true;
		give_back(f);
		f->is_uninterrupted = false;
	}
	f->is_woken = false;
}

status fiber_yield(void)
{
	struct fiber           *f = running();
	struct fiber_scheduler *s = f->scheduler;

	list_append(&s->yielded, &f->link);
	loop_post(s->loop, &s->yield_task);
	give_back(f);
	if (f->is_cancelled)
		return status_error(CODE_CANCELLED, "cancelled");
	if (f->deadline_ns <= loop_now_ns(s->loop))
		return status_error(CODE_DEADLINE_EXCEEDED, "deadline exceeded");
	return STATUS_OK;
}

struct fiber *fiber_current(void)
{
	return current;
}

struct fiber_scheduler *fiber_current_scheduler(void)
{
	return current ? current->scheduler : NULL;
}

struct loop *fiber_current_loop(void)
{
	return current ? current->scheduler->loop : NULL;
}

void fiber_set_label(const char *label)
{
	running()->label = label;
}

int64_t fiber_deadline_ns(void)
{
	return current ? current->deadline_ns : CLOCK_NEVER;
}

void fiber_set_deadline(int64_t deadline_ns)
{
	running()->deadline_ns = deadline_ns;
}

bool fiber_is_cancelled(void)
{
	return current && current->is_cancelled;
}

/* ---- life ---- */

status fiber_spawn(struct fiber_scheduler *s, void (*fn)(void *arg), void *arg, int64_t deadline_ns,
                   struct fiber **out_fiber)
{
	struct fiber_stack *stack;
	struct fiber       *f;

	if (s->n_alive == s->max_fibers)
		return status_error(CODE_RESOURCE_EXHAUSTED, "too many fibers");
	TRY(fiber_stack_take(&s->stacks, &stack));
	f = mem_alloc(sizeof *f);
	*f = (struct fiber){.scheduler = s,
	                    .fn = fn,
	                    .arg = arg,
	                    .label = "",
	                    .deadline_ns = deadline_ns,
	                    .stack = stack};
	list_init(&f->link);
	loop_timer_init(&f->timer, on_time_up);
	fiber_sanitizer_born(&f->sanitizer, stack->low, stack->bytes);
	f->sp = fiber_switch_prepare(stack->low + stack->bytes, run_to_the_end, f);
	s->n_alive++;
	if (out_fiber)
		*out_fiber = f;
	resume(f);
	return STATUS_OK;
}

status fiber_scheduler_new(struct loop *l, const struct fiber_config *cfg,
                           struct fiber_scheduler **out_scheduler)
{
	struct fiber_scheduler *s = mem_zalloc(sizeof *s);

	s->loop = l;
	s->max_fibers = cfg->max_fibers ? cfg->max_fibers : DEFAULT_FIBERS;
	s->on_slow = cfg->on_slow;
	s->slow_ns = cfg->slow_ns;
	fiber_stack_pool_init(&s->stacks,
	                      cfg->stack_bytes ? cfg->stack_bytes : DEFAULT_STACK_BYTES);
	list_init(&s->runnable);
	list_init(&s->yielded);
	loop_task_init(&s->run_task, on_run);
	loop_task_init(&s->yield_task, on_later_turn);
	*out_scheduler = s;
	return STATUS_OK;
}

void fiber_scheduler_free(struct fiber_scheduler *s)
{
	if (s == NULL)
		return;
	if (s->n_alive)
		mem_die("fiber: a scheduler was freed before its fibers ended");
	loop_task_cancel(s->loop, &s->run_task);
	loop_task_cancel(s->loop, &s->yield_task);
	fiber_stack_pool_fini(&s->stacks);
	mem_free(s);
}

size_t fiber_scheduler_count(const struct fiber_scheduler *s)
{
	return s->n_alive;
}

size_t fiber_scheduler_high_water(const struct fiber_scheduler *s)
{
	return fiber_stack_high_water(&s->stacks);
}
