#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/access.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"

status channels_check_access(struct channels *app, struct rpc_call *call,
                             const channels_check_access_request *req,
                             channels_check_access_response      *out_response)
{
	struct arena            *a = &call->arena;
	struct channels_standing s;

	TRY(channels_standing_read(app, a, channels_channel_fold(req->name, a), req->channel_id,
	                           req->account_id, &s));
	s.is_admin = req->is_admin;
	if (!channels_access_fill(&s, a, out_response))
		return channels_channel_not_found();
	return STATUS_OK;
}
