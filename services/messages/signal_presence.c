#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "services/messages/events.h"

enum { MAX_PEOPLE = 1000 };

/* account, how many: those of the latest conversations. */
DB_QUERY(select_people,
         "SELECT array(SELECT other_id FROM ("
         "  (SELECT high_account_id AS other_id, coalesce(last_message_time, created_time) AS time"
         "     FROM messages.conversations WHERE low_account_id = $1"
         "    ORDER BY coalesce(last_message_time, created_time) DESC, id DESC LIMIT $2)"
         "  UNION ALL"
         "  (SELECT low_account_id, coalesce(last_message_time, created_time)"
         "     FROM messages.conversations WHERE high_account_id = $1"
         "    ORDER BY coalesce(last_message_time, created_time) DESC, id DESC LIMIT $2)"
         "  ORDER BY time DESC LIMIT $2) AS latest)");

status messages_signal_presence(struct messages *app, struct rpc_call *call,
                                const messages_signal_presence_request *req,
                                messages_signal_presence_response      *out_response
                                __attribute__((unused)))
{
	struct db_rows *rows;
	const int64_t  *people;
	size_t          n;

	TRY(db_read(app->db, &call->arena, &select_people,
	            DB_ARGS(DB_I64(req->account_id), DB_I64(MAX_PEOPLE)), &rows));
	people = db_rows_i64s(rows, 0, 0, &n);
	if (n == 0)
		return STATUS_OK;
	return messages_events_presence(app->publisher, &call->arena, req->account_id,
	                                req->is_connected, people, n);
}
