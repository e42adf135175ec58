#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/ceiling.h"
#include "services/channels/channels.h"
#include "services/channels/member.h"

static status give(struct db_tx *tx, struct channels_action *a)
{
	TRY(channels_standing_check_governs(&a->caller));
	TRY(channels_member_check(&a->about));
	if (a->about.has_voice)
		return STATUS_OK;
	TRY(channels_ceiling_check(tx, a->about.channel_id, CHANNELS_CEILING_VOICES));
	return channels_member_set_voice(tx, a->about.channel_id, a->about.account_id, true);
}

status channels_add_voice(struct channels *app, struct rpc_call *call,
                          const channels_add_voice_request *req, channels_channel *out_response)
{
	struct channels_action a = {
	        .call = call, .name = req->name, .pseudo = req->pseudo, .body = give};

	return channels_action_run(app, &a, out_response);
}
