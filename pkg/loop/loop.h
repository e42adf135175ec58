/*
 * loop/loop.h - one epoll event loop a thread: descriptors, timers, wake-ups.
 *
 * A loop can run by itself (loop_run) or inside another one: loop_fd() becomes
 * readable whenever loop_turn(loop, 0) has something to do, timers included.
 *
 * Threads:  everything on the loop's own thread, but posting and loop_stop().
 * Memory:   watches, timers and tasks live in their owners; the loop only links them.
 *           Remove or cancel them before their memory goes.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/status.h"

struct loop;
struct loop_bell;

/* Makes a loop for the calling thread to run. UNAVAILABLE when descriptors are out. */
must_check status loop_new(struct loop **out_loop);

/* Closes it; what is still linked is forgotten, not called. NULL is fine. */
void loop_free(struct loop *l);

/* The epoll descriptor, for an outer loop to watch for reading. */
int loop_fd(const struct loop *l);

/*
 * Runs what is ready: descriptors, timers due, posted tasks, then deferred tasks until
 * none is left. Waits at most max_wait_ms for something to be ready (0: does not wait,
 * -1: without limit).
 */
void loop_turn(struct loop *l, int max_wait_ms);

/* Turns until loop_stop(); returns at once if that came before. */
void loop_run(struct loop *l);

/* Makes loop_run() return after its turn. Any thread, and a signal handler. */
void loop_stop(struct loop *l);

/* The clock at the start of the turn: monotonic, nanoseconds. */
int64_t loop_now_ns(const struct loop *l);

/* ---- descriptors ---- */

/* Bits of what is awaited and what came. ERROR (also hang-up) always comes. */
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_ERROR = 4 };

struct loop_watch {
	int      fd;
	unsigned events;
	void (*on_ready)(struct loop_watch *w, unsigned events);
	struct list link; /* the loop's */
};

/* Watches fd (level-triggered) until loop_watch_remove(). The loop does not own the fd. */
must_check status loop_watch_add(struct loop *l, struct loop_watch *w, int fd, unsigned events,
                                 void (*on_ready)(struct loop_watch *w, unsigned events));
/* Awaits other events from now on; 0 pauses (but for ERROR, which repeats until removed). */
void loop_watch_set(struct loop *l, struct loop_watch *w, unsigned events);
/*
 * Ends a watch, from its own callback too; events already fetched are dropped. Call before
 * close(fd). Fine when it is zeroed or was ended already.
 */
void loop_watch_remove(struct loop *l, struct loop_watch *w);

/* ---- timers ---- */

struct loop_timer {
	int64_t  at_ns;
	uint32_t index; /* the heap's; 0 = not set */
	void (*on_fire)(struct loop_timer *t);
};

/* Prepares a timer in its owner; not set. A zeroed one is fine to cancel. */
void loop_timer_init(struct loop_timer *t, void (*on_fire)(struct loop_timer *t));
/*
 * Fires once at at_ns (monotonic) or at once if that is past; setting again moves it. Set in
 * a timer's callback it fires in a later turn.
 */
void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t at_ns);
/* Takes it back; fine when it is not set. */
void loop_timer_cancel(struct loop *l, struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);

/* ---- tasks ---- */

struct loop_task {
	void (*run)(struct loop_task *t);
	struct list link; /* the loop's; the task may be reused once run() began */
};

void loop_task_init(struct loop_task *t, void (*run)(struct loop_task *t));

/* Runs t on the loop's thread, in a later turn. Any thread. Posting a task twice before it ran:
 * once. */
void loop_post(struct loop *l, struct loop_task *t);

/*
 * Posts, but leaves it to the caller to wake the loop: by ringing what it returns, once, after it
 * has let go of the locks that the task takes. Woken before, the loop would only wait for them.
 * The bell outlives the loop. Any thread.
 */
must_check struct loop_bell *loop_post_quietly(struct loop *l, struct loop_task *t);
void loop_bell_ring(struct loop_bell *b); /* NULL is fine: nothing to wake */

/*
 * Runs t at the end of this turn, in order (where a turn's frames are gathered). Twice: once.
 * Between turns, as in an outer loop's callback: in the next one, which is due at once.
 * A task is either posted or deferred, never both.
 */
void loop_defer(struct loop *l, struct loop_task *t);

/* Takes a posted or deferred task back; fine when it is neither. Loop thread. */
void loop_task_cancel(struct loop *l, struct loop_task *t);

#endif
