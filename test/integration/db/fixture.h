/*
 * integration/db/fixture.h - a loop, fibers and a db for one test, on the test's own thread.
 */
#ifndef TEST_INTEGRATION_DB_FIXTURE_H
#define TEST_INTEGRATION_DB_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/db.h"
#include "fiber/fiber.h"
#include "fiber/offload.h"
#include "loop/loop.h"
#include "test/support/pg.h"
#include "test/support/test.h"

struct fixture {
	struct loop            *loop;
	struct fiber_scheduler *fibers;
	struct offload         *offload;
	struct db              *db;
	struct arena            arena;
};

/* Settings that differ from the usual ones are set in cfg, the rest is filled in. */
void fixture_start(struct fixture *f, const char *url, struct db_config cfg);

/* Asserts that nothing is left behind: no fiber, no lease. */
void fixture_stop(struct fixture *f);

/* One run of a fiber: what it works on, and what came of it. */
struct job {
	struct fixture *f;
	void (*run)(struct job *j);
	void         *arg;
	struct fiber *fiber; /* NULL once it ended */
	status        st;
	int64_t       value;
	int64_t       took_ns;
	int64_t       started_ns;
};

/* Starts a fiber that runs the job; deadline_ms 0: none. */
void job_start(struct job *j, struct fixture *f, void (*run)(struct job *j), void *arg,
               int64_t deadline_ms);

/* Turns the loop until the job has ended. */
void job_await(struct job *j);

/* Starts, awaits and returns the status. */
status job_run(struct fixture *f, void (*run)(struct job *j), void *arg, int64_t deadline_ms);

/* Turns the loop until is_true(f, arg), at most 20 s. */
void await_true(struct fixture *f, bool (*is_true)(struct fixture *f, void *arg), void *arg);

/* Conditions. arg: unsigned *. */
bool has_open(struct fixture *f, void *n);
bool has_leased(struct fixture *f, void *n);

/* Turns the loop until so many connections are open, or in use. */
void await_open(struct fixture *f, unsigned n);
void await_leased(struct fixture *f, unsigned n);

/* A statement on the write pool, by itself, whose first column is *out_value. */
status ask(struct fixture *f, const struct db_query *q, struct db_args args, int64_t *out_value);

#endif
