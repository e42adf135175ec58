#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/conversation_row.h"
#include "services/messages/page.h"

/* One side of the pair; as many as all pages up to the end of this one could need. */
#define SIDE(account)                                                                              \
	"(SELECT *, " MESSAGES_CONVERSATION_ROW_TIME " AS time FROM messages.conversations"        \
	"  WHERE " account " = $1"                                                                 \
	"    AND (" MESSAGES_CONVERSATION_ROW_TIME ", id) < ((SELECT time FROM bound), $2)"        \
	"  ORDER BY " MESSAGES_CONVERSATION_ROW_TIME " DESC, id DESC LIMIT $3::int8 + $4)"

/*
 * account, behind which conversation or the greatest number, limit, offset. Behind one that is not
 * the account's there is nothing.
 */
/* clang-format off */
DB_QUERY(select_conversations,
         "WITH bound AS (SELECT CASE WHEN $2 = " MESSAGES_PAGE_NO_BOUND " THEN 'infinity'"
         "    ELSE (SELECT " MESSAGES_CONVERSATION_ROW_TIME " FROM messages.conversations"
         "           WHERE id = $2 AND $1 IN (low_account_id, high_account_id)) END AS time)"
         " SELECT " MESSAGES_CONVERSATION_ROW_COLUMNS
         "  FROM (" SIDE("low_account_id") " UNION ALL " SIDE("high_account_id")
         "         ORDER BY time DESC, id DESC LIMIT $3 OFFSET $4) AS c"
         MESSAGES_CONVERSATION_ROW_LAST " ORDER BY c.time DESC, c.id DESC");
/* clang-format on */

status messages_list_conversations(struct messages *app, struct rpc_call *call,
                                   const messages_list_conversations_request *req,
                                   messages_list_conversations_response      *out_response)
{
	const bool has_limit = messages_list_conversations_request_has_limit(req);
	const bool has_offset = messages_list_conversations_request_has_offset(req);
	const bool has_before = messages_list_conversations_request_has_before(req);
	struct messages_conversation_row *conversations;
	struct db_rows                   *rows;
	size_t                            n;

	TRY(db_read(app->db, &call->arena, &select_conversations,
	            DB_ARGS(DB_I64(call->who.account_id),
	                    DB_I64(has_before ? req->before : INT64_MAX),
	                    DB_I64(has_limit ? req->limit : MESSAGES_PAGE_LIMIT),
	                    DB_I64(has_offset ? req->offset : 0)),
	            &rows));
	n = db_rows_count(rows);
	conversations = arena_alloc(&call->arena, (n + 1) * sizeof *conversations);
	for (size_t i = 0; i < n; i++)
		messages_conversation_row_read(rows, i, &conversations[i]);
	out_response->conversations =
	        arena_alloc(&call->arena, (n + 1) * sizeof(*out_response->conversations));
	out_response->n_conversations = n;
	return messages_conversation_row_show(app, call, conversations, n,
	                                      out_response->conversations);
}
