#include "services/channels/access.h"

struct standing {
	str  modes;
	bool is_member, governs, has_voice, is_invited, is_banned;
};

static bool is_on(const struct standing *s, char mode)
{
	return str_find(s->modes, mode) >= 0;
}

/* Why the account may not write; NULL when it may. */
static const char *why_silent(const struct standing *s, int64_t account_id)
{
	if (account_id == 0)
		return "sign in to write";
	if (s->is_banned)
		return "banned from the channel";
	if (!s->is_member && is_on(s, 'n'))
		return "only members write in the channel";
	if (!s->governs && is_on(s, 'r'))
		return "the channel is read-only";
	if (!s->governs && !s->has_voice && is_on(s, 'm'))
		return "the channel is moderated";
	return NULL;
}

bool channels_access_read(const struct db_rows *rows, size_t row, int64_t account_id,
                          struct arena *a, channels_check_access_response *out_access)
{
	str             role = db_rows_str(rows, row, 3);
	struct standing s = {
	        .modes = db_rows_str(rows, row, 2),
	        .is_member = role.len > 0,
	        .governs = str_eq(role, STR("owner")) || str_eq(role, STR("moderator")),
	        .has_voice = db_rows_bool(rows, row, 4),
	        .is_invited = db_rows_bool(rows, row, 5),
	        .is_banned = db_rows_bool(rows, row, 6),
	};
	const char *why = why_silent(&s, account_id);

	if (is_on(&s, 'p') && !s.is_member && !s.is_invited)
		return false;
	out_access->channel_id = db_rows_i64(rows, row, 0);
	out_access->name = db_rows_cstr(rows, row, 1);
	out_access->can_read = true;
	out_access->can_write = why == NULL;
	out_access->can_moderate = s.governs;
	out_access->reason = arena_cstr(a, str_c(why ? why : ""));
	out_access->is_private = is_on(&s, 'p');
	out_access->is_banned = s.is_banned;
	return true;
}
