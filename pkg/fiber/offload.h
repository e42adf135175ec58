/*
 * fiber/offload.h - threads for what would hold up a loop: password hashing, name
 * resolution, libpq's blocking corners.
 *
 * Threads run at idle priority. The queue is bounded.
 */
#ifndef FIBER_OFFLOAD_H
#define FIBER_OFFLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct offload;

/* Starts n_threads (0: half the cores, at least 1) with room for max_queued waiting jobs. */
must_check status offload_new(unsigned n_threads, size_t max_queued, struct offload **out_offload);

/*
 * Waits for running jobs; meanwhile queued ones end with CANCELLED and new ones are
 * UNAVAILABLE. Any thread; NULL is fine.
 */
void offload_free(struct offload *o);

/*
 * Runs fn(arg) on a pool thread while the calling fiber sleeps. UNAVAILABLE when the queue is
 * full, DEADLINE_EXCEEDED or CANCELLED only if fn never started: once it has, this waits for it.
 * Any fiber of any loop. fn runs with all signals blocked.
 */
must_check status offload_run(struct offload *o, void (*fn)(void *arg), void *arg);

#endif
