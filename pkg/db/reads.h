/*
 * db/reads.h - single statements that only read: many fibers share a few pipes.
 *
 * Reads of one turn of the loop are sent together at its end. When every pipe is full, fibers
 * queue in order. When no connection can be opened, they fail at once; during the very first
 * attempt they wait for its end.
 *
 * Threads:  the loop's.
 * Memory:   owns its connections.
 */
#ifndef DB_READS_H
#define DB_READS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/status.h"
#include "loop/loop.h"

#include "db/args.h"
#include "db/conn.h"

struct db_pipe;
struct db_query;

struct db_reads {
	struct db_conn_config conn_cfg;
	struct db_pipe       *pipes;
	uint32_t              n_pipes;
	struct list           waiting; /* to be sent */
	uint32_t              n_waiting;
	uint32_t              max_waiting; /* without room on any pipe */
	bool                  is_failing;  /* the latest attempt to connect failed */
	struct loop_task      send_task;
};

/* Prepares it in the caller's storage and starts connecting. cfg's callbacks are its own. */
void db_reads_start(struct db_reads *r, const struct db_conn_config *cfg, uint32_t n_connections,
                    uint32_t max_waiting);

/* Closes all. No fiber may be reading. */
void db_reads_fini(struct db_reads *r);

/*
 * Runs a statement that only reads; once more when its connection was lost. Suspends the fiber.
 * The caller clears the result. The server's refusal (db/pgerr.h); UNAVAILABLE when the server is
 * away or too many wait; DEADLINE_EXCEEDED when it was sent in time; CANCELLED.
 */
must_check status db_reads_run(struct db_reads *r, struct arena *a, const struct db_query *q,
                               const struct db_params *params, PGresult **out_result);

/* Adds connections that are open, and those with reads under way. */
void db_reads_count(const struct db_reads *r, unsigned *open, unsigned *busy);

/* As db_trouble(). */
const char *db_reads_trouble(const struct db_reads *r);

#endif
