#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(delete_ban, "DELETE FROM channels.bans WHERE channel_id = $1 AND account_id = $2");

static status unban(struct db_tx *tx, struct channels_action *a)
{
	const int64_t channel_id = a->caller.channel_id, account_id = a->about.account_id;

	TRY(channels_standing_check_governs(&a->caller));
	if (!a->about.is_banned)
		return STATUS_OK;
	TRY(db_tx_query(tx, &delete_ban, DB_ARGS(DB_I64(channel_id), DB_I64(account_id)), NULL));
	return channels_events_unbanned(tx, channel_id, account_id);
}

status channels_unban(struct channels *app, struct rpc_call *call,
                      const channels_unban_request *req, channels_channel *out_response)
{
	struct channels_action a = {
	        .call = call, .name = req->name, .pseudo = req->pseudo, .body = unban};

	return channels_action_run(app, &a, out_response);
}
