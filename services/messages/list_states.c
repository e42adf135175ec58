#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/messages.h"
#include "services/messages/row.h"

/* A page fits a message of the transport; one row always does. */
enum { DEFAULT_PAGE = 1000, MAX_TEXT_BYTES = 2 * 1024 * 1024 };

/*
 * One statement, so one snapshot: an event that has no position yet comes after the last one that
 * has, though what it tells may be told here already. What is left of a deleted channel is about to
 * go.
 */
DB_QUERY(select_states,
         "SELECT s.epoch, s.next_position - 1, " MESSAGES_ROW_COLUMNS
         "  FROM messages.stream AS s LEFT JOIN ("
         "    SELECT " MESSAGES_ROW_RAW
         ", sum(octet_length(text)) OVER (ORDER BY id) - octet_length(text) AS bytes_before"
         "      FROM (SELECT " MESSAGES_ROW_RAW " FROM messages.messages"
         "             WHERE id > $1 AND channel_id IS NOT NULL AND NOT EXISTS ("
         "               SELECT FROM messages.channels AS c"
         "                WHERE c.id = messages.channel_id AND c.is_deleted)"
         "             ORDER BY id LIMIT $2) AS next"
         "  ) AS page ON bytes_before <= $3"
         " ORDER BY id");

status messages_list_states(struct messages *app, struct rpc_call *call,
                            const messages_list_states_request *req,
                            messages_list_states_response      *out_response)
{
	enum { FIRST = 2 };
	struct db_rows *rows;
	size_t          n;

	TRY(db_read(app->db, &call->arena, &select_states,
	            DB_ARGS(DB_I64(req->after),
	                    DB_I64(req->page_size ? req->page_size : DEFAULT_PAGE),
	                    DB_I64(MAX_TEXT_BYTES)),
	            &rows));
	n = db_rows_is_null(rows, 0, FIRST) ? 0 : db_rows_count(rows);
	out_response->epoch = db_rows_i64(rows, 0, 0);
	out_response->last_position = db_rows_i64(rows, 0, 1);
	out_response->states = arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->states));
	out_response->n_states = n;
	for (size_t i = 0; i < n; i++) {
		struct messages_row row;

		messages_row_read(rows, i, FIRST, &row);
		out_response->states[i] = messages_row_state(&row, &call->arena);
	}
	return STATUS_OK;
}
