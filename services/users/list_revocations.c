#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "rpc/envelope.h"
#include "services/users/users.h"

#include <inttypes.h>

enum { DEFAULT_PAGE = 1000 };

/*
 * One statement, so one snapshot: an event that has no position yet comes after the last one that
 * has, though what it tells may be told here already.
 */
DB_QUERY(
        select_revocations,
        "SELECT s.epoch, s.next_position - 1, r.account_id, r.session_id, r.ended_below,"
        "       r.kept_session_id, r.roles, r.roles_version, r.expire_s"
        "  FROM users.stream AS s"
        "  LEFT JOIN (SELECT account_id, session_id, ended_below, kept_session_id, roles,"
        "                    roles_version, ceil(extract(epoch FROM expire_time))::int8 AS expire_s"
        "               FROM users.revocations"
        "              WHERE (account_id, session_id) > ($1, $2) AND expire_time > now()"
        "              ORDER BY account_id, session_id LIMIT $3) AS r ON true"
        " ORDER BY r.account_id, r.session_id");

static rpcv1_session_change *read_change(const struct db_rows *rows, size_t row, struct arena *a)
{
	struct rpc_session_change change = {
	        .account_id = db_rows_i64(rows, row, 2),
	        .session_id = db_rows_i64(rows, row, 3),
	        .ended_below = db_rows_i64(rows, row, 4),
	        .kept_session_id = db_rows_i64(rows, row, 5),
	        .roles_version = db_rows_i64(rows, row, 7),
	        .expire_time = db_rows_i64(rows, row, 8),
	};

	change.roles = db_rows_texts(rows, row, 6, &change.n_roles);
	return rpc_envelope_session_change(a, &change);
}

/* "17.42": the last account and session of the page before. */
static status read_token(struct rpc_call *call, const char *token, uint64_t *out_account_id,
                         uint64_t *out_session_id)
{
	str account = str_c(token), session = STR("0");

	*out_account_id = *out_session_id = 0;
	if (*token == '\0')
		return STATUS_OK;
	if (!str_cut(str_c(token), '.', &account, &session) ||
	    !str_to_u64(account, out_account_id) || !str_to_u64(session, out_session_id) ||
	    *out_account_id > INT64_MAX || *out_session_id > INT64_MAX)
		return rpc_call_invalid(call, "page_token", "is not one of ours");
	return STATUS_OK;
}

status users_list_revocations(struct users *app, struct rpc_call *call,
                              const users_list_revocations_request *req,
                              users_list_revocations_response      *out_response)
{
	uint32_t        limit = req->page_size ? req->page_size : DEFAULT_PAGE;
	uint64_t        account_id, session_id;
	struct db_rows *rows;
	size_t          n;

	TRY(read_token(call, req->page_token, &account_id, &session_id));
	TRY(db_read(
	        app->db, &call->arena, &select_revocations,
	        DB_ARGS(DB_I64((int64_t)account_id), DB_I64((int64_t)session_id), DB_I64(limit)),
	        &rows));
	n = db_rows_is_null(rows, 0, 2) ? 0 : db_rows_count(rows);
	out_response->epoch = db_rows_i64(rows, 0, 0);
	out_response->last_position = db_rows_i64(rows, 0, 1);
	out_response->changes = arena_alloc(&call->arena, (n + 1) * sizeof *out_response->changes);
	out_response->n_changes = n;
	for (size_t i = 0; i < n; i++)
		out_response->changes[i] = read_change(rows, i, &call->arena);
	if (n == limit)
		out_response->next_page_token =
		        arena_printf(&call->arena, "%" PRId64 ".%" PRId64,
		                     out_response->changes[n - 1]->account_id,
		                     out_response->changes[n - 1]->session_id);
	return STATUS_OK;
}
