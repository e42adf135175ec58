#include "services/channels/events.h"

#include "canaduck/channels/v1/events.schema.h"
#include "outbox/outbox.h"
#include "services/channels/channels.h"
#include "services/channels/standing.h"

#include <inttypes.h>

OUTBOX_DEFINE(channels_outbox, "channels", &channels_channel_created_schema,
              &channels_channel_changed_schema, &channels_channel_deleted_schema,
              &channels_member_joined_schema, &channels_member_changed_schema,
              &channels_member_left_schema, &channels_invited_schema, &channels_uninvited_schema,
              &channels_banned_schema, &channels_unbanned_schema);

DB_QUERY(select_state,
         "SELECT " CHANNELS_EVENTS_STATE_COLUMNS " FROM channels.channels AS c WHERE c.id = $1");
DB_QUERY(insert_deleted, "INSERT INTO channels.deleted_channels (id, version) VALUES ($1, $2)");

enum { ID, NAME, MODES, TOPIC, VERSION, OWNER_ID };

void channels_events_read_state(const struct db_rows *rows, size_t row, unsigned column,
                                channels_channel_state *out_state)
{
	const str modes = db_rows_str(rows, row, column + MODES);

	out_state->channel_id = db_rows_i64(rows, row, column + ID);
	out_state->name = db_rows_cstr(rows, row, column + NAME);
	out_state->private_ = channels_mode_is_on(modes, 'p');
	out_state->modes = db_rows_cstr(rows, row, column + MODES);
	out_state->topic = db_rows_cstr(rows, row, column + TOPIC);
	out_state->version = db_rows_i64(rows, row, column + VERSION);
	out_state->owner_id = db_rows_i64(rows, row, column + OWNER_ID);
}

static status load(struct db_tx *tx, int64_t channel_id, channels_channel_state *out_state)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_state, DB_ARGS(DB_I64(channel_id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_INTERNAL, "a channel to tell of is not there");
	channels_channel_state_init(out_state);
	channels_events_read_state(rows, 0, 0, out_state);
	return STATUS_OK;
}

static status add(struct db_tx *tx, const char *about, int64_t channel_id, bool is_public,
                  const ProtobufCMessage *event)
{
	const char *topic =
	        arena_printf(db_tx_arena(tx), "channels.%s.%" PRId64, about, channel_id);

	return is_public ? outbox_add_public(tx, &channels_outbox, topic, event)
	                 : outbox_add(tx, &channels_outbox, topic, event);
}

/* ---- channels ---- */

status channels_events_created(struct db_tx *tx, int64_t channel_id)
{
	channels_channel_state   state;
	channels_channel_created event;

	TRY(load(tx, channel_id, &state));
	channels_channel_created_init(&event);
	event.channel = &state;
	return add(tx, "channel", channel_id, !state.private_, &event.base);
}

status channels_events_changed(struct db_tx *tx, int64_t channel_id)
{
	channels_channel_state   state;
	channels_channel_changed event;

	TRY(load(tx, channel_id, &state));
	channels_channel_changed_init(&event);
	event.channel = &state;
	return add(tx, "channel", channel_id, !state.private_, &event.base);
}

status channels_events_deleted(struct db_tx *tx, int64_t channel_id)
{
	channels_channel_state   state, end;
	channels_channel_deleted event;

	TRY(load(tx, channel_id, &state));
	channels_channel_state_init(&end);
	end.channel_id = channel_id;
	end.deleted = true;
	end.version = state.version + 1;
	TRY(db_tx_query(tx, &insert_deleted, DB_ARGS(DB_I64(channel_id), DB_I64(end.version)),
	                NULL));
	channels_channel_deleted_init(&event);
	event.channel = &end;
	event.name = state.name;
	return add(tx, "channel", channel_id, !state.private_, &event.base);
}

/* ---- who is in them ---- */

struct place {
	channels_membership membership;
	bool                is_public;
};

static status find(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                   struct place *out_place)
{
	struct channels_standing s;

	TRY(channels_standing_get(tx, channel_id, account_id, &s));
	channels_membership_init(&out_place->membership);
	out_place->membership.channel_id = channel_id;
	out_place->membership.account_id = account_id;
	out_place->membership.role = s.role;
	out_place->membership.has_voice = s.has_voice;
	out_place->is_public = !channels_mode_is_on(s.modes, 'p');
	return STATUS_OK;
}

status channels_events_joined(struct db_tx *tx, int64_t channel_id, int64_t account_id)
{
	struct place           place;
	channels_member_joined event;

	TRY(find(tx, channel_id, account_id, &place));
	channels_member_joined_init(&event);
	event.membership = &place.membership;
	return add(tx, "members", channel_id, place.is_public, &event.base);
}

status channels_events_member_changed(struct db_tx *tx, int64_t channel_id, int64_t account_id)
{
	struct place            place;
	channels_member_changed event;

	TRY(find(tx, channel_id, account_id, &place));
	channels_member_changed_init(&event);
	event.membership = &place.membership;
	return add(tx, "members", channel_id, place.is_public, &event.base);
}

status channels_events_left(struct db_tx *tx, int64_t channel_id, int64_t account_id)
{
	struct place         place;
	channels_member_left event;

	TRY(find(tx, channel_id, account_id, &place));
	channels_member_left_init(&event);
	event.membership = &place.membership;
	return add(tx, "members", channel_id, place.is_public, &event.base);
}

/* ---- who is invited or banned: never for the public ---- */

status channels_events_invited(struct db_tx *tx, int64_t channel_id, int64_t account_id)
{
	channels_invited event;

	channels_invited_init(&event);
	event.channel_id = channel_id;
	event.account_id = account_id;
	return add(tx, "members", channel_id, false, &event.base);
}

status channels_events_uninvited(struct db_tx *tx, int64_t channel_id, int64_t account_id)
{
	channels_uninvited event;

	channels_uninvited_init(&event);
	event.channel_id = channel_id;
	event.account_id = account_id;
	return add(tx, "members", channel_id, false, &event.base);
}

status channels_events_banned(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                              int64_t by_account_id)
{
	channels_banned event;

	channels_banned_init(&event);
	event.channel_id = channel_id;
	event.account_id = account_id;
	event.by_account_id = by_account_id;
	return add(tx, "members", channel_id, false, &event.base);
}

status channels_events_unbanned(struct db_tx *tx, int64_t channel_id, int64_t account_id)
{
	channels_unbanned event;

	channels_unbanned_init(&event);
	event.channel_id = channel_id;
	event.account_id = account_id;
	return add(tx, "members", channel_id, false, &event.base);
}
