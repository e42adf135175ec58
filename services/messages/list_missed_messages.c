#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/chat.h"
#include "services/messages/page.h"

enum { DEFAULT_PAGE = 1000 };

/*
 * account, after, limit. Two walks along an index, of which only as much is taken as is needed;
 * texts are too short to matter, reactions are not.
 */
DB_QUERY(select_missed,
         "SELECT " MESSAGES_ROW_COLUMNS "  FROM (SELECT " MESSAGES_ROW_RAW
         ", sum(reaction_count) OVER (ORDER BY id) - reaction_count AS reactions_before"
         "          FROM ("
         "            (SELECT " MESSAGES_ROW_RAW " FROM messages.messages"
         "              WHERE account_id = $1 AND conversation_id IS NOT NULL AND id > $2"
         "              ORDER BY id LIMIT $3)"
         "            UNION ALL"
         "            (SELECT " MESSAGES_ROW_RAW " FROM messages.messages"
         "              WHERE to_account_id = $1 AND conversation_id IS NOT NULL AND id > $2"
         "              ORDER BY id LIMIT $3)"
         "            ORDER BY id LIMIT $3) AS page) AS counted"
         " WHERE reactions_before <= " MESSAGES_PAGE_MAX_REACTIONS " ORDER BY id");

status messages_list_missed_messages(struct messages *app, struct rpc_call *call,
                                     const messages_list_missed_messages_request *req,
                                     messages_list_missed_messages_response      *out_response)
{
	const int64_t                   limit = req->limit ? req->limit : DEFAULT_PAGE;
	messages_conversation_message **shown;
	struct messages_row            *missed;
	struct db_rows                 *rows;
	size_t                          n;

	TRY(db_read(
	        app->db, &call->arena, &select_missed,
	        DB_ARGS(DB_I64(call->who.account_id), DB_I64(req->after_message_id), DB_I64(limit)),
	        &rows));
	missed = messages_row_read_all(rows, &call->arena, &n);
	TRY(messages_chat_show(app, call, missed, n, &shown));
	out_response->messages =
	        arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->messages));
	out_response->n_messages = n;
	for (size_t i = 0; i < n; i++) {
		messages_missed_message *m = arena_alloc(&call->arena, sizeof *m);

		messages_missed_message_init(m);
		m->message = shown[i];
		m->to_account_id = missed[i].to_account_id;
		out_response->messages[i] = m;
	}
	return STATUS_OK;
}
