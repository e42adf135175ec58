#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/conversation.h"
#include "services/messages/conversation_row.h"

struct creation {
	int64_t account_id, other_id, id;
	bool    is_new;
};

static status create(struct db_tx *tx, void *arg)
{
	struct creation *c = arg;

	return messages_conversation_make(tx, c->account_id, c->other_id, &c->id, &c->is_new);
}

/* Whoever is gone meanwhile stays in the conversation that there is. */
static status make(struct messages *app, struct rpc_call *call, struct creation *c)
{
	TRY(messages_conversation_find(app, &call->arena, c->account_id, c->other_id, &c->id));
	if (c->id)
		return STATUS_OK;
	TRY(messages_conversation_check_other(app, call, c->other_id));
	return db_tx_run(app->db, &call->arena, create, c);
}

status messages_create_conversation(struct messages *app, struct rpc_call *call,
                                    const messages_create_conversation_request *req,
                                    messages_conversation                      *out_response)
{
	struct creation c = {.account_id = call->who.account_id, .other_id = req->user_id};
	struct messages_conversation_row row;

	if (c.other_id == c.account_id)
		return rpc_call_invalid(call, "user_id", "must be somebody else");
	TRY(make(app, call, &c));
	TRY(messages_conversation_row_get(app, call, c.id, &row));
	TRY(messages_conversation_row_show_one(app, call, &row, out_response));
	call->found_existing = !c.is_new;
	return STATUS_OK;
}
