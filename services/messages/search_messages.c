#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/page.h"
#include "services/messages/show.h"

#include <inttypes.h>

/*
 * Design notes. A word may be in every tenth message, and the index gives them in no order. So the
 * two newest eras of messages are looked at first, then the two newest ages, which are longer, then
 * all, until there is enough to choose the best of: what a search costs does not grow with what was
 * ever written. Era, age, author and place are words of the same index (messages.marks()), so
 * nothing is read that they leave out, but messages in private channels of others.
 */
enum {
	ENOUGH = 1000,       /* beyond the page that is asked for */
	MOST_LOOKED = 20000, /* whatever is found in all eras */
};

/* As messages.marks() has them: 2^bits messages each. */
struct window {
	const char *mark; /* NULL: all */
	int         bits;
};

static const struct window windows[] = {{"@", 14}, {"@@", 18}, {NULL, 0}};

DB_QUERY(select_newest_id, "SELECT coalesce(max(id), 0) FROM messages.messages");

/*
 * SQL: what has the words $1 and the marks $2, which are a tsquery. Both are made a query once, as
 * a subselect, not for each row.
 */
#define IS_FOUND                                                                                   \
	" messages.marks(lexemes, id, channel_id, account_id, to_account_id)"                      \
	"   @@ (SELECT messages.to_query($1) && $2::text::tsquery) "

/* words, marks, at most: where there is something, and how much. */
DB_QUERY(select_channels,
         "WITH found AS MATERIALIZED (SELECT channel_id FROM messages.messages WHERE" IS_FOUND
         "  LIMIT $3)"
         " SELECT array(SELECT DISTINCT channel_id FROM found WHERE channel_id IS NOT NULL"
         "               ORDER BY 1), (SELECT count(*) FROM found)");

/*
 * words, marks, at most, channels, limit, offset. Of those that are as good the newest comes first.
 */
DB_QUERY(select_found,
         "WITH found AS MATERIALIZED ("
         "  SELECT " MESSAGES_ROW_RAW ", ts_rank(lexemes, (SELECT messages.to_query($1))) AS rank"
         "    FROM messages.messages WHERE" IS_FOUND
         "     AND (channel_id IS NULL OR channel_id = ANY($4::int8[])) LIMIT $3)"
         " SELECT " MESSAGES_ROW_COLUMNS " FROM (SELECT " MESSAGES_ROW_RAW
         ", rank, sum(reaction_count) OVER (ORDER BY rank DESC, id DESC) - reaction_count"
         "          AS reactions_before"
         "          FROM (SELECT * FROM found ORDER BY rank DESC, id DESC LIMIT $5 OFFSET $6)"
         "            AS page) AS counted"
         " WHERE reactions_before <= " MESSAGES_PAGE_MAX_REACTIONS " ORDER BY rank DESC, id DESC");

struct search {
	const char            *q;
	struct messages_place *places; /* by ascending number */
	size_t                 n_places;
	int64_t                channel_id; /* 0: anywhere */
	int64_t                author_id;  /* 0: anybody */
	int64_t                account_id; /* whose conversations; 0: nobody's */
	int64_t                newest_id, limit, offset;
};

/* ---- what is asked for beside words ---- */

static const char *place_mark(const struct search *s, struct arena *a)
{
	if (s->channel_id)
		return arena_printf(a, "'#%" PRId64 "'", s->channel_id);
	if (s->account_id)
		return arena_printf(a, "('#' | '=%" PRId64 "')", s->account_id);
	return "'#'";
}

/* No message is older than the window. */
static bool has_all(const struct search *s, const struct window *w)
{
	return w->mark == NULL || s->newest_id >> w->bits <= 1;
}

static const char *marks(const struct search *s, const struct window *w, struct arena *a)
{
	const int64_t newest = s->newest_id >> w->bits;
	const char   *text = place_mark(s, a);

	if (s->author_id)
		text = arena_printf(a, "%s & '~%" PRId64 "'", text, s->author_id);
	if (has_all(s, w))
		return text;
	return arena_printf(a, "%s & ('%s%" PRId64 "' | '%s%" PRId64 "')", text, w->mark, newest,
	                    w->mark, newest - 1);
}

