#include "canaduck/messages/v1/messages.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/messages/message.h"
#include "services/messages/messages.h"

enum { DEFAULT_LIMIT = 50 };

DB_QUERY(select_newest, "SELECT " MESSAGES_MESSAGE_COLUMNS " FROM messages.messages"
                        " WHERE channel_id = $1 AND id < $2 AND id > $3"
                        " ORDER BY id DESC LIMIT $4 OFFSET $5");

/* Going forward, a page starts next to its cursor; it is shown newest first all the same. */
DB_QUERY(select_next, "SELECT " MESSAGES_MESSAGE_COLUMNS " FROM messages.messages"
                      " WHERE channel_id = $1 AND id IN ("
                      "   SELECT id FROM messages.messages"
                      "    WHERE channel_id = $1 AND id < $2 AND id > $3"
                      "    ORDER BY id LIMIT $4 OFFSET $5)"
                      " ORDER BY id DESC");

static status select_page(struct messages *app, struct rpc_call *call, int64_t channel_id,
                          const messages_list_messages_request *req, struct db_rows **out_rows)
{
	bool    has_before = messages_list_messages_request_has_before(req);
	bool    has_after = messages_list_messages_request_has_after(req);
	int64_t limit = messages_list_messages_request_has_limit(req) ? req->limit : DEFAULT_LIMIT;
	int64_t offset = messages_list_messages_request_has_offset(req) ? req->offset : 0;

	return db_read(app->db, &call->arena,
	               has_after && !has_before ? &select_next : &select_newest,
	               DB_ARGS(DB_I64(channel_id), DB_I64(has_before ? req->before : INT64_MAX),
	                       DB_I64(has_after ? req->after : 0), DB_I64(limit), DB_I64(offset)),
	               out_rows);
}

status messages_list_messages(struct messages *app, struct rpc_call *call,
                              const messages_list_messages_request *req,
                              messages_list_messages_response      *out_response)
{
	channels_check_access_response *access;
	struct db_rows                 *rows;
	char                          **names;
	size_t                          n;

	TRY(messages_message_access(app, call, req->channel, 0, &access));
	TRY(select_page(app, call, access->channel_id, req, &rows));
	TRY(messages_message_authors(app, call, rows, &names));
	n = db_rows_count(rows);
	out_response->messages =
	        arena_alloc(&call->arena, (n + 1) * sizeof *out_response->messages);
	out_response->n_messages = n;
	for (size_t i = 0; i < n; i++) {
		messages_message *m = arena_alloc(&call->arena, sizeof *m);

		messages_message_init(m);
		messages_message_read(rows, i, names[i], access->name, &call->arena, m);
		out_response->messages[i] = m;
	}
	return STATUS_OK;
}
