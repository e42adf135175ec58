/*
 * db/db.h - PostgreSQL for the fibers of one loop: shared connections that read, a pool that
 * writes.
 *
 * Every call suspends the fiber until the answer or the fiber's deadline; the thread never waits.
 * A connection that is lost comes back by itself; until then calls are UNAVAILABLE. A statement
 * whose outcome is unknown (sent, then the connection or the deadline was lost) is
 * DEADLINE_EXCEEDED when it may have changed something, and is never run again by itself;
 * reads are run once more on another connection.
 *
 * Threads:  the loop's. One db per loop.
 * Memory:   rows live in the arena given.
 * Errors:   SQLSTATE to code in db/pgerr.c. UNAVAILABLE: no server, or no connection came free;
 *           then nothing was sent.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdint.h>

#include "db/query.h"

struct loop; /* loop/loop.h */
struct fiber_scheduler;
struct offload; /* fiber/offload.h: name resolution */
struct db;
struct db_tx;

struct db_config {
	struct loop            *loop;
	struct fiber_scheduler *fibers;
	struct offload         *offload;
	const char             *url; /* postgresql://..., or keywords; copied */
	const char             *application_name;
	const char             *settings;          /* of sessions: "-c name=value"...; NULL: none */
	uint32_t                read_connections;  /* 0: 4 */
	uint32_t                slow_connections;  /* of db_read_slow(); 0: 1 */
	uint32_t                write_connections; /* 0: 8 */
	uint32_t                statement_timeout_ms; /* 0: 10,000 */
	uint32_t                lock_timeout_ms;      /* 0: 5,000 */
	uint32_t max_waiting; /* fibers waiting for a connection of a kind; 0: 1024 */
};

/* Makes the pools; they connect in the background. INVALID_ARGUMENT for a bad URL. */
must_check status db_new(const struct db_config *cfg, struct db **out_db);

/* Closes all connections; no fiber may be using it. NULL is fine. */
void db_free(struct db *db);

/* A round trip on a connection of each pool: OK when the database answers on both. */
must_check status db_ping(struct db *db, struct arena *a);

/*
 * Runs one statement that only reads (the connection refuses writes). *out_rows may have none.
 * Many fibers share a connection, where a slow statement holds up those behind it: see below.
 */
must_check status db_read(struct db *db, struct arena *a, const struct db_query *q,
                          struct db_args args, struct db_rows **out_rows);

/*
 * The same for what may take long, such as a search: on a connection that it has for itself
 * meanwhile. Those connections are opened by the first call, and few.
 */
must_check status db_read_slow(struct db *db, struct arena *a, const struct db_query *q,
                               struct db_args args, struct db_rows **out_rows);

/*
 * Runs one statement that writes, committed when this returns OK. out_rows may be NULL.
 * On an error that the server answered, nothing was changed.
 */
must_check status db_write(struct db *db, struct arena *a, const struct db_query *q,
                           struct db_args args, struct db_rows **out_rows);

/*
 * Runs body in a transaction and commits when it returns OK; else rolls back and returns its
 * status. A serialization failure or deadlock (ABORTED) runs body again, at most 5 times within
 * the deadline: it must have no side effects but its statements, make no RPC and take no
 * second connection. A lost COMMIT is DEADLINE_EXCEEDED. The arena is not reset between tries.
 */
must_check status db_tx_run(struct db *db, struct arena                       *a,
                            status (*body)(struct db_tx *tx, void *arg), void *arg);

/* Runs one statement within a transaction. out_rows may be NULL. */
must_check status db_tx_query(struct db_tx *tx, const struct db_query *q, struct db_args args,
                              struct db_rows **out_rows);

/* The arena given to db_tx_run(). */
struct arena *db_tx_arena(struct db_tx *tx);

/*
 * Somebody waits for what the transaction wrote: once it is committed, or may be, the db's listener
 * is called.
 */
void db_tx_announce(struct db_tx *tx);

/* Calls fn(arg) for announced transactions, in the fiber that ran one. One a db; NULL: nobody. */
void db_set_listener(struct db *db, void (*fn)(void *arg), void *arg);

/* For metrics and tests: connections that are open, and those leased or with reads under way. */
void db_counts(const struct db *db, unsigned *out_open, unsigned *out_leased);

/*
 * For the log: why some connection could not be opened the last time it was tried, in the server's
 * or the system's words; "" when none has that trouble. Borrowed until the loop's next turn.
 */
const char *db_trouble(const struct db *db);

#endif
