#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/page.h"
#include "services/messages/show.h"

DB_QUERY(select_newest, MESSAGES_PAGE_SELECT("channel_id = $1", "DESC", "DESC"));

/* Going forward, a page starts next to its cursor; it is shown newest first all the same. */
DB_QUERY(select_next, MESSAGES_PAGE_SELECT("channel_id = $1", "ASC", "DESC"));

status messages_list_messages(struct messages *app, struct rpc_call *call,
                              const messages_list_messages_request *req,
                              messages_list_messages_response      *out_response)
{
	struct messages_page  page = MESSAGES_PAGE(messages_list_messages_request, req);
	bool                  is_forward = page.has_after && !page.has_before;
	struct messages_place place;
	struct messages_row  *messages;
	struct db_rows       *rows;
	size_t                n;

	TRY(messages_place_find(app, call, req->channel, &place));
	TRY(db_read(app->db, &call->arena, is_forward ? &select_next : &select_newest,
	            MESSAGES_PAGE_ARGS(page, place.channel_id), &rows));
	messages = messages_row_read_all(rows, &call->arena, &n);
	return messages_show(app, call, messages, n, &place, 1, out_response);
}
