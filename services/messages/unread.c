#include "services/messages/unread.h"

#include "services/messages/events.h"

/* By the time that the next statement looks, nobody else changes what the row says. */
DB_QUERY(lock_conversation,
         "SELECT coalesce(last_message_id, 0), low_unread_count, high_unread_count"
         "  FROM messages.conversations WHERE id = $1 FOR NO KEY UPDATE");

/* conversation, who read, the last message, and whether it is the low one who read */
DB_QUERY(mark_read, "WITH noted AS ("
                    "  INSERT INTO messages.reads (conversation_id, account_id, last_message_id)"
                    "  VALUES ($1, $2, $3) RETURNING read_time)"
                    " UPDATE messages.conversations SET"
                    "   low_read_id = CASE WHEN $4 THEN $3 ELSE low_read_id END,"
                    "   low_unread_count = CASE WHEN $4 THEN 0 ELSE low_unread_count END,"
                    "   high_read_id = CASE WHEN $4 THEN high_read_id ELSE $3 END,"
                    "   high_unread_count = CASE WHEN $4 THEN high_unread_count ELSE 0 END"
                    "  FROM noted WHERE id = $1 RETURNING " DB_US("read_time"));

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

status messages_unread_mark(struct db_tx *tx, const struct messages_unread_reading *r,
                            int64_t *out_count)
{
	enum { LAST, LOW, HIGH };
	const struct db_arg id = DB_I64(r->conversation_id);
	struct db_rows     *rows;
	int64_t             last_id, count;

	TRY(db_tx_query(tx, &lock_conversation, DB_ARGS(id), &rows));
	last_id = db_rows_i64(rows, 0, LAST);
	count = db_rows_i64(rows, 0, r->is_low ? LOW : HIGH);
	*out_count = count;
	if (count == 0)
		return STATUS_OK;
	TRY(db_tx_query(tx, &mark_read,
	                DB_ARGS(id, DB_I64(r->reader_id), DB_I64(last_id), DB_BOOL(r->is_low)),
	                &rows));
	return messages_events_conversation_read(tx, r, last_id, count, db_rows_us(rows, 0, 0));
}

status messages_unread_deleted(struct db_tx *tx, const struct messages_row *row)
{
	const struct db_arg id = DB_I64(row->conversation_id);

	TRY(db_tx_query(tx, &lock_conversation, DB_ARGS(id), NULL));
	return db_tx_query(tx, &forget_message,
	                   DB_ARGS(id, DB_I64(row->id), DB_I64(row->to_account_id)), NULL);
}
