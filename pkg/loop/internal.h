/*
 * loop/internal.h - what loop.c, watch.c and timer.c share. Nobody else includes it.
 */
#ifndef LOOP_INTERNAL_H
#define LOOP_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/list.h"
#include "base/status.h"

#include "loop/loop.h"

enum { LOOP_MAX_FETCHED = 128 };

/* A binary heap of pointers, the earliest at place 1; a timer knows its place. */
struct loop_timer_heap {
	struct loop_timer **at;
	uint32_t            n;
	uint32_t            size;
};

/* Rung by other threads, signal handlers and loop_defer() between turns. Not a part of the loop,
 * since who posted may come to ring when the loop is gone. */
struct loop_bell {
	atomic_uint refs;
	int         fd;
};

struct loop {
	int     epoll_fd;
	int     event_fd; /* the bell's */
	int     timer_fd;
	bool    is_turning;
	bool    is_firing;
	int64_t now_ns;

	struct loop_bell *bell;

	struct list        watches;
	struct epoll_event fetched[LOOP_MAX_FETCHED]; /* data.ptr NULL: dropped */
	int                n_fetched;

	struct loop_timer_heap timers;
	int64_t                armed_ns; /* when timer_fd rings; CLOCK_NEVER: it does not */

	struct list deferred;

	pthread_mutex_t posted_lock; /* guards what follows, and the links of posted tasks */
	struct list     posted;
	struct list     taken; /* this turn's */

	atomic_bool is_stopped;
};

/* Calls the watches whose events were fetched. */
void loop_watch_dispatch(struct loop *l);

/* Fires what is due; what a callback sets waits for the next turn. */
void loop_timer_fire(struct loop *l);

/* Sees to it that timer_fd rings no later than the earliest timer. */
void loop_timer_arm(struct loop *l);

/* Forgets all timers and frees the heap. */
void loop_timer_forget(struct loop *l);

#endif
