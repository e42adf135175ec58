#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/change.h"
#include "services/messages/events.h"
#include "services/messages/unread.h"

/* What people reacted and its earlier texts go with it. */
DB_QUERY(delete_message,
         "DELETE FROM messages.messages WHERE id = $1 RETURNING " MESSAGES_ROW_COLUMNS);

static status remove_row(struct db_tx *tx, void *arg)
{
	struct messages_change *c = arg;
	struct db_rows         *rows;

	TRY(db_tx_query(tx, &delete_message, DB_ARGS(DB_I64(c->row.id)), &rows));
	if (db_rows_count(rows) == 0)
		return messages_place_no_message();
	messages_change_done(c, rows);
	if (c->row.conversation_id)
		TRY(messages_unread_deleted(tx, &c->row));
	return messages_events_deleted(tx, c->place, &c->row);
}

status messages_delete_message(struct messages *app, struct rpc_call *call,
                               const messages_delete_message_request *req,
                               messages_delete_message_response      *out_response
                               __attribute__((unused)))
{
	struct messages_place  place;
	struct messages_change c = {.call = call, .place = &place};

	TRY(messages_place_find_message(app, call, req->id, &c.row, &place));
	if (c.row.account_id != call->who.account_id && !place.can_moderate)
		return status_error(CODE_PERMISSION_DENIED,
		                    "only its author and moderators delete a message");
	return db_tx_run(app->db, &call->arena, remove_row, &c);
}
