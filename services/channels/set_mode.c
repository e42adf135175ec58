#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/change.h"
#include "services/channels/channels.h"

status channels_set_mode(struct channels *app, struct rpc_call *call,
                         const channels_set_mode_request *req, channels_channel *out_response)
{
	/* That it is required is told by its own rule. */
	const struct channels_change change = {.mode = *req->mode ? req->mode : NULL};

	return channels_change_run(app, call, req->name, &change, out_response);
}
