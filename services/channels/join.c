#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(insert_member,
         "WITH used AS ("
         "  DELETE FROM channels.invitations WHERE channel_id = $1 AND account_id = $2"
         ")"
         "INSERT INTO channels.members (channel_id, account_id) VALUES ($1, $2)"
         " ON CONFLICT DO NOTHING");

static status join(struct db_tx *tx, struct channels_action *a)
{
	const struct channels_standing *s = &a->caller;

	if (s->role != CHANNELS_ROLE_UNSPECIFIED)
		return STATUS_OK;
	/* An admin may see and govern it; entering takes an invitation all the same. */
	if (!channels_standing_reads(s))
		return status_error(CODE_PERMISSION_DENIED, "the channel is by invitation");
	if (s->is_banned)
		return status_error(CODE_PERMISSION_DENIED, "banned from the channel");
	TRY(db_tx_query(tx, &insert_member, DB_ARGS(DB_I64(s->channel_id), DB_I64(s->account_id)),
	                NULL));
	return channels_events_joined(tx, s->channel_id, s->account_id);
}

status channels_join(struct channels *app, struct rpc_call *call, const channels_join_request *req,
                     channels_channel *out_response)
{
	struct channels_action a = {
	        .call = call, .name = req->name, .holds_caller = true, .body = join};

	return channels_action_run(app, &a, out_response);
}
