#include "services/messages/pin.h"

#include "services/messages/change.h"
#include "services/messages/events.h"
#include "services/messages/show.h"

DB_QUERY(update_pinned, "UPDATE messages.messages SET pinned = $2, version = version + 1"
                        " WHERE id = $1 RETURNING " MESSAGES_ROW_COLUMNS);

struct pin {
	struct messages_change change;
	bool                   is_pinned;
};

static status set(struct db_tx *tx, void *arg)
{
	struct pin             *p = arg;
	struct messages_change *c = &p->change;
	struct db_rows         *rows;

	TRY(messages_change_hold(tx, c));
	if (c->row.pinned == p->is_pinned)
		return STATUS_OK;
	TRY(db_tx_query(tx, &update_pinned, DB_ARGS(DB_I64(c->row.id), DB_BOOL(p->is_pinned)),
	                &rows));
	messages_change_done(c, rows);
	return messages_events_pin_changed(tx, c->place, &c->row);
}

status messages_pin_set(struct messages *app, struct rpc_call *call, int64_t message_id,
                        bool is_pinned, messages_message *out_message)
{
	struct messages_place place;
	struct pin p = {.change = {.call = call, .place = &place}, .is_pinned = is_pinned};

	TRY(messages_place_find_message(app, call, message_id, &p.change.row, &place));
	if (!place.can_moderate)
		return status_error(CODE_PERMISSION_DENIED,
		                    "only the channel's owner and moderators pin messages");
	TRY(db_tx_run(app->db, &call->arena, set, &p));
	return messages_show_changed(app, call, &p.change.row, &place, out_message);
}
