#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/page.h"
#include "services/messages/show.h"

DB_QUERY(select_messages,
         "SELECT " MESSAGES_ROW_COLUMNS "  FROM (SELECT " MESSAGES_ROW_RAW
         ", sum(reaction_count) OVER (ORDER BY id) - reaction_count AS reactions_before"
         "          FROM messages.messages WHERE id = ANY($1::int8[])) AS counted"
         " WHERE reactions_before <= " MESSAGES_PAGE_MAX_REACTIONS " ORDER BY id");

/* Those in channels that are deleted, though their messages are not yet, are gone too. */
static size_t keep_placed(struct messages_row *rows, size_t n, const struct messages_place *places,
                          size_t n_places)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].conversation_id ||
		    messages_place_in(places, n_places, rows[i].channel_id))
			rows[kept++] = rows[i];
	return kept;
}

status messages_get_messages(struct messages *app, struct rpc_call *call,
                             const messages_get_messages_request *req,
                             messages_get_messages_response      *out_response)
{
	messages_list_messages_response shown;
	struct messages_place          *places;
	struct messages_row            *messages;
	struct db_rows                 *rows;
	size_t                          n, n_places;

	TRY(db_read(app->db, &call->arena, &select_messages,
	            DB_ARGS(DB_I64S(req->message_ids, req->n_message_ids)), &rows));
	messages = messages_row_read_all(rows, &call->arena, &n);
	TRY(messages_place_name(app, call, messages, n, &places, &n_places));
	n = keep_placed(messages, n, places, n_places);
	messages_list_messages_response_init(&shown);
	TRY(messages_show(app, call, messages, n, places, n_places, &shown));
	out_response->messages = shown.messages;
	out_response->n_messages = shown.n_messages;
	return STATUS_OK;
}
