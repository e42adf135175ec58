#include "services/channels/standing.h"

#include "services/channels/channel.h"
#include "services/channels/channels.h"

/*
 * The channel's row is held first, so that no ban or change of mode slips in between. Who stands
 * where is asked after that: a statement that waited for the lock sees other tables as they were
 * when it began.
 */
DB_QUERY(lock_channel, "SELECT id FROM channels.channels WHERE name = $1 FOR NO KEY UPDATE");

DB_QUERY(select_standing, CHANNELS_STANDING_SELECT "c.name = $2 OR c.id = $3");

enum { ID, NAME, TOPIC, MODES, ROLE, HAS_VOICE, IS_INVITED, IS_BANNED };

static channels_membership_role role_of(str text)
{
	if (str_eq(text, STR("owner")))
		return CHANNELS_ROLE_OWNER;
	if (str_eq(text, STR("moderator")))
		return CHANNELS_ROLE_MODERATOR;
	return text.len > 0 ? CHANNELS_ROLE_MEMBER : CHANNELS_ROLE_UNSPECIFIED;
}

void channels_standing_take(const struct db_rows *rows, size_t row, int64_t account_id,
                            struct channels_standing *out_standing)
{
	*out_standing = (struct channels_standing){
	        .channel_id = db_rows_i64(rows, row, ID),
	        .account_id = account_id,
	        .name = db_rows_str(rows, row, NAME),
	        .topic = db_rows_str(rows, row, TOPIC),
	        .modes = db_rows_str(rows, row, MODES),
	        .role = role_of(db_rows_str(rows, row, ROLE)),
	        .has_voice = db_rows_bool(rows, row, HAS_VOICE),
	        .is_invited = db_rows_bool(rows, row, IS_INVITED),
	        .is_banned = db_rows_bool(rows, row, IS_BANNED),
	};
}

static status take_one(const struct db_rows *rows, int64_t account_id,
                       struct channels_standing *out_standing)
{
	if (db_rows_count(rows) == 0)
		return channels_channel_not_found();
	channels_standing_take(rows, 0, account_id, out_standing);
	return STATUS_OK;
}

status channels_standing_read(struct channels *app, struct arena *a, str name, int64_t channel_id,
                              int64_t account_id, struct channels_standing *out_standing)
{
	struct db_rows *rows;

	TRY(db_read(
	        app->db, a, &select_standing,
	        DB_ARGS(DB_I64(account_id), DB_TEXT(name), DB_I64(name.len > 0 ? 0 : channel_id)),
	        &rows));
	return take_one(rows, account_id, out_standing);
}

status channels_standing_lock(struct db_tx *tx, str name, int64_t *out_channel_id)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &lock_channel, DB_ARGS(DB_TEXT(name)), &rows));
	if (db_rows_count(rows) == 0)
		return channels_channel_not_found();
	*out_channel_id = db_rows_i64(rows, 0, 0);
	return STATUS_OK;
}

status channels_standing_get(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                             struct channels_standing *out_standing)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_standing,
	                DB_ARGS(DB_I64(account_id), DB_TEXT(STR("")), DB_I64(channel_id)), &rows));
	return take_one(rows, account_id, out_standing);
}

bool channels_standing_reads(const struct channels_standing *s)
{
	return !channels_mode_is_on(s->modes, 'p') || s->role != CHANNELS_ROLE_UNSPECIFIED ||
	       s->is_invited;
}

bool channels_standing_sees(const struct channels_standing *s)
{
	return s->is_admin || channels_standing_reads(s);
}

bool channels_standing_governs(const struct channels_standing *s)
{
	return s->is_admin || s->role >= CHANNELS_ROLE_MODERATOR;
}

bool channels_standing_owns(const struct channels_standing *s)
{
	return s->is_admin || s->role == CHANNELS_ROLE_OWNER;
}

const char *channels_standing_why_silent(const struct channels_standing *s)
{
	const bool governs = s->role >= CHANNELS_ROLE_MODERATOR;

	if (s->account_id == 0)
		return "sign in to write";
	if (s->is_banned)
		return "banned from the channel";
	if (s->role == CHANNELS_ROLE_UNSPECIFIED &&
	    (channels_mode_is_on(s->modes, 'n') || !channels_standing_reads(s)))
		return "only members write in the channel";
	if (!governs && channels_mode_is_on(s->modes, 'r'))
		return "the channel is read-only";
	if (!governs && !s->has_voice && channels_mode_is_on(s->modes, 'm'))
		return "the channel is moderated";
	return NULL;
}

status channels_standing_check_governs(const struct channels_standing *s)
{
	if (channels_standing_governs(s))
		return STATUS_OK;
	return status_error(CODE_PERMISSION_DENIED, "only the owner and moderators may do this");
}

status channels_standing_check_owns(const struct channels_standing *s)
{
	if (channels_standing_owns(s))
		return STATUS_OK;
	return status_error(CODE_PERMISSION_DENIED, "only the channel's owner may do this");
}
