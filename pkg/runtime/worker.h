/*
 * runtime/worker.h - one thread with a loop and fibers: a service, or a loop of the edge.
 *
 * Life: start (on the new thread, in a fiber) -> runs -> drain (new work is refused, work under way
 * ends) -> cancel if that takes too long -> stop. Each step is asked for by the main thread and
 * done on the worker's.
 */
#ifndef RUNTIME_WORKER_H
#define RUNTIME_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct loop;
struct fiber_scheduler;
struct runtime_worker;

struct runtime_worker_ops {
	/* Builds what the worker needs; in a fiber on its thread. A failure ends the process's
	 * start. */
	status (*start)(void *arg, struct runtime_worker *w);
	/* What it needs of others is within reach; asked often after the start. NULL: always. */
	bool (*is_ready)(void *arg);
	/* Runs at most max_wait_ms; NULL: a turn of the worker's loop. A foreign loop must watch
	 * loop_fd(). */
	void (*turn)(void *arg, int max_wait_ms);
	/* Refuses new work. */
	void (*drain)(void *arg);
	/* Nothing is under way any more. Asked often while draining. */
	bool (*is_idle)(void *arg);
	/* The drain's time is up: cancels what is under way. */
	void (*cancel)(void *arg);
	/* Frees what start built, and arg: called once, whether start was reached, failed or went
	 * well. */
	void (*stop)(void *arg);
};

struct runtime_worker_config {
	const char                      *name; /* of the thread, at most 15 characters */
	const struct runtime_worker_ops *ops;
	void                            *arg;
	size_t                           max_fibers; /* 0: the scheduler's own */
};

/* Starts the thread and waits for start() to end; its failure is returned, nothing is left then. */
must_check status runtime_worker_new(const struct runtime_worker_config *cfg,
                                     struct runtime_worker             **out_worker);

/* Its is_ready() was true once. Any thread. NULL is fine: nobody is waited for. */
bool runtime_worker_is_ready(const struct runtime_worker *w);

/* Begins to drain, for at most timeout_ms, and returns at once: several workers drain together.
 * runtime_worker_free() waits for the end. Once. NULL is fine. */
void runtime_worker_drain(struct runtime_worker *w, uint32_t timeout_ms);

/* Drains, if that has not begun, for at most timeout_ms, cancels what is left, stops and joins the
 * thread. NULL is fine. */
void runtime_worker_free(struct runtime_worker *w, uint32_t timeout_ms);

/* What start() builds on. The worker's thread. */
struct loop            *runtime_worker_loop(struct runtime_worker *w);
struct fiber_scheduler *runtime_worker_fibers(struct runtime_worker *w);

#endif
