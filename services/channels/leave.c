#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(delete_member, "DELETE FROM channels.members WHERE channel_id = $1 AND account_id = $2");

static status leave(struct db_tx *tx, struct channels_action *a)
{
	const struct channels_standing *s = &a->caller;

	if (s->role == CHANNELS_ROLE_UNSPECIFIED)
		return STATUS_OK;
	if (s->role == CHANNELS_ROLE_OWNER)
		return status_error(CODE_FAILED_PRECONDITION,
		                    "the owner cannot leave; hand the channel over, or delete it");
	TRY(db_tx_query(tx, &delete_member, DB_ARGS(DB_I64(s->channel_id), DB_I64(s->account_id)),
	                NULL));
	return channels_events_left(tx, s->channel_id, s->account_id);
}

status channels_leave(struct channels *app, struct rpc_call *call,
                      const channels_leave_request *req,
                      channels_leave_response      *out_response __attribute__((unused)))
{
	struct channels_action a = {.call = call, .name = req->name, .body = leave};

	return channels_action_run(app, &a, NULL);
}
