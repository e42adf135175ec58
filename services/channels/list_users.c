#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"
#include "services/channels/standing.h"

enum { DEFAULT_LIMIT = 50 };

/* Broken by hand: the formatter splits literals between macros letter by letter. */
/* clang-format off */
/* Channel, before, after, limit, offset. */
#define SELECT_PAGE(direction)                                                                     \
	"SELECT pseudo FROM ("                                                                     \
	"  SELECT " PEOPLE_SHOWN " AS pseudo FROM channels.members AS m"                           \
	"    JOIN channels.people AS p USING (account_id) WHERE m.channel_id = $1) AS shown"       \
	" WHERE ($2 = '' OR pseudo < $2) AND pseudo > $3"                                          \
	" ORDER BY pseudo " direction " LIMIT $4 OFFSET $5"
/* clang-format on */

DB_QUERY(select_users, SELECT_PAGE("ASC"));
DB_QUERY(select_users_before,
         "SELECT pseudo FROM (" SELECT_PAGE("DESC") ") AS page ORDER BY pseudo");

static status look(struct channels *app, struct rpc_call *call, const char *name,
                   struct channels_standing *out_standing)
{
	struct arena *a = &call->arena;

	TRY(channels_standing_read(app, a, channels_channel_fold(name, a), 0,
	                           channels_channel_viewer(call), out_standing));
	out_standing->is_admin = identity_has_role(&call->who, STR("admin"));
	return channels_standing_sees(out_standing) ? STATUS_OK : channels_channel_not_found();
}

static status select_page(struct channels *app, struct rpc_call *call, int64_t channel_id,
                          const channels_list_users_request *req, struct db_rows **out_rows)
{
	const bool    goes_back = *req->before && !*req->after;
	const int64_t limit =
	        channels_list_users_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;
	const int64_t offset = channels_list_users_request_has_offset(req) ? req->offset : 0;

	return db_read(app->db, &call->arena, goes_back ? &select_users_before : &select_users,
	               DB_ARGS(DB_I64(channel_id), DB_CSTR(req->before), DB_CSTR(req->after),
	                       DB_I64(limit), DB_I64(offset)),
	               out_rows);
}

status channels_list_users(struct channels *app, struct rpc_call *call,
                           const channels_list_users_request *req,
                           channels_list_users_response      *out_response)
{
	struct channels_standing s;
	struct db_rows          *rows;
	size_t                   n;

	TRY(look(app, call, req->name, &s));
	TRY(rpc_call_reveal(call));
	TRY(select_page(app, call, s.channel_id, req, &rows));
	n = db_rows_count(rows);
	out_response->users = arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->users));
	for (size_t i = 0; i < n; i++)
		out_response->users[i] = db_rows_cstr(rows, i, 0);
	out_response->n_users = n;
	return STATUS_OK;
}
