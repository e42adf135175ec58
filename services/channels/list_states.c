#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

enum { DEFAULT_PAGE = 1000, EPOCH = 0, POSITION, DELETED_ID, DELETED_VERSION, STATE };

/*
 * One statement, so one snapshot: an event that has no position yet comes after the last one that
 * has, though what it tells may be told here already.
 */
DB_QUERY(select_states,
         "SELECT s.epoch, s.next_position - 1, d.id, d.version, " CHANNELS_EVENTS_STATE_COLUMNS
         "  FROM channels.stream AS s"
         "  LEFT JOIN ("
         "    (SELECT id, false AS is_deleted FROM channels.channels WHERE id > $1"
         "      ORDER BY id LIMIT $2)"
         "    UNION ALL"
         "    (SELECT id, true FROM channels.deleted_channels WHERE id > $1"
         "      ORDER BY id LIMIT $2)"
         "    ORDER BY id LIMIT $2) AS page ON true"
         "  LEFT JOIN channels.channels AS c ON c.id = page.id"
         "  LEFT JOIN channels.deleted_channels AS d ON d.id = page.id"
         " ORDER BY page.id");

static channels_channel_state *read_state(const struct db_rows *rows, size_t row, struct arena *a)
{
	channels_channel_state *state = arena_alloc(a, sizeof *state);

	channels_channel_state_init(state);
	if (db_rows_is_null(rows, row, DELETED_ID)) {
		channels_events_read_state(rows, row, STATE, state);
		return state;
	}
	state->channel_id = db_rows_i64(rows, row, DELETED_ID);
	state->version = db_rows_i64(rows, row, DELETED_VERSION);
	state->deleted = true;
	return state;
}

static size_t count(const struct db_rows *rows)
{
	const bool is_empty =
	        db_rows_is_null(rows, 0, DELETED_ID) && db_rows_is_null(rows, 0, STATE);

	return is_empty ? 0 : db_rows_count(rows);
}

status channels_list_states(struct channels *app, struct rpc_call *call,
                            const channels_list_states_request *req,
                            channels_list_states_response      *out_response)
{
	const uint32_t  limit = req->page_size ? req->page_size : DEFAULT_PAGE;
	struct db_rows *rows;
	size_t          n;

	TRY(db_read(app->db, &call->arena, &select_states,
	            DB_ARGS(DB_I64(req->after), DB_I64(limit)), &rows));
	n = count(rows);
	out_response->epoch = db_rows_i64(rows, 0, EPOCH);
	out_response->last_position = db_rows_i64(rows, 0, POSITION);
	out_response->channels =
	        arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->channels));
	out_response->n_channels = n;
	for (size_t i = 0; i < n; i++)
		out_response->channels[i] = read_state(rows, i, &call->arena);
	if (n == limit)
		out_response->next_after = out_response->channels[n - 1]->channel_id;
	return STATUS_OK;
}
