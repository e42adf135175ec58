#include "canaduck/channels/v1/channels.server.h"

#include "services/channels/action.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(delete_channel, "DELETE FROM channels.channels WHERE id = $1");

static status delete_it(struct db_tx *tx, struct channels_action *a)
{
	TRY(channels_standing_check_owns(&a->caller));
	TRY(channels_events_deleted(tx, a->caller.channel_id));
	return db_tx_query(tx, &delete_channel, DB_ARGS(DB_I64(a->caller.channel_id)), NULL);
}

status channels_delete_channel(struct channels *app, struct rpc_call *call,
                               const channels_delete_channel_request *req,
                               channels_delete_channel_response      *out_response
                               __attribute__((unused)))
{
	struct channels_action a = {.call = call, .name = req->name, .body = delete_it};

	return channels_action_run(app, &a, NULL);
}
