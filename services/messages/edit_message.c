#include "canaduck/messages/v1/messages.server.h"

#include "base/utf8.h"
#include "services/messages/change.h"
#include "services/messages/delivery.h"
#include "services/messages/events.h"
#include "services/messages/show.h"

#include <string.h>

DB_QUERY(insert_edit, "INSERT INTO messages.edits (message_id, version, text, written_time)"
                      " SELECT id, version, text, coalesce(edited_time, created_time)"
                      "   FROM messages.messages WHERE id = $1");

/* statement_timestamp(): the row is held already, so times are in the order of the changes. */
DB_QUERY(update_text, "UPDATE messages.messages SET text = $2, version = version + 1,"
                      "   edited_time = statement_timestamp()"
                      " WHERE id = $1 RETURNING " MESSAGES_ROW_COLUMNS);

struct edit {
	struct messages_change change;
	const char            *text;
};

static status edit(struct db_tx *tx, void *arg)
{
	struct edit            *e = arg;
	struct messages_change *c = &e->change;
	struct db_rows         *rows;

	TRY(messages_change_hold(tx, c));
	if (strcmp(c->row.text, e->text) == 0)
		return STATUS_OK;
	TRY(db_tx_query(tx, &insert_edit, DB_ARGS(DB_I64(c->row.id)), NULL));
	TRY(db_tx_query(tx, &update_text, DB_ARGS(DB_I64(c->row.id), DB_CSTR(e->text)), &rows));
	messages_change_done(c, rows);
	return messages_events_edited(tx, c->place, &c->row);
}

static status check(struct rpc_call *call, const struct messages_row *row,
                    const struct messages_place *place, const char *text)
{
	if (row->conversation_id && utf8_count(str_c(text)) > MESSAGES_DELIVERY_MAX_TEXT)
		return rpc_call_invalid(call, "text",
		                        "must be at most 1000 characters to a person");
	if (row->account_id != call->who.account_id)
		return status_error(CODE_PERMISSION_DENIED, "only its author changes a message");
	if (!place->can_write)
		return status_errorf(&call->arena, CODE_PERMISSION_DENIED, "%s", place->reason);
	return STATUS_OK;
}

status messages_edit_message(struct messages *app, struct rpc_call *call,
                             const messages_edit_message_request *req,
                             messages_message                    *out_response)
{
	struct messages_place place;
	struct edit           e = {.change = {.call = call, .place = &place}, .text = req->text};

	TRY(messages_place_find_message(app, call, req->id, &e.change.row, &place));
	TRY(check(call, &e.change.row, &place, req->text));
	TRY(db_tx_run(app->db, &call->arena, edit, &e));
	return messages_show_changed(app, call, &e.change.row, &place, out_response);
}
