#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/change.h"
#include "services/channels/channels.h"

status channels_set_topic(struct channels *app, struct rpc_call *call,
                          const channels_set_topic_request *req, channels_channel *out_response)
{
	const bool                   has_topic = channels_set_topic_request_has_topic(req);
	const struct channels_change change = {.topic = has_topic ? req->topic : NULL,
	                                       .needs_topic = true};

	return channels_change_run(app, call, req->name, &change, out_response);
}
