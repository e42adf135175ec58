#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/page.h"
#include "services/messages/show.h"

/* What answers a message is where that one is, or was: one of them tells where, if it is gone. */
DB_QUERY(select_one, "(SELECT " MESSAGES_ROW_COLUMNS " FROM messages.messages WHERE id = $1)"
                     " UNION ALL "
                     "(SELECT " MESSAGES_ROW_COLUMNS " FROM messages.messages"
                     "  WHERE reply_to = $1 ORDER BY id LIMIT 1)"
                     " LIMIT 1");

DB_QUERY(select_next, MESSAGES_PAGE_SELECT("reply_to = $1", "ASC", "ASC"));

/* Going back, a page ends next to its cursor; it is shown oldest first all the same. */
DB_QUERY(select_before, MESSAGES_PAGE_SELECT("reply_to = $1", "DESC", "ASC"));

static status find_place(struct messages *app, struct rpc_call *call, int64_t id,
                         struct messages_place *out_place)
{
	struct messages_row row;
	struct db_rows     *rows;

	if (id < 1)
		TRY(rpc_call_reveal(call));
	TRY(db_read(app->db, &call->arena, &select_one, DB_ARGS(DB_I64(id)), &rows));
	if (db_rows_count(rows) == 0)
		return messages_place_no_message();
	messages_row_read(rows, 0, 0, &row);
	TRY(messages_place_of(app, call, &row, out_place));
	return rpc_call_reveal(call);
}

status messages_list_thread(struct messages *app, struct rpc_call *call,
                            const messages_list_thread_request *req,
                            messages_list_messages_response    *out_response)
{
	struct messages_page  page = MESSAGES_PAGE(messages_list_thread_request, req);
	bool                  is_back = page.has_before && !page.has_after;
	struct messages_place place;
	struct messages_row  *messages;
	struct db_rows       *rows;
	size_t                n;

	TRY(find_place(app, call, req->id, &place));
	TRY(db_read(app->db, &call->arena, is_back ? &select_before : &select_next,
	            MESSAGES_PAGE_ARGS(page, req->id), &rows));
	messages = messages_row_read_all(rows, &call->arena, &n);
	return messages_show(app, call, messages, n, &place, 1, out_response);
}
