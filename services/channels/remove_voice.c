#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/channels.h"
#include "services/channels/member.h"

static status take(struct db_tx *tx, struct channels_action *a)
{
	TRY(channels_standing_check_governs(&a->caller));
	if (!a->about.has_voice)
		return STATUS_OK;
	return channels_member_set_voice(tx, a->about.channel_id, a->about.account_id, false);
}

status channels_remove_voice(struct channels *app, struct rpc_call *call,
                             const channels_remove_voice_request *req,
                             channels_channel                    *out_response)
{
	struct channels_action a = {
	        .call = call, .name = req->name, .pseudo = req->pseudo, .body = take};

	return channels_action_run(app, &a, out_response);
}
