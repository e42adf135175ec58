#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/access.h"
#include "services/channels/channels.h"

DB_QUERY(select_access, CHANNELS_STANDING_SELECT "c.id = ANY($2::int8[]) ORDER BY c.id");

static void name(const struct channels_standing *s, struct arena *a,
                 channels_check_access_response *out_access)
{
	out_access->channel_id = s->channel_id;
	out_access->name = arena_cstr(a, s->name);
	out_access->is_private = channels_mode_is_on(s->modes, 'p');
}

status channels_list_access(struct channels *app, struct rpc_call *call,
                            const channels_list_access_request *req,
                            channels_list_access_response      *out_response)
{
	struct db_rows *rows;
	size_t          n;

	TRY(db_read(app->db, &call->arena, &select_access,
	            DB_ARGS(DB_I64(req->account_id), DB_I64S(req->channel_ids, req->n_channel_ids)),
	            &rows));
	n = db_rows_count(rows);
	out_response->channels =
	        arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->channels));
	for (size_t i = 0; i < n; i++) {
		channels_check_access_response *access = arena_alloc(&call->arena, sizeof *access);
		struct channels_standing        s;

		channels_check_access_response_init(access);
		channels_standing_take(rows, i, req->account_id, &s);
		if (!channels_access_fill(&s, &call->arena, access)) {
			if (!req->with_hidden)
				continue;
			name(&s, &call->arena, access);
		}
		out_response->channels[out_response->n_channels++] = access;
	}
	return STATUS_OK;
}
