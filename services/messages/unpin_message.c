#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/pin.h"

status messages_unpin_message(struct messages *app, struct rpc_call *call,
                              const messages_unpin_message_request *req,
                              messages_message                     *out_response)
{
	return messages_pin_set(app, call, req->id, false, out_response);
}
