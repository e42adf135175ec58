#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "pb/timestamp.h"
#include "services/messages/page.h"
#include "services/messages/place.h"

DB_QUERY(select_edits,
         "SELECT text, " DB_US(
                 "written_time") " FROM messages.edits"
                                 " WHERE message_id = $1 ORDER BY version LIMIT $2 OFFSET $3");

status messages_get_history(struct messages *app, struct rpc_call *call,
                            const messages_get_history_request *req,
                            messages_get_history_response      *out_response)
{
	struct messages_row   row;
	struct messages_place place;
	struct db_rows       *rows;
	size_t                n;
	bool                  has_limit = messages_get_history_request_has_limit(req);
	bool                  has_offset = messages_get_history_request_has_offset(req);

	TRY(messages_place_find_message(app, call, req->id, &row, &place));
	if (row.account_id != call->who.account_id && !place.can_moderate)
		return status_error(CODE_PERMISSION_DENIED,
		                    "only its author and moderators see earlier texts");
	TRY(db_read(app->db, &call->arena, &select_edits,
	            DB_ARGS(DB_I64(row.id), DB_I64(has_limit ? req->limit : MESSAGES_PAGE_LIMIT),
	                    DB_I64(has_offset ? req->offset : 0)),
	            &rows));
	n = db_rows_count(rows);
	out_response->texts = arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->texts));
	out_response->n_texts = n;
	for (size_t i = 0; i < n; i++) {
		messages_earlier_text *text = arena_alloc(&call->arena, sizeof *text);

		messages_earlier_text_init(text);
		text->text = db_rows_cstr(rows, i, 0);
		text->timestamp = pb_timestamp_from_us(&call->arena, db_rows_us(rows, i, 1));
		out_response->texts[i] = text;
	}
	return STATUS_OK;
}