/* ---- finding ---- */

static status find_newest(struct messages *app, struct arena *a, struct search *s)
{
	struct db_rows *rows;

	TRY(db_read(app->db, a, &select_newest_id, DB_NO_ARGS, &rows));
	s->newest_id = db_rows_i64(rows, 0, 0);
	return STATUS_OK;
}

/* Channels is asked about those that have something to find. */
static status find_places(struct messages *app, struct rpc_call *call, struct search *s,
                          const char *marked, int64_t *out_count)
{
	struct db_rows *rows;
	const int64_t  *ids;
	size_t          n;

	TRY(db_read_slow(app->db, &call->arena, &select_channels,
	                 DB_ARGS(DB_CSTR(s->q), DB_CSTR(marked), DB_I64(MOST_LOOKED)), &rows));
	ids = db_rows_i64s(rows, 0, 0, &n);
	*out_count = db_rows_i64(rows, 0, 1);
	if (s->channel_id)
		return STATUS_OK;
	return messages_place_readable(app, call, ids, n, &s->places, &s->n_places);
}

static status find_place(struct messages *app, struct rpc_call *call, const char *channel,
                         struct search *s)
{
	s->places = arena_alloc(&call->arena, sizeof *s->places);
	s->n_places = 1;
	TRY(messages_place_find(app, call, channel, s->places));
	s->channel_id = s->places->channel_id;
	return STATUS_OK;
}

static status find_page(struct messages *app, struct rpc_call *call, const struct search *s,
                        const char *marked, struct db_rows **out_rows)
{
	int64_t *ids = arena_alloc(&call->arena, (s->n_places + 1) * sizeof *ids);

	for (size_t i = 0; i < s->n_places; i++)
		ids[i] = s->places[i].channel_id;
	return db_read_slow(app->db, &call->arena, &select_found,
	                    DB_ARGS(DB_CSTR(s->q), DB_CSTR(marked), DB_I64(MOST_LOOKED),
	                            DB_I64S(ids, s->n_places), DB_I64(s->limit), DB_I64(s->offset)),
	                    out_rows);
}

/* What others keep to themselves is found too, and left out: then there may be too little. */
static status find(struct messages *app, struct rpc_call *call, struct search *s,
                   struct db_rows **out_rows)
{
	const size_t n = sizeof windows / sizeof *windows;

	TRY(find_newest(app, &call->arena, s));
	for (size_t i = 0; i < n; i++) {
		const bool  is_all = has_all(s, &windows[i]);
		const char *marked = marks(s, &windows[i], &call->arena);
		int64_t     count;

		TRY(find_places(app, call, s, marked, &count));
		if (count < ENOUGH + s->limit + s->offset && !is_all)
			continue;
		TRY(find_page(app, call, s, marked, out_rows));
		if (is_all || (int64_t)db_rows_count(*out_rows) == s->limit)
			break;
	}
	return STATUS_OK;
}

status messages_search_messages(struct messages *app, struct rpc_call *call,
                                const messages_search_messages_request *req,
                                messages_list_messages_response        *out_response)
{
	struct search s = {
	        .q = req->q,
	        .limit = messages_search_messages_request_has_limit(req) ? req->limit
	                                                                 : MESSAGES_PAGE_LIMIT,
	        .offset = messages_search_messages_request_has_offset(req) ? req->offset : 0,
	};
	struct messages_row *messages;
	struct db_rows      *rows;
	size_t               n;

	if (*req->channel != '\0')
		TRY(find_place(app, call, req->channel, &s));
	TRY(rpc_call_reveal(call));
	if (*req->from != '\0')
		TRY(people_find_one(&app->people, call, req->from, &s.author_id));
	if (call->who.kind == IDENTITY_ACCOUNT)
		s.account_id = call->who.account_id;
	TRY(find(app, call, &s, &rows));
	messages = messages_row_read_all(rows, &call->arena, &n);
	return messages_show(app, call, messages, n, s.places, s.n_places, out_response);
}
