/*
 * Design notes. Numbers are given before what has them is committed, so a greater one may appear
 * first; whoever reads "after the last one I know" would never see the other. Here that cannot
 * happen to one person: who writes holds the mailboxes of both from before the number is given
 * until the commit. They are taken in the order of accounts, behind the writer's own throttle and
 * before the conversation.
 */
#include "services/messages/delivery.h"

#include "services/messages/conversation.h"
#include "services/messages/events.h"
#include "services/messages/throttle.h"

/* A row that is there is locked, and stays as it is. */
DB_QUERY(hold_mailboxes,
         "INSERT INTO messages.mailboxes AS m (account_id)"
         " SELECT account_id FROM unnest($1::int8[]) AS account_id ORDER BY account_id"
         " ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id WHERE false");

/*
 * conversation, from, text, answers or NULL, to. Times are those of the statement, which began when
 * nobody else wrote to either: they are in the order of the numbers.
 */
DB_QUERY(insert_message,
         "WITH added AS ("
         "  INSERT INTO messages.messages"
         "    (conversation_id, account_id, text, reply_to, to_account_id, created_time)"
         "  SELECT $1::int8, $2::int8, $3::text, $4::int8, $5::int8, statement_timestamp()"
         "   WHERE $4::int8 IS NULL OR EXISTS ("
         "     SELECT FROM messages.messages WHERE conversation_id = $1 AND id = $4)"
         "  RETURNING " MESSAGES_ROW_RAW "), counted AS ("
         "  UPDATE messages.conversations AS c"
         "     SET last_message_id = added.id, last_message_time = added.created_time,"
         "         low_unread_count = c.low_unread_count + (c.low_account_id = $5)::int,"
         "         high_unread_count = c.high_unread_count + (c.high_account_id = $5)::int"
         "    FROM added WHERE c.id = $1)"
         " SELECT " MESSAGES_ROW_COLUMNS " FROM added");

static status hold(struct db_tx *tx, const struct messages_delivery *d)
{
	const int64_t both[] = {d->call->who.account_id, d->to_account_id};

	return db_tx_query(tx, &hold_mailboxes, DB_ARGS(DB_I64S(both, 2)), NULL);
}

status messages_delivery_write(struct db_tx *tx, const struct messages_delivery *d,
                               struct messages_row *out_row)
{
	const int64_t   me = d->call->who.account_id;
	int64_t         conversation_id = d->conversation_id;
	struct db_rows *rows;
	bool            is_new;

	TRY(messages_throttle_take(tx, d->call));
	TRY(hold(tx, d));
	if (conversation_id == 0)
		TRY(messages_conversation_make(tx, me, d->to_account_id, &conversation_id,
		                               &is_new));
	TRY(db_tx_query(tx, &insert_message,
	                DB_ARGS(DB_I64(conversation_id), DB_I64(me), DB_CSTR(d->text),
	                        d->reply_to ? DB_I64(d->reply_to) : DB_NULL,
	                        DB_I64(d->to_account_id)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no message of that number to answer to");
	messages_row_read(rows, 0, 0, out_row);
	return messages_events_created(tx, NULL, out_row);
}
