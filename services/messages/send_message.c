#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/messages/message.h"
#include "services/messages/messages.h"

DB_QUERY(select_channel_of, "SELECT channel_id FROM messages.messages WHERE id = $1");

/* The message that it answers may go away meanwhile: then there is no row. */
DB_QUERY(insert_message, "INSERT INTO messages.messages (channel_id, account_id, text, reply_to)"
                         " SELECT $1::int8, $2::int8, $3::text, $4::int8"
                         "  WHERE $4::int8 IS NULL OR EXISTS ("
                         "    SELECT FROM messages.messages WHERE channel_id = $1 AND id = $4)"
                         " RETURNING " MESSAGES_MESSAGE_COLUMNS);

static status no_such_message(void)
{
	return status_error(CODE_NOT_FOUND, "no message of that number to answer to");
}

/* The message to answer must be in the same channel; what the caller may not see is not there. */
static status check_reply(struct messages *app, struct rpc_call *call, int64_t reply_to,
                          int64_t channel_id)
{
	channels_check_access_response *access;
	struct db_rows                 *rows;
	int64_t                         other;
	status                          st;

	TRY(db_read(app->db, &call->arena, &select_channel_of, DB_ARGS(DB_I64(reply_to)), &rows));
	if (db_rows_count(rows) == 0)
		return no_such_message();
	other = db_rows_i64(rows, 0, 0);
	if (other == channel_id)
		return STATUS_OK;
	st = messages_message_access(app, call, NULL, other, &access);
	if (st.code == CODE_NOT_FOUND)
		return no_such_message();
	TRY(st);
	return rpc_call_invalid(call, "reply_to", "must be in the same channel");
}

status messages_send_message(struct messages *app, struct rpc_call *call,
                             const messages_send_message_request *req,
                             messages_message                    *out_response)
{
	channels_check_access_response *access;
	struct db_rows                 *rows;
	struct db_arg                   reply_to = DB_NULL;
	char                           *from;

	TRY(messages_message_access(app, call, req->channel, 0, &access));
	if (messages_send_message_request_has_reply_to(req)) {
		TRY(check_reply(app, call, req->reply_to, access->channel_id));
		reply_to = DB_I64(req->reply_to);
	}
	if (!access->can_write)
		return status_errorf(&call->arena, CODE_PERMISSION_DENIED, "%s", access->reason);
	TRY(people_names(&app->people, call, &call->who.account_id, 1, &from));
	TRY(db_write(app->db, &call->arena, &insert_message,
	             DB_ARGS(DB_I64(access->channel_id), DB_I64(call->who.account_id),
	                     DB_CSTR(req->text), reply_to),
	             &rows));
	if (db_rows_count(rows) == 0)
		return no_such_message();
	messages_message_read(rows, 0, from, access->name, &call->arena, out_response);
	return STATUS_OK;
}
