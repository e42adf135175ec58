#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channels.h"

DB_QUERY(select_names, "SELECT c.name FROM channels.members AS m"
                       " JOIN channels.channels AS c ON c.id = m.channel_id"
                       " WHERE m.account_id = $1"
                       "   AND (c.modes NOT LIKE '%p%' OR EXISTS ("
                       "     SELECT FROM channels.members AS v"
                       "      WHERE v.channel_id = c.id AND v.account_id = $2))"
                       " ORDER BY c.name LIMIT 1000");

status channels_list_by_account(struct channels *app, struct rpc_call *call,
                                const channels_list_by_account_request *req,
                                channels_list_by_account_response      *out_response)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_names,
	            DB_ARGS(DB_I64(req->account_id), DB_I64(req->viewer_id)), &rows));
	out_response->n_names = db_rows_count(rows);
	out_response->names = arena_alloc(&call->arena, (out_response->n_names + 1) *
	                                                        sizeof *out_response->names);
	for (size_t i = 0; i < out_response->n_names; i++)
		out_response->names[i] = db_rows_cstr(rows, i, 0);
	return STATUS_OK;
}
