#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/channels.h"
#include "services/channels/member.h"
#include "services/channels/ownership.h"

DB_QUERY(select_owner, "SELECT account_id FROM channels.members"
                       " WHERE channel_id = $1 AND role = 'owner'");

static status hand_over(struct db_tx *tx, struct channels_action *a)
{
	const int64_t   channel_id = a->caller.channel_id;
	struct db_rows *rows;

	TRY(channels_standing_check_owns(&a->caller));
	TRY(channels_member_check(&a->about));
	if (a->about.role == CHANNELS_ROLE_OWNER)
		return STATUS_OK;
	TRY(db_tx_query(tx, &select_owner, DB_ARGS(DB_I64(channel_id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_INTERNAL, "a channel without an owner");
	return channels_ownership_pass(tx, channel_id, db_rows_i64(rows, 0, 0),
	                               a->about.account_id);
}

status channels_set_owner(struct channels *app, struct rpc_call *call,
                          const channels_set_owner_request *req, channels_channel *out_response)
{
	struct channels_action a = {
	        .call = call, .name = req->name, .pseudo = req->pseudo, .body = hand_over};

	return channels_action_run(app, &a, out_response);
}
