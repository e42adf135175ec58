#include "services/messages/unread.h"

/* By the time that the next statement looks, nobody else changes what the row says. */
DB_QUERY(lock_conversation, "SELECT FROM messages.conversations WHERE id = $1 FOR NO KEY UPDATE");

/* conversation, message, whom it was to; the last one is the one before, if it was that. */
DB_QUERY(forget_message, "UPDATE messages.conversations AS c"
                         "   SET low_unread_count = low_unread_count"
                         "         - (low_account_id = $3 AND low_read_id < $2)::int,"
                         "       high_unread_count = high_unread_count"
                         "         - (high_account_id = $3 AND high_read_id < $2)::int,"
                         "       (last_message_id, last_message_time) = ("
                         "         SELECT id, created_time FROM messages.messages"
                         "          WHERE conversation_id = $1 AND id <= c.last_message_id"
                         "          ORDER BY id DESC LIMIT 1)"
                         " WHERE c.id = $1");

status messages_unread_deleted(struct db_tx *tx, const struct messages_row *row)
{
	const struct db_arg id = DB_I64(row->conversation_id);

	TRY(db_tx_query(tx, &lock_conversation, DB_ARGS(id), NULL));
	return db_tx_query(tx, &forget_message,
	                   DB_ARGS(id, DB_I64(row->id), DB_I64(row->to_account_id)), NULL);
}
