#include "services/messages/conversation.h"

#include "services/messages/events.h"

DB_QUERY(select_by_pair, "SELECT id FROM messages.conversations"
                         " WHERE low_account_id = $1 AND high_account_id = $2");

DB_QUERY(select_pair,
         "SELECT low_account_id, high_account_id FROM messages.conversations WHERE id = $1");

DB_QUERY(insert_conversation,
         "INSERT INTO messages.conversations (low_account_id, high_account_id) VALUES ($1, $2)"
         " ON CONFLICT (low_account_id, high_account_id) DO NOTHING RETURNING id");

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

	TRY(db_read(app->db, a, &select_by_pair, pair(a, account_id, other_id), &rows));
	*out_id = db_rows_count(rows) ? db_rows_i64(rows, 0, 0) : 0;
	return STATUS_OK;
}

status messages_conversation_other(struct messages *app, struct rpc_call *call,
                                   int64_t conversation_id, int64_t *out_account_id)
{
	const int64_t   me = call->who.account_id;
	struct db_rows *rows;
	int64_t         low, high;

	TRY(db_read(app->db, &call->arena, &select_pair, DB_ARGS(DB_I64(conversation_id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no conversation of that number");
	low = db_rows_i64(rows, 0, 0);
	high = db_rows_i64(rows, 0, 1);
	if (me != low && me != high)
		return status_error(CODE_PERMISSION_DENIED, "the conversation is of two others");
	*out_account_id = me == low ? high : low;
	return STATUS_OK;
}

status messages_conversation_check_other(struct messages *app, struct rpc_call *call,
                                         int64_t account_id)
{
	struct people_person person;

	TRY(people_look(&app->people, call, &account_id, 1, &person));
	if (person.is_deleted)
		return status_error(CODE_NOT_FOUND, "there is no such account, or no longer");
	return STATUS_OK;
}

status messages_conversation_make(struct db_tx *tx, int64_t account_id, int64_t other_id,
                                  int64_t *out_id, bool *out_is_new)
{
	struct db_args  args = pair(db_tx_arena(tx), account_id, other_id);
	struct db_rows *rows;
	bool            is_new;

	TRY(db_tx_query(tx, &insert_conversation, args, &rows));
	is_new = db_rows_count(rows) > 0;
	if (!is_new)
		TRY(db_tx_query(tx, &select_by_pair, args, &rows));
	*out_id = db_rows_i64(rows, 0, 0);
	*out_is_new = is_new;
	return is_new ? messages_events_conversation_created(tx, *out_id, account_id, other_id)
	              : STATUS_OK;
}
