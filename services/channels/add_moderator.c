#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/ceiling.h"
#include "services/channels/channels.h"
#include "services/channels/member.h"

static status add(struct db_tx *tx, struct channels_action *a)
{
	TRY(channels_standing_check_owns(&a->caller));
	TRY(channels_member_check(&a->about));
	if (a->about.role >= CHANNELS_ROLE_MODERATOR)
		return STATUS_OK;
	TRY(channels_ceiling_check(tx, a->about.channel_id, CHANNELS_CEILING_MODERATORS));
	return channels_member_set_role(tx, a->about.channel_id, a->about.account_id,
	                                CHANNELS_ROLE_MODERATOR);
}

status channels_add_moderator(struct channels *app, struct rpc_call *call,
                              const channels_add_moderator_request *req,
                              channels_channel                     *out_response)
{
	struct channels_action a = {
	        .call = call, .name = req->name, .pseudo = req->pseudo, .body = add};

	return channels_action_run(app, &a, out_response);
}
