#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/conversation.h"
#include "services/messages/events.h"

status messages_signal_typing(struct messages *app, struct rpc_call *call,
                              const messages_signal_typing_request *req,
                              messages_signal_typing_response *out_response __attribute__((unused)))
{
	int64_t to_account_id;

	TRY(messages_conversation_other(app, call, req->conversation_id, &to_account_id));
	return messages_events_typing(app->publisher, &call->arena, req->conversation_id,
	                              call->who.account_id, to_account_id, req->is_typing);
}
