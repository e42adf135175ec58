/*
 * Design notes. A row is one account's times of the last minute, oldest first and never more than
 * the limit: one statement counts, decides and adds, under the lock of the row. Rows that are over
 * are taken away by whoever adds one: after that, for who still waits must not hold what others
 * wait for.
 */
#include "services/messages/throttle.h"

enum { LIMIT = 100, WINDOW_S = 60 };

/* clang-format off */
#define WINDOW "make_interval(secs => $3::int8)"

/* account, limit, seconds */
DB_QUERY(take,
         "INSERT INTO messages.throttles AS t (account_id, times, is_taken, expire_time)"
         " VALUES ($1, ARRAY[clock_timestamp()], true, clock_timestamp() + " WINDOW ")"
         " ON CONFLICT (account_id) DO UPDATE SET (times, is_taken, expire_time) = ("
         "   SELECT CASE WHEN cardinality(recent) < $2"
         "          THEN recent || clock_timestamp() ELSE recent END,"
         "          cardinality(recent) < $2, clock_timestamp() + " WINDOW
         "     FROM (SELECT ARRAY(SELECT x FROM unnest(t.times) AS x"
         "                         WHERE x > clock_timestamp() - " WINDOW
         "                         ORDER BY x) AS recent) AS counted)"
         " RETURNING is_taken,"
         "   greatest(1, ceil(extract(epoch FROM times[1] + " WINDOW " - clock_timestamp())))::int8");

/* statement_timestamp() does not change within the statement: the index is searched by it. */
DB_QUERY(prune, "DELETE FROM messages.throttles WHERE account_id IN ("
                "  SELECT account_id FROM messages.throttles"
                "   WHERE expire_time < statement_timestamp()"
                "   ORDER BY expire_time LIMIT 16 FOR UPDATE SKIP LOCKED)");
/* clang-format on */

status messages_throttle_take(struct db_tx *tx, struct rpc_call *call)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &take,
	                DB_ARGS(DB_I64(call->who.account_id), DB_I64(LIMIT), DB_I64(WINDOW_S)),
	                &rows));
	if (db_rows_bool(rows, 0, 0))
		return db_tx_query(tx, &prune, DB_NO_ARGS, NULL);
	return rpc_call_too_often(call, LIMIT, (uint32_t)db_rows_i64(rows, 0, 1),
	                          "too many private messages, come back later");
}
