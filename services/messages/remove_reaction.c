#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/reaction.h"

status messages_remove_reaction(struct messages *app, struct rpc_call *call,
                                const messages_remove_reaction_request *req,
                                messages_message                       *out_response)
{
	return messages_reaction_set(app, call, req->message_id, req->emoji, false, out_response);
}
