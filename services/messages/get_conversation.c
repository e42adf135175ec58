#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/conversation_row.h"

status messages_get_conversation(struct messages *app, struct rpc_call *call,
                                 const messages_get_conversation_request *req,
                                 messages_conversation                   *out_response)
{
	struct messages_conversation_row row;

	TRY(messages_conversation_row_get(app, call, req->id, &row));
	return messages_conversation_row_show_one(app, call, &row, out_response);
}
