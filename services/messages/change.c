#include "services/messages/change.h"

DB_QUERY(lock_message, "SELECT " MESSAGES_ROW_COLUMNS " FROM messages.messages"
                       " WHERE id = $1 FOR NO KEY UPDATE");

status messages_change_hold(struct db_tx *tx, struct messages_change *c)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &lock_message, DB_ARGS(DB_I64(c->row.id)), &rows));
	if (db_rows_count(rows) == 0)
		return messages_place_no_message();
	messages_change_done(c, rows);
	return STATUS_OK;
}

void messages_change_done(struct messages_change *c, const struct db_rows *rows)
{
	messages_row_read(rows, 0, 0, &c->row);
}
