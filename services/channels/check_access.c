#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/access.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"

DB_QUERY(select_access, CHANNELS_ACCESS_SELECT "c.name = $2 OR c.id = $3");

status channels_check_access(struct channels *app, struct rpc_call *call,
                             const channels_check_access_request *req,
                             channels_check_access_response      *out_response)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_access,
	            DB_ARGS(DB_I64(req->account_id),
	                    DB_TEXT(channels_channel_fold(req->name, &call->arena)),
	                    DB_I64(req->channel_id)),
	            &rows));
	if (db_rows_count(rows) == 0 ||
	    !channels_access_read(rows, 0, req->account_id, &call->arena, out_response))
		return channels_channel_not_found();
	return STATUS_OK;
}
