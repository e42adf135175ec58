#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"

status channels_get_config(struct channels *app, struct rpc_call *call,
                           const channels_get_config_request *req, channels_channel *out_response)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, channels_channel_select,
	            DB_ARGS(DB_TEXT(channels_channel_fold(req->name, &call->arena)),
	                    DB_I64(channels_channel_viewer(call))),
	            &rows));
	TRY(channels_channel_read(call, rows, 0, out_response));
	return rpc_call_reveal(call);
}
