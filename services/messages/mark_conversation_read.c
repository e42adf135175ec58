#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/conversation_row.h"
#include "services/messages/unread.h"

struct reading {
	struct messages_unread_reading what;
	int64_t                        count;
};

static status mark(struct db_tx *tx, void *arg)
{
	struct reading *r = arg;

	return messages_unread_mark(tx, &r->what, &r->count);
}

status messages_mark_conversation_read(struct messages *app, struct rpc_call *call,
                                       const messages_mark_conversation_read_request *req,
                                       messages_mark_conversation_read_response      *out_response)
{
	struct messages_conversation_row row;
	struct reading                   r = {.what = {.conversation_id = req->id}};

	TRY(messages_conversation_row_get(app, call, req->id, &row));
	/* Clients ask whenever somebody looks: mostly there is nothing to do. */
	if (row.unread_count == 0)
		return STATUS_OK;
	r.what.is_low = row.low_account_id == call->who.account_id;
	r.what.reader_id = call->who.account_id;
	r.what.other_id = messages_conversation_row_other(&row, r.what.reader_id);
	TRY(db_tx_run(app->db, &call->arena, mark, &r));
	out_response->read = r.count;
	return STATUS_OK;
}
