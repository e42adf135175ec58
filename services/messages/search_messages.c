#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/page.h"
#include "services/messages/show.h"

/*
 * words, author or 0: where there is something at all. The words are made a query once, as a
 * subselect, not for each row.
 */
DB_QUERY(select_channels, "SELECT array(SELECT DISTINCT channel_id FROM messages.messages"
                          "              WHERE lexemes @@ (SELECT messages.to_query($1))"
                          "                AND channel_id IS NOT NULL"
                          "                AND ($2::int8 = 0 OR account_id = $2)"
                          "              ORDER BY channel_id)");

/*
 * words, author or 0, channels, account whose conversations, or 0, limit, offset. Of those that are
 * as good the newest comes first.
 */
DB_QUERY(select_found,
         "SELECT " MESSAGES_ROW_COLUMNS "  FROM (SELECT " MESSAGES_ROW_RAW
         ", rank, sum(reaction_count) OVER (ORDER BY rank DESC, id DESC) - reaction_count"
         "          AS reactions_before"
         "          FROM (SELECT " MESSAGES_ROW_RAW
         ", ts_rank(lexemes, (SELECT messages.to_query($1))) AS rank"
         "                  FROM messages.messages"
         "                 WHERE lexemes @@ (SELECT messages.to_query($1))"
         "                   AND ($2::int8 = 0 OR account_id = $2)"
         "                   AND (channel_id = ANY($3::int8[]) OR conversation_id = ANY(ARRAY("
         "                     SELECT id FROM messages.conversations WHERE low_account_id = $4"
         "                     UNION ALL"
         "                     SELECT id FROM messages.conversations WHERE high_account_id = $4)))"
         "                 ORDER BY rank DESC, id DESC LIMIT $5 OFFSET $6) AS page) AS counted"
         " WHERE reactions_before <= " MESSAGES_PAGE_MAX_REACTIONS " ORDER BY rank DESC, id DESC");

struct search {
	struct messages_place *places; /* by ascending number */
	size_t                 n_places;
	int64_t                author_id;  /* 0: anybody */
	int64_t                account_id; /* whose conversations; 0: nobody's */
};

/* Channels is asked about those that have something to find. */
static status find_places(struct messages *app, struct rpc_call *call, const char *q,
                          struct search *s)
{
	struct db_rows *rows;
	const int64_t  *ids;
	size_t          n;

	TRY(db_read_slow(app->db, &call->arena, &select_channels,
	                 DB_ARGS(DB_CSTR(q), DB_I64(s->author_id)), &rows));
	ids = db_rows_i64s(rows, 0, 0, &n);
	s->account_id = call->who.kind == IDENTITY_ACCOUNT ? call->who.account_id : 0;
	return messages_place_readable(app, call, ids, n, &s->places, &s->n_places);
}

static status find_place(struct messages *app, struct rpc_call *call, const char *channel,
                         struct search *s)
{
	s->places = arena_alloc(&call->arena, sizeof *s->places);
	s->n_places = 1;
	return messages_place_find(app, call, channel, s->places);
}

static status find(struct messages *app, struct rpc_call *call,
                   const messages_search_messages_request *req, const struct search *s,
                   struct db_rows **out_rows)
{
	bool     has_limit = messages_search_messages_request_has_limit(req);
	bool     has_offset = messages_search_messages_request_has_offset(req);
	int64_t *ids = arena_alloc(&call->arena, (s->n_places + 1) * sizeof *ids);

	for (size_t i = 0; i < s->n_places; i++)
		ids[i] = s->places[i].channel_id;
	return db_read_slow(app->db, &call->arena, &select_found,
	                    DB_ARGS(DB_CSTR(req->q), DB_I64(s->author_id),
	                            DB_I64S(ids, s->n_places), DB_I64(s->account_id),
	                            DB_I64(has_limit ? req->limit : MESSAGES_PAGE_LIMIT),
	                            DB_I64(has_offset ? req->offset : 0)),
	                    out_rows);
}

status messages_search_messages(struct messages *app, struct rpc_call *call,
                                const messages_search_messages_request *req,
                                messages_list_messages_response        *out_response)
{
	struct search        s = {0};
	struct messages_row *messages;
	struct db_rows      *rows;
	size_t               n;

	if (*req->channel != '\0')
		TRY(find_place(app, call, req->channel, &s));
	TRY(rpc_call_reveal(call));
	if (*req->from != '\0')
		TRY(people_find_one(&app->people, call, req->from, &s.author_id));
	if (*req->channel == '\0')
		TRY(find_places(app, call, req->q, &s));
	TRY(find(app, call, req, &s, &rows));
	messages = messages_row_read_all(rows, &call->arena, &n);
	return messages_show(app, call, messages, n, s.places, s.n_places, out_response);
}
