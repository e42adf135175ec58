/*
 * fiber/fiber.h - straight-line code on an event loop.
 *
 * A fiber runs until it suspends; waiting stops the fiber, never the thread. It stays
 * on the thread of its scheduler. It must not suspend under a mutex or inside a
 * library's callback. errno survives a switch.
 *
 * Whatever a fiber waits for, it asks again after each resumption:
 *
 *     while (!reply.is_here)
 *             TRY(fiber_suspend(deadline_ns));
 *
 * Threads:  everything on the scheduler's loop thread.
 * Memory:   stacks are pooled, with a guard page below each.
 * Errors:   RESOURCE_EXHAUSTED when max_fibers are alive.
 */
#ifndef FIBER_FIBER_H
#define FIBER_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct loop; /* loop/loop.h */
struct fiber;
struct fiber_scheduler;

struct fiber_config {
	size_t max_fibers;  /* alive at once; 0: 1024 */
	size_t stack_bytes; /* 0: 64 KiB, 256 KiB under sanitizers */
	/* Called on the loop when a fiber kept the thread for slow_ns or longer. NULL: not
	 * measured. */
	void (*on_slow)(const char *label, int64_t took_ns);
	int64_t slow_ns;
};

must_check status fiber_scheduler_new(struct loop *l, const struct fiber_config *cfg,
                                      struct fiber_scheduler **out_scheduler);

/* Frees stacks. No fiber may be alive. NULL is fine. */
void fiber_scheduler_free(struct fiber_scheduler *s);

/* Fibers alive. */
size_t fiber_scheduler_count(const struct fiber_scheduler *s);

/* The deepest use of any stack so far, in bytes (for tests and metrics). */
size_t fiber_scheduler_high_water(const struct fiber_scheduler *s);

/*
 * Starts fn(arg) on a new fiber: at once, before this returns, when called from the loop or from
 * another fiber. The caller goes on when fn first waits, or returns; every later stay of the new
 * fiber starts from the loop. deadline_ns (monotonic; CLOCK_NEVER for none) bounds every wait.
 * *out_fiber, if wanted, is written before fn starts and borrowed: valid until fn returns, which
 * may be before this does.
 */
must_check status fiber_spawn(struct fiber_scheduler *s, void (*fn)(void *arg), void *arg,
                              int64_t deadline_ns, struct fiber **out_fiber);

/* The running fiber, or NULL on the loop itself. */
struct fiber *fiber_current(void);

/* The scheduler and the loop of the running fiber. */
struct fiber_scheduler *fiber_current_scheduler(void);
struct loop            *fiber_current_loop(void);

/* Names what the running fiber does, for on_slow; "" until then. The text must outlive it. */
void fiber_set_label(const char *label);

/* The running fiber's deadline, and a new one for it (may only be moved by its own code). */
int64_t fiber_deadline_ns(void);
void    fiber_set_deadline(int64_t deadline_ns);

/*
 * Suspends the running fiber until fiber_wake(), OK; or until until_ns or the fiber's own
 * deadline, whichever is first, DEADLINE_EXCEEDED; or fiber_cancel(), CANCELLED (from then on
 * at once, every time). A wake that came before is not lost. Wakes may be spurious.
 */
must_check status fiber_suspend(int64_t until_ns);

/*
 * Suspends the running fiber until fiber_wake(), whatever its deadline and though it was
 * cancelled: for what another thread does with its memory. Wakes may be spurious.
 */
void fiber_suspend_uninterrupted(void);

/*
 * Lets the others run once, descriptors be looked at, then goes on. CANCELLED, or
 * DEADLINE_EXCEEDED past the fiber's own deadline.
 */
must_check status fiber_yield(void);

/* Makes f runnable: it runs at the end of this turn. Fine for any fiber alive. Loop thread. */
void fiber_wake(struct fiber *f);

/* Ends f's waits with CANCELLED, now and later: its code unwinds and returns. Loop thread. */
void fiber_cancel(struct fiber *f);

/* The running fiber was cancelled. */
bool fiber_is_cancelled(void);

#endif
