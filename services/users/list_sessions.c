#include "canaduck/users/v1/users.server.h"

#include "pb/timestamp.h"
#include "rpc/call.h"
#include "services/users/caller.h"
#include "services/users/users.h"

enum { DEFAULT_LIMIT = 50 };

DB_QUERY(select_sessions, "SELECT s.id, " DB_US("s.created_time") ", " DB_US(
                                  "s.last_used_time") ","
                                                      "       s.user_agent, s.address"
                                                      "  FROM users.sessions AS s"
                                                      " WHERE s.account_id = $1 AND s.id < $2"
                                                      " ORDER BY s.id DESC LIMIT $3 OFFSET $4");

DB_QUERY(select_own, "SELECT FROM users.sessions WHERE account_id = $1 AND id = $2");

static users_session *read_session(const struct db_rows *rows, size_t row, struct rpc_call *call)
{
	users_session *s = arena_alloc(&call->arena, sizeof *s);

	users_session_init(s);
	s->id = db_rows_i64(rows, row, 0);
	s->created_at = pb_timestamp_from_us(&call->arena, db_rows_us(rows, row, 1));
	s->last_used_at = pb_timestamp_from_us(&call->arena, db_rows_us(rows, row, 2));
	s->user_agent = db_rows_cstr(rows, row, 3);
	s->address = db_rows_cstr(rows, row, 4);
	s->current = s->id == call->who.session_id;
	return s;
}

static status select_page(struct users *app, struct rpc_call *call,
                          const users_list_sessions_request *req, struct db_rows **out_rows)
{
	int64_t before = users_list_sessions_request_has_before(req) ? req->before : INT64_MAX;
	int64_t limit = users_list_sessions_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;
	int64_t offset = users_list_sessions_request_has_offset(req) ? req->offset : 0;

	return db_read(app->db, &call->arena, &select_sessions,
	               DB_ARGS(DB_I64(call->who.account_id), DB_I64(before), DB_I64(limit),
	                       DB_I64(offset)),
	               out_rows);
}

status users_list_sessions(struct users *app, struct rpc_call *call,
                           const users_list_sessions_request *req,
                           users_list_sessions_response      *out_response)
{
	struct db_rows *rows;
	size_t          n;

	TRY(db_read(app->db, &call->arena, &select_own,
	            DB_ARGS(DB_I64(call->who.account_id), DB_I64(call->who.session_id)), &rows));
	if (db_rows_count(rows) == 0)
		return users_caller_session_ended();
	TRY(select_page(app, call, req, &rows));
	n = db_rows_count(rows);
	out_response->sessions =
	        arena_alloc(&call->arena, (n + 1) * sizeof *out_response->sessions);
	out_response->n_sessions = n;
	for (size_t i = 0; i < n; i++)
		out_response->sessions[i] = read_session(rows, i, call);
	return STATUS_OK;
}
