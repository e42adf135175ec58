#include "services/messages/reaction.h"

#include "services/messages/change.h"
#include "services/messages/events.h"
#include "services/messages/show.h"

/* Kinds of reactions that a message can have; people may be as many as there are. */
enum { MAX_KINDS = 50 };

/* message, emoji, account; all under the lock of the message */
DB_QUERY(select_standing, "SELECT EXISTS (SELECT FROM messages.reactions WHERE message_id = $1"
                          "                  AND emoji = $2 AND account_id = $3),"
                          "       EXISTS (SELECT FROM messages.reactions WHERE message_id = $1"
                          "                  AND emoji = $2),"
                          "       (SELECT count(DISTINCT emoji) FROM messages.reactions"
                          "         WHERE message_id = $1)");

DB_QUERY(insert_reaction, "INSERT INTO messages.reactions (message_id, emoji, account_id)"
                          " VALUES ($1, $2, $3)");
DB_QUERY(delete_reaction, "DELETE FROM messages.reactions WHERE message_id = $1"
                          " AND emoji = $2 AND account_id = $3");

DB_QUERY(update_count, "UPDATE messages.messages"
                       "   SET reaction_count = reaction_count + $2, version = version + 1"
                       " WHERE id = $1 RETURNING " MESSAGES_ROW_COLUMNS);

struct reaction {
	struct messages_change change;
	char                  *emoji;
	bool                   is_added;
};

static status look(struct db_tx *tx, const struct reaction *r, struct db_args args,
                   bool *out_is_there)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_standing, args, &rows));
	*out_is_there = db_rows_bool(rows, 0, 0);
	if (r->is_added && !db_rows_bool(rows, 0, 1) && db_rows_i64(rows, 0, 2) >= MAX_KINDS)
		return status_error(CODE_FAILED_PRECONDITION,
		                    "the message has too many kinds of reactions");
	return STATUS_OK;
}

static status set(struct db_tx *tx, void *arg)
{
	struct reaction        *r = arg;
	struct messages_change *c = &r->change;
	int64_t                 me = c->call->who.account_id;
	const struct db_arg     args[] = {DB_I64(c->row.id), DB_CSTR(r->emoji), DB_I64(me)};
	const struct db_args    all = {args, sizeof args / sizeof *args};
	struct db_rows         *rows;
	bool                    is_there;

	TRY(messages_change_hold(tx, c));
	TRY(look(tx, r, all, &is_there));
	if (is_there == r->is_added)
		return STATUS_OK;
	TRY(db_tx_query(tx, r->is_added ? &insert_reaction : &delete_reaction, all, NULL));
	TRY(db_tx_query(tx, &update_count, DB_ARGS(args[0], DB_I64(r->is_added ? 1 : -1)), &rows));
	messages_change_done(c, rows);
	return messages_events_reaction_changed(tx, c->place, &c->row, me, r->emoji, r->is_added);
}

status messages_reaction_set(struct messages *app, struct rpc_call *call, int64_t message_id,
                             char *emoji, bool is_added, messages_message *out_message)
{
	struct messages_place place;
	struct reaction       r = {
	              .change = {.call = call, .place = &place}, .emoji = emoji, .is_added = is_added};

	TRY(messages_place_find_message(app, call, message_id, &r.change.row, &place));
	if (is_added && place.is_banned)
		return status_error(CODE_PERMISSION_DENIED, "banned from the channel");
	TRY(db_tx_run(app->db, &call->arena, set, &r));
	return messages_show_changed(app, call, &r.change.row, &place, out_message);
}
