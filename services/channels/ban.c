#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/ceiling.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(upsert_ban, "INSERT INTO channels.bans (channel_id, account_id, reason)"
                     " VALUES ($1, $2, $3)"
                     " ON CONFLICT (channel_id, account_id) DO UPDATE SET reason = CASE"
                     "   WHEN excluded.reason = '' THEN bans.reason ELSE excluded.reason END");

DB_QUERY(delete_member, "DELETE FROM channels.members WHERE channel_id = $1 AND account_id = $2");
DB_QUERY(delete_invitation,
         "DELETE FROM channels.invitations WHERE channel_id = $1 AND account_id = $2");

static status check_rank(const struct channels_action *a)
{
	TRY(channels_standing_check_governs(&a->caller));
	if (a->about.role >= CHANNELS_ROLE_MODERATOR && !channels_standing_owns(&a->caller))
		return status_error(CODE_PERMISSION_DENIED,
		                    "a moderator cannot ban the owner or a moderator");
	if (a->about.role == CHANNELS_ROLE_OWNER)
		return status_error(CODE_FAILED_PRECONDITION,
		                    "the owner cannot be banned; hand the channel over first");
	return STATUS_OK;
}

static status put_out(struct db_tx *tx, const struct channels_standing *about)
{
	const int64_t channel_id = about->channel_id, account_id = about->account_id;

	if (about->role != CHANNELS_ROLE_UNSPECIFIED) {
		TRY(db_tx_query(tx, &delete_member, DB_ARGS(DB_I64(channel_id), DB_I64(account_id)),
		                NULL));
		TRY(channels_events_left(tx, channel_id, account_id));
	}
	if (about->is_invited) {
		TRY(db_tx_query(tx, &delete_invitation,
		                DB_ARGS(DB_I64(channel_id), DB_I64(account_id)), NULL));
		TRY(channels_events_uninvited(tx, channel_id, account_id));
	}
	return STATUS_OK;
}

static status ban(struct db_tx *tx, struct channels_action *a)
{
	const channels_ban_request *req = a->req;
	const int64_t channel_id = a->caller.channel_id, account_id = a->about.account_id;

	TRY(check_rank(a));
	if (!a->about.is_banned)
		TRY(channels_ceiling_check(tx, channel_id, CHANNELS_CEILING_BANNED));
	TRY(put_out(tx, &a->about));
	TRY(db_tx_query(tx, &upsert_ban,
	                DB_ARGS(DB_I64(channel_id), DB_I64(account_id), DB_CSTR(req->reason)),
	                NULL));
	if (a->about.is_banned)
		return STATUS_OK;
	return channels_events_banned(tx, channel_id, account_id, a->caller.account_id);
}

status channels_ban(struct channels *app, struct rpc_call *call, const channels_ban_request *req,
                    channels_channel *out_response)
{
	struct channels_action a = {.call = call,
	                            .name = req->name,
	                            .pseudo = req->pseudo,
	                            .req = req,
	                            .holds_about = true,
	                            .body = ban};

	return channels_action_run(app, &a, out_response);
}
