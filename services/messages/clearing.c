#include "services/messages/clearing.h"

#include "db/db.h"
#include "services/messages/events.h"

/* Deleting takes long: nobody waits for locks of more rows than this. */
enum { ROWS_AT_ONCE = 1000 };

/* Waits for those who write there, who share the row. No row: it was closed before. */
DB_QUERY(close_channel, "INSERT INTO messages.channels AS c (id, is_deleted) VALUES ($1, true)"
                        " ON CONFLICT (id) DO UPDATE SET is_deleted = true"
                        " WHERE NOT c.is_deleted RETURNING id");

DB_QUERY(delete_some,
         "DELETE FROM messages.messages WHERE id IN ("
         "  SELECT id FROM messages.messages WHERE channel_id = $1 ORDER BY id LIMIT $2)");

static status close_channel_in(struct db_tx *tx, void *arg)
{
	const int64_t  *channel_id = arg;
	struct db_rows *rows;

	TRY(db_tx_query(tx, &close_channel, DB_ARGS(DB_I64(*channel_id)), &rows));
	if (db_rows_count(rows) == 0)
		return STATUS_OK;
	return messages_events_channel_cleared(tx, *channel_id);
}

status messages_clearing_run(struct messages *app, struct arena *a, int64_t channel_id)
{
	struct db_rows *rows;

	TRY(db_tx_run(app->db, a, close_channel_in, &channel_id));
	do
		TRY(db_write(app->db, a, &delete_some,
		             DB_ARGS(DB_I64(channel_id), DB_I64(ROWS_AT_ONCE)), &rows));
	while (db_rows_count(rows) > 0);
	return STATUS_OK;
}
