#include "services/messages/conversation.h"

DB_QUERY(select_conversation, "SELECT id FROM messages.conversations"
                              " WHERE low_account_id = $1 AND high_account_id = $2");

DB_QUERY(touch_conversation, "UPDATE messages.conversations"
                             " SET last_message_time = statement_timestamp()"
                             " WHERE low_account_id = $1 AND high_account_id = $2 RETURNING id");

DB_QUERY(insert_conversation,
         "INSERT INTO messages.conversations (low_account_id, high_account_id, last_message_time)"
         " VALUES ($1, $2, statement_timestamp())"
         " ON CONFLICT (low_account_id, high_account_id)"
         " DO UPDATE SET last_message_time = excluded.last_message_time RETURNING id");

static struct db_args pair(struct arena *a, int64_t account_id, int64_t other_id)
{
	struct db_arg *args = arena_alloc(a, 2 * sizeof *args);
	bool           is_low = account_id < other_id;

	args[0] = DB_I64(is_low ? account_id : other_id);
	args[1] = DB_I64(is_low ? other_id : account_id);
	return (struct db_args){args, 2};
}

status messages_conversation_find(struct messages *app, struct arena *a, int64_t account_id,
                                  int64_t other_id, int64_t *out_id)
{
	struct db_rows *rows;

	TRY(db_read(app->db, a, &select_conversation, pair(a, account_id, other_id), &rows));
	*out_id = db_rows_count(rows) ? db_rows_i64(rows, 0, 0) : 0;
	return STATUS_OK;
}

status messages_conversation_hold(struct db_tx *tx, int64_t account_id, int64_t other_id,
                                  int64_t *out_id)
{
	struct db_args  args = pair(db_tx_arena(tx), account_id, other_id);
	struct db_rows *rows;

	TRY(db_tx_query(tx, &touch_conversation, args, &rows));
	if (db_rows_count(rows) == 0)
		TRY(db_tx_query(tx, &insert_conversation, args, &rows));
	*out_id = db_rows_i64(rows, 0, 0);
	return STATUS_OK;
}
