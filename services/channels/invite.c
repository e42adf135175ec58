#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/ceiling.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(insert_invitation, "INSERT INTO channels.invitations (channel_id, account_id)"
                            " VALUES ($1, $2) ON CONFLICT DO NOTHING");

static status invite(struct db_tx *tx, struct channels_action *a)
{
	const int64_t   channel_id = a->caller.channel_id, account_id = a->about.account_id;
	struct db_rows *rows;

	TRY(channels_standing_check_governs(&a->caller));
	if (a->about.role != CHANNELS_ROLE_UNSPECIFIED)
		return STATUS_OK;
	if (a->about.is_banned)
		return status_error(CODE_FAILED_PRECONDITION,
		                    "banned from the channel; lift the ban first");
	if (!a->about.is_invited)
		TRY(channels_ceiling_check(tx, channel_id, CHANNELS_CEILING_INVITED));
	TRY(db_tx_query(tx, &insert_invitation, DB_ARGS(DB_I64(channel_id), DB_I64(account_id)),
	                &rows));
	return db_rows_count(rows) > 0 ? channels_events_invited(tx, channel_id, account_id)
	                               : STATUS_OK;
}

status channels_invite(struct channels *app, struct rpc_call *call,
                       const channels_invite_request *req, channels_channel *out_response)
{
	struct channels_action a = {.call = call,
	                            .name = req->name,
	                            .pseudo = req->pseudo,
	                            .holds_about = true,
	                            .body = invite};

	return channels_action_run(app, &a, out_response);
}
