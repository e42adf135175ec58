#include "canaduck/messages/v1/messages.server.h"

#include "services/messages/chat.h"
#include "services/messages/conversation.h"
#include "services/messages/delivery.h"

struct sending {
	struct messages_delivery delivery;
	struct messages_row      row;
};

static status send(struct db_tx *tx, void *arg)
{
	struct sending *s = arg;

	return messages_delivery_write(tx, &s->delivery, &s->row);
}

status messages_send_conversation_message(struct messages *app, struct rpc_call *call,
                                          const messages_send_conversation_message_request *req,
                                          messages_conversation_message *out_response)
{
	struct sending s = {.delivery = {.call = call,
	                                 .conversation_id = req->conversation_id,
	                                 .text = req->message}};

	TRY(messages_conversation_other(app, call, req->conversation_id,
	                                &s.delivery.to_account_id));
	TRY(messages_conversation_check_other(app, call, s.delivery.to_account_id));
	TRY(db_tx_run(app->db, &call->arena, send, &s));
	messages_chat_show_new(&call->arena, &s.row, out_response);
	return STATUS_OK;
}
