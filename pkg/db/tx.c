#include "db/tx.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/args.h"
#include "db/rows.h"
#include "fiber/fiber.h"

#include <stdlib.h>

/*
 * Design notes
 *
 * BEGIN, the body's statements and COMMIT go down one leased connection. Whatever ends the
 * transaction early (an error, a deadline, a cancelled fiber), the lease is simply released:
 * the connection rolls back by itself, and the fiber need not wait for it.
 *
 * Until COMMIT is sent nothing can have happened, so a connection that is lost before is
 * UNAVAILABLE. After that, only the server's answer tells.
 */

enum { MAX_TRIES = 5, PAUSE_US = 2000 };

struct db_tx {
	struct arena   *arena;
	struct db_conn *conn;
	status          failure; /* of the first statement that failed: nothing more is sent then */
	bool            is_retryable;
	bool            is_announced;
	bool            may_be_committed;
};

struct arena *db_tx_arena(struct db_tx *tx)
{
	return tx->arena;
}

void db_tx_announce(struct db_tx *tx)
{
	tx->is_announced = true;
}

static status note(struct db_tx *tx, struct db_conn_answer answer)
{
	if (answer.end == DB_CONN_DONE)
		return STATUS_OK;
	tx->failure = answer.st;
	tx->is_retryable = answer.is_retryable;
	return answer.st;
}

status db_tx_query(struct db_tx *tx, const struct db_query *q, struct db_args args,
                   struct db_rows **out_rows)
{
	struct db_conn_answer answer;
	struct db_params      params;
	struct db_rows       *rows;

	TRY(tx->failure);
	TRY(db_args_encode(tx->arena, args, &params));
	answer = db_conn_query(tx->conn, tx->arena, q, &params);
	TRY(note(tx, answer));
	rows = db_rows_take(tx->arena, answer.result);
	if (out_rows)
		*out_rows = rows;
	return STATUS_OK;
}

static status begin(struct db_tx *tx)
{
	struct db_conn_answer answer = db_conn_command(tx->conn, tx->arena, "BEGIN");

	PQclear(answer.result);
	return note(tx, answer);
}

static status commit(struct db_tx *tx)
{
	struct db_conn_answer answer = db_conn_command(tx->conn, tx->arena, "COMMIT");

	/* The server's goodbye instead of an answer may have come on either side of the commit. */
	if (answer.end == DB_CONN_REFUSED && !db_conn_is_open(tx->conn))
		answer.end = DB_CONN_SILENT;
	tx->is_retryable = answer.end == DB_CONN_REFUSED && answer.is_retryable;
	tx->may_be_committed = answer.end != DB_CONN_REFUSED && answer.end != DB_CONN_UNSENT;
	PQclear(answer.result);
	return db_write_status(answer);
}

static status run_once(struct db_tx *tx, status (*body)(struct db_tx *tx, void *arg), void *arg)
{
	status st;

	TRY(begin(tx));
	st = body(tx, arg);
	/* A body that goes on after a failed statement cannot have it both ways. */
	if (st.code == CODE_OK)
		st = tx->failure;
	if (st.code == CODE_OK)
		st = commit(tx);
	return st;
}

/* Time for the others to finish, longer with every try. False when none is left. */
static bool pause_before_retry(unsigned n_tries)
{
	int64_t until_ns =
	        clock_now_ns() +
	        (int64_t)arc4random_uniform((uint32_t)PAUSE_US << n_tries) * CLOCK_NS_PER_US;

	while (clock_now_ns() < until_ns) {
		status st = fiber_suspend(until_ns);

		if (st.code == CODE_CANCELLED || fiber_deadline_ns() <= clock_now_ns())
			return false;
	}
	return true;
}

status db_tx_run(struct db *db, struct arena *a, status (*body)(struct db_tx *tx, void *arg),
                 void *arg)
{
	for (unsigned n_tries = 1;; n_tries++) {
		struct db_tx tx = {.arena = a, .failure = STATUS_OK};
		status       st;

		TRY(db_pool_lease(&db->write, &tx.conn));
		st = run_once(&tx, body, arg);
		db_conn_release(tx.conn);
		if (tx.is_announced && tx.may_be_committed && db->on_announced)
			db->on_announced(db->listener_arg);
		if (!tx.is_retryable || n_tries == MAX_TRIES || !pause_before_retry(n_tries))
			return st;
	}
}
