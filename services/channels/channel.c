#include "services/channels/channel.h"

#include "pb/timestamp.h"

#include <ctype.h>
#include <string.h>

DB_QUERY(select_channel, "SELECT " CHANNELS_CHANNEL_COLUMNS("$2") " FROM channels.channels AS c"
                                                                  " WHERE c.name = $1");

const struct db_query *const channels_channel_select = &select_channel;

enum {
	NAME,
	TOPIC,
	MODES,
	CREATED,
	OWNER,
	MODERATORS,
	VOICES,
	INVITED,
	BANNED,
	MEMBERS_COUNT,
	VIEWER_ROLE,
	VIEWER_IS_INVITED,
};

int64_t channels_channel_viewer(const struct rpc_call *call)
{
	return call->who.kind == IDENTITY_ACCOUNT ? call->who.account_id : 0;
}

str channels_channel_fold(const char *name, struct arena *a)
{
	char *folded = arena_cstr(a, str_c(name[0] == '#' ? name + 1 : name));

	for (char *c = folded; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return str_c(folded);
}

status channels_channel_not_found(void)
{
	return status_error(CODE_NOT_FOUND, "no channel of that name");
}

static char **list(struct arena *a, const struct db_rows *rows, size_t row, unsigned column,
                   size_t *out_count)
{
	const str *names = db_rows_texts(rows, row, column, out_count);
	char     **copy = arena_alloc(a, (*out_count + 1) * sizeof *copy);

	for (size_t i = 0; i < *out_count; i++)
		copy[i] = arena_cstr(a, names[i]);
	return copy;
}

static char **letters(struct arena *a, str modes, size_t *out_count)
{
	char **list_of = arena_alloc(a, (modes.len + 1) * sizeof *list_of);

	for (size_t i = 0; i < modes.len; i++)
		list_of[i] = arena_cstr(a, (str){modes.ptr + i, 1});
	*out_count = modes.len;
	return list_of;
}

status channels_channel_read(struct rpc_call *call, const struct db_rows *rows, size_t row,
                             channels_channel *out_channel)
{
	struct arena *a = &call->arena;
	bool          is_admin, is_private, governs;
	str           role;

	if (db_rows_count(rows) <= row)
		return channels_channel_not_found();
	role = db_rows_str(rows, row, VIEWER_ROLE);
	is_admin = identity_has_role(&call->who, STR("admin"));
	is_private = str_find(db_rows_str(rows, row, MODES), 'p') >= 0;
	if (is_private && role.len == 0 && !db_rows_bool(rows, row, VIEWER_IS_INVITED) && !is_admin)
		return channels_channel_not_found();
	governs = is_admin || str_eq(role, STR("owner")) || str_eq(role, STR("moderator"));

	out_channel->name = db_rows_cstr(rows, row, NAME);
	out_channel->private_ = is_private;
	out_channel->topic = db_rows_cstr(rows, row, TOPIC);
	out_channel->owner = db_rows_cstr(rows, row, OWNER);
	out_channel->modes = letters(a, db_rows_str(rows, row, MODES), &out_channel->n_modes);
	out_channel->moderators = list(a, rows, row, MODERATORS, &out_channel->n_moderators);
	out_channel->voices = list(a, rows, row, VOICES, &out_channel->n_voices);
	if (governs) {
		out_channel->invited = list(a, rows, row, INVITED, &out_channel->n_invited);
		out_channel->banned = list(a, rows, row, BANNED, &out_channel->n_banned);
	}
	out_channel->members_count = (int32_t)db_rows_i64(rows, row, MEMBERS_COUNT);
	out_channel->created_at = pb_timestamp_from_us(a, db_rows_us(rows, row, CREATED));
	return STATUS_OK;
}
