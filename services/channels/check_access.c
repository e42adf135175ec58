#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"

DB_QUERY(select_access, "SELECT c.id, c.name, c.modes, m.role, coalesce(m.has_voice, false),"
                        " EXISTS (SELECT FROM channels.invitations AS x"
                        "          WHERE x.channel_id = c.id AND x.account_id = $3),"
                        " EXISTS (SELECT FROM channels.bans AS x"
                        "          WHERE x.channel_id = c.id AND x.account_id = $3)"
                        " FROM channels.channels AS c"
                        " LEFT JOIN channels.members AS m"
                        "        ON m.channel_id = c.id AND m.account_id = $3"
                        " WHERE c.name = $1 OR c.id = $2");

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

status channels_check_access(struct channels *app, struct rpc_call *call,
                             const channels_check_access_request *req,
                             channels_check_access_response      *out_response)
{
	struct standing s;
	struct db_rows *rows;
	const char     *why;
	str             role;

	TRY(db_read(app->db, &call->arena, &select_access,
	            DB_ARGS(DB_TEXT(channels_channel_fold(req->name, &call->arena)),
	                    DB_I64(req->channel_id), DB_I64(req->account_id)),
	            &rows));
	if (db_rows_count(rows) == 0)
		return channels_channel_not_found();
	role = db_rows_str(rows, 0, 3);
	s = (struct standing){
	        .modes = db_rows_str(rows, 0, 2),
	        .is_member = role.len > 0,
	        .governs = str_eq(role, STR("owner")) || str_eq(role, STR("moderator")),
	        .has_voice = db_rows_bool(rows, 0, 4),
	        .is_invited = db_rows_bool(rows, 0, 5),
	        .is_banned = db_rows_bool(rows, 0, 6),
	};
	if (is_on(&s, 'p') && !s.is_member && !s.is_invited)
		return channels_channel_not_found();
	why = why_silent(&s, req->account_id);
	out_response->channel_id = db_rows_i64(rows, 0, 0);
	out_response->name = db_rows_cstr(rows, 0, 1);
	out_response->can_read = true;
	out_response->can_write = why == NULL;
	out_response->can_moderate = s.governs;
	out_response->reason = arena_cstr(&call->arena, str_c(why ? why : ""));
	return STATUS_OK;
}
