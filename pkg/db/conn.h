/*
 * db/conn.h - one connection to PostgreSQL as a state machine on the loop.
 *
 * It connects by itself, notices a dead server while idle, and comes back with growing pauses.
 * Whoever leases it runs one statement at a time; on release it recovers without help: what still
 * runs is awaited, an open transaction is rolled back.
 *
 * Threads:  the loop's.
 * Memory:   owned by its pool.
 */
#ifndef DB_CONN_H
#define DB_CONN_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/status.h"
#include "loop/loop.h"

#include "db/args.h"
#include "db/conninfo.h"
#include "db/prepared.h"

struct db_query;
struct db_conn;
struct fiber;
struct fiber_scheduler;
struct offload;

enum db_conn_state {
	DB_CONN_DOWN,       /* not connected; the timer, if set, ends the pause */
	DB_CONN_CONNECTING, /* the timer ends it */
	DB_CONN_READY,      /* no statement runs */
	DB_CONN_RUNNING     /* a statement runs; the timer ends a server that does not answer */
};

enum db_conn_event {
	DB_CONN_FREE,  /* ready, leased by nobody, no transaction open */
	DB_CONN_LOST,  /* was connected */
	DB_CONN_FAILED /* did not connect */
};

/* What the connections of a pool share. */
struct db_conn_config {
	struct loop            *loop;
	struct fiber_scheduler *fibers;
	struct offload         *offload;
	struct db_conninfo      info;
	uint32_t                statement_timeout_ms;
	void (*on_event)(struct db_conn *c, enum db_conn_event e);
	/*
	 * Takes what libpq has parsed while RUNNING; false when the connection is of no use any
	 * more. NULL: one statement at a time, as below.
	 */
	bool (*collect)(struct db_conn *c);
	void *owner;
};

struct db_conn {
	const struct db_conn_config *cfg;
	enum db_conn_state           state;
	bool                         is_leased;
	struct list                  link; /* the pool's: among the free ones */

	PGconn            *pg; /* unless DOWN, or CONNECTING and still resolving */
	struct loop_watch  watch;
	struct loop_timer  timer;
	struct db_prepared prepared;

	/* connecting */
	struct db_conn_resolving *resolving;
	uint32_t                  pause_ms;
	int64_t                   up_ns; /* since when it is connected */
	char trouble[160];               /* why it did not connect the last time; "" when it did */

	/* the statement that runs, or ran */
	struct fiber          *waiter;
	const struct db_query *preparing;       /* it is the PREPARE of this query */
	PGresult              *result;          /* the first error, else the last */
	bool                   had_success;     /* some result before an error was none */
	bool                   is_answered;     /* the server is ready for the next one */
	bool                   is_rolling_back; /* recovering */
	bool                   is_dying;        /* the server said goodbye */
	bool                   is_stale;        /* close rather than use again */
};

/* Prepares a connection in its pool's storage and starts connecting. */
void db_conn_start(struct db_conn *c, const struct db_conn_config *cfg);

/* Closes it for good. */
void db_conn_fini(struct db_conn *c);

static inline bool db_conn_is_open(const struct db_conn *c)
{
	return c->state == DB_CONN_READY || c->state == DB_CONN_RUNNING;
}

/* Ends a long pause between attempts: another connection of the pool has just come up. */
void db_conn_hurry(struct db_conn *c);

/* Looks at the socket of a free connection: false, and it is lost, when the server is gone. */
bool db_conn_check(struct db_conn *c);

/* Ends a lease: DB_CONN_FREE follows now or, after recovery, later. */
void db_conn_release(struct db_conn *c);

/* How a statement ended. */
enum db_conn_end {
	DB_CONN_DONE,     /* rows are here */
	DB_CONN_REFUSED,  /* the server answered an error: the statement changed nothing */
	DB_CONN_UNSENT,   /* it never left: surely not executed */
	DB_CONN_SILENT,   /* it left, and the connection was lost before the answer */
	DB_CONN_ABANDONED /* it left, and the fiber's time was up or it was cancelled */
};

struct db_conn_answer {
	enum db_conn_end end;
	status           st;
	bool             is_retryable; /* REFUSED for a serialization failure or deadlock */
	PGresult        *result;       /* DONE: the caller clears it */
};

/*
 * Runs a statement on a leased connection, preparing it first if it is new there. Suspends the
 * fiber. Once ABANDONED, UNSENT or SILENT the lease is good for nothing but release.
 */
struct db_conn_answer db_conn_query(struct db_conn *c, struct arena *a, const struct db_query *q,
                                    const struct db_params *params);

/* The same for a command without parameters or rows; name is for errors. */
struct db_conn_answer db_conn_command(struct db_conn *c, struct arena *a, const char *sql);

/* ---- between conn.c, conn_connect.c and conn_statement.c ---- */

/* Begins an attempt; DOWN before. */
void db_conn_connect(struct db_conn *c);

/* Forgets name resolution under way. */
void db_conn_forget_resolving(struct db_conn *c);

/* Connected: watches the socket, and is free. */
void db_conn_on_up(struct db_conn *c);

/* The timer of a pause or an attempt. */
void db_conn_on_connect_timer(struct db_conn *c);

/* DOWN now: connects again after a pause. */
void db_conn_pause(struct db_conn *c);

/* Closes the session, wakes the fiber that waits, and connects again unless leased. */
void db_conn_lose(struct db_conn *c);

/* After PQsend...(): RUNNING now. False when nothing was sent and the connection is lost. */
bool db_conn_begin(struct db_conn *c, int is_queued);

/* Sends what is left; false when the connection is broken. */
bool db_conn_flush(struct db_conn *c);

/* From now on the server has this long for the next answer. */
void db_conn_set_timer(struct db_conn *c);

/* Whether the running fiber may still send: CANCELLED, or UNAVAILABLE when its time is up. */
must_check status db_conn_may_send(void);

bool db_conn_is_error(const PGresult *r);
void db_conn_clear_result(struct db_conn *c);

#endif
