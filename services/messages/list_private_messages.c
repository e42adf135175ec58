#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/conversation.h"
#include "services/messages/page.h"
#include "services/messages/show.h"

DB_QUERY(select_newest, MESSAGES_PAGE_SELECT("conversation_id = $1", "DESC", "DESC"));
DB_QUERY(select_next, MESSAGES_PAGE_SELECT("conversation_id = $1", "ASC", "DESC"));

static status find_two(struct messages *app, struct rpc_call *call,
                       const messages_list_private_messages_request *req, int64_t out_ids[static 2])
{
	const char *const names[] = {req->from, req->to};
	int64_t           ids[2];

	TRY(people_find(&app->people, call, names, 2, ids));
	if (ids[0] == 0 || ids[1] == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	if (ids[0] != call->who.account_id && ids[1] != call->who.account_id)
		return status_error(CODE_PERMISSION_DENIED, "only the two may read this");
	out_ids[0] = ids[0];
	out_ids[1] = ids[1];
	return STATUS_OK;
}

status messages_list_private_messages(struct messages *app, struct rpc_call *call,
                                      const messages_list_private_messages_request *req,
                                      messages_list_messages_response              *out_response)
{
	struct messages_page page = MESSAGES_PAGE(messages_list_private_messages_request, req);
	bool                 is_forward = page.has_after && !page.has_before;
	int64_t              ids[2], conversation_id;
	struct messages_row *messages;
	struct db_rows      *rows;
	size_t               n;

	TRY(find_two(app, call, req, ids));
	TRY(messages_conversation_find(app, &call->arena, ids[0], ids[1], &conversation_id));
	TRY(db_read(app->db, &call->arena, is_forward ? &select_next : &select_newest,
	            MESSAGES_PAGE_ARGS(page, conversation_id), &rows));
	messages = messages_row_read_all(rows, &call->arena, &n);
	return messages_show(app, call, messages, n, NULL, 0, out_response);
}
