#include "services/messages/message.h"

#include "pb/timestamp.h"
#include "services/messages/messages.h"

enum { ID, ACCOUNT_ID, TEXT, REPLY_TO, PINNED, CREATED, EDITED };

void messages_message_read(const struct db_rows *rows, size_t row, char *from, char *channel,
                           struct arena *a, messages_message *out_message)
{
	out_message->id = db_rows_i64(rows, row, ID);
	out_message->from = from;
	messages_message_set_channel(out_message, channel);
	out_message->text = db_rows_cstr(rows, row, TEXT);
	if (!db_rows_is_null(rows, row, REPLY_TO))
		messages_message_set_reply_to(out_message, db_rows_i64(rows, row, REPLY_TO));
	out_message->pinned = db_rows_bool(rows, row, PINNED);
	out_message->timestamp = pb_timestamp_from_us(a, db_rows_us(rows, row, CREATED));
	if (!db_rows_is_null(rows, row, EDITED))
		out_message->edited_at = pb_timestamp_from_us(a, db_rows_us(rows, row, EDITED));
}

status messages_message_authors(struct messages *app, struct rpc_call *call,
                                const struct db_rows *rows, char ***out_names)
{
	size_t   n = db_rows_count(rows);
	int64_t *ids = arena_alloc(&call->arena, (n + 1) * sizeof *ids);
	char   **names = arena_alloc(&call->arena, (n + 1) * sizeof *names);

	for (size_t i = 0; i < n; i++)
		ids[i] = db_rows_i64(rows, i, ACCOUNT_ID);
	TRY(people_names(&app->people, call, ids, n, names));
	*out_names = names;
	return STATUS_OK;
}

status messages_message_access(struct messages *app, struct rpc_call *call, const char *channel,
                               int64_t channel_id, channels_check_access_response **out_access)
{
	channels_check_access_request req;

	channels_check_access_request_init(&req);
	if (channel)
		req.name = arena_cstr(&call->arena, str_c(channel));
	else
		req.channel_id = channel_id;
	req.account_id = call->who.kind == IDENTITY_ACCOUNT ? call->who.account_id : 0;
	return channels_client_check_access(app->channels, call, &req, out_access);
}
