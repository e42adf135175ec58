#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"

enum { DEFAULT_LIMIT = 50 };

/* Broken by hand: the formatter splits literals between macros letter by letter. */
/* clang-format off */
/* Viewer, before, after, limit, offset: a page starts next to its cursor; it is by name either way. */
#define SELECT_PAGE(condition, direction)                                                          \
	"SELECT " CHANNELS_CHANNEL_COLUMNS("$1") " FROM channels.channels AS c"                    \
	" WHERE c.id IN ("                                                                         \
	"   SELECT l.id FROM channels.channels AS l"                                               \
	"    WHERE " condition " AND ($2 = '' OR l.name < $2) AND l.name > $3"                     \
	"    ORDER BY l.name " direction " LIMIT $4 OFFSET $5)"                                    \
	" ORDER BY c.name"

#define IS_PUBLIC "l.modes NOT LIKE '%p%' AND $1 = $1"
#define IS_MINE "l.id IN (SELECT channel_id FROM channels.members WHERE account_id = $1)"
/* clang-format on */

DB_QUERY(select_public, SELECT_PAGE(IS_PUBLIC, "ASC"));
DB_QUERY(select_public_before, SELECT_PAGE(IS_PUBLIC, "DESC"));
DB_QUERY(select_mine, SELECT_PAGE(IS_MINE, "ASC"));
DB_QUERY(select_mine_before, SELECT_PAGE(IS_MINE, "DESC"));

static const struct db_query *choose(const channels_list_channels_request *req)
{
	const bool goes_back = *req->before && !*req->after;

	if (req->mine)
		return goes_back ? &select_mine_before : &select_mine;
	return goes_back ? &select_public_before : &select_public;
}

static status select_page(struct channels *app, struct rpc_call *call,
                          const channels_list_channels_request *req, struct db_rows **out_rows)
{
	struct arena *a = &call->arena;
	const int64_t limit =
	        channels_list_channels_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;
	const int64_t offset = channels_list_channels_request_has_offset(req) ? req->offset : 0;

	return db_read(app->db, a, choose(req),
	               DB_ARGS(DB_I64(channels_channel_viewer(call)),
	                       DB_TEXT(channels_channel_fold(req->before, a)),
	                       DB_TEXT(channels_channel_fold(req->after, a)), DB_I64(limit),
	                       DB_I64(offset)),
	               out_rows);
}

status channels_list_channels(struct channels *app, struct rpc_call *call,
                              const channels_list_channels_request *req,
                              channels_list_channels_response      *out_response)
{
	struct db_rows *rows;
	size_t          n;

	if (req->mine && channels_channel_viewer(call) == 0)
		return status_error(CODE_UNAUTHENTICATED, "sign in to list your channels");
	TRY(select_page(app, call, req, &rows));
	n = db_rows_count(rows);
	out_response->channels =
	        arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->channels));
	for (size_t i = 0; i < n; i++) {
		channels_channel *c = arena_alloc(&call->arena, sizeof *c);

		channels_channel_init(c);
		TRY(channels_channel_read(call, rows, i, c));
		out_response->channels[i] = c;
	}
	out_response->n_channels = n;
	return STATUS_OK;
}
