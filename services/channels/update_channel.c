#include "canaduck/channels/v1/channels.server.h"

#include "pb/mask.h"
#include "services/channels/change.h"
#include "services/channels/channels.h"

/* null empties a topic; of modes it is no more a change than "" is. */
status channels_update_channel(struct channels *app, struct rpc_call *call,
                               const channels_update_channel_request *req,
                               channels_channel                      *out_response)
{
	struct channels_change change = {0};

	if (channels_update_channel_request_has_topic(req))
		change.topic = req->topic;
	else if (pb_mask_has(req->update_mask, "topic"))
		change.topic = "";
	if (channels_update_channel_request_has_mode(req))
		change.mode = req->mode;
	else if (pb_mask_has(req->update_mask, "mode"))
		change.mode = "";
	return channels_change_run(app, call, req->name, &change, out_response);
}
