#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/chat.h"
#include "services/messages/conversation.h"
#include "services/messages/page.h"

DB_QUERY(select_newest, MESSAGES_PAGE_SELECT("conversation_id = $1", "DESC", "DESC"));
DB_QUERY(select_next, MESSAGES_PAGE_SELECT("conversation_id = $1", "ASC", "DESC"));

status
messages_list_conversation_messages(struct messages *app, struct rpc_call *call,
                                    const messages_list_conversation_messages_request *req,
                                    messages_list_conversation_messages_response      *out_response)
{
	struct messages_page page = MESSAGES_PAGE(messages_list_conversation_messages_request, req);
	bool                 is_forward = page.has_after && !page.has_before;
	struct messages_row *messages;
	struct db_rows      *rows;
	int64_t              other_id;

	TRY(messages_conversation_other(app, call, req->id, &other_id));
	TRY(db_read(app->db, &call->arena, is_forward ? &select_next : &select_newest,
	            MESSAGES_PAGE_ARGS(page, req->id), &rows));
	messages = messages_row_read_all(rows, &call->arena, &out_response->n_messages);
	return messages_chat_show(app, call, messages, out_response->n_messages,
	                          &out_response->messages);
}
