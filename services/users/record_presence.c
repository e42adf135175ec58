#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/users.h"

/*
 * One row that somebody holds must not keep all others waiting, nor may two of these statements
 * wait for each other: what is held is passed over and told.
 */
/* clang-format off */
#define IS_DUE "a.status <> 'offline' AND a.last_seen_time < seen.at"
DB_QUERY(update_last_seen,
         "WITH seen AS ("
         "  SELECT id, statement_timestamp() - min(idle_ms) * interval '1 ms' AS at"
         "    FROM unnest($1::int8[], $2::int8[]) AS told (id, idle_ms) GROUP BY id"
         "), due AS ("
         "  SELECT a.id FROM users.accounts AS a JOIN seen ON seen.id = a.id WHERE " IS_DUE
         "), free AS ("
         "  SELECT a.id, seen.at FROM users.accounts AS a JOIN seen ON seen.id = a.id"
         "   WHERE " IS_DUE " FOR NO KEY UPDATE OF a SKIP LOCKED"
         "), updated AS ("
         "  UPDATE users.accounts AS a SET last_seen_time = free.at FROM free"
         "   WHERE a.id = free.id"
         ")"
         "SELECT id FROM due WHERE id NOT IN (SELECT id FROM free)");
/* clang-format on */

status users_record_presence(struct users *app, struct rpc_call *call,
                             const users_record_presence_request *req,
                             users_record_presence_response      *out_response)
{
	struct db_rows *rows;

	if (req->n_account_ids != req->n_idle_ms)
		return rpc_call_invalid(call, "idle_ms", "must have one item for each account");
	TRY(db_write(app->db, &call->arena, &update_last_seen,
	             DB_ARGS(DB_I64S(req->account_ids, req->n_account_ids),
	                     DB_I64S(req->idle_ms, req->n_idle_ms)),
	             &rows));
	out_response->n_busy_ids = db_rows_count(rows);
	out_response->busy_ids = arena_alloc(&call->arena, (out_response->n_busy_ids + 1) *
	                                                           sizeof *out_response->busy_ids);
	for (size_t i = 0; i < out_response->n_busy_ids; i++)
		out_response->busy_ids[i] = db_rows_i64(rows, i, 0);
	return STATUS_OK;
}
