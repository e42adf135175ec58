/*
 * messages/chat.h - messages of conversations as chat clients see them: by numbers of accounts, and
 * when they were read.
 */
#ifndef SERVICES_MESSAGES_CHAT_H
#define SERVICES_MESSAGES_CHAT_H

#include "rpc/call.h"
#include "services/messages/messages.h"
#include "services/messages/row.h"

/* Makes messages of rows of conversations, in their order. */
must_check status messages_chat_show(struct messages *app, struct rpc_call *call,
                                     const struct messages_row *rows, size_t n,
                                     messages_conversation_message ***out_messages);

/* One that was just written: nobody read it, nobody reacted. */
void messages_chat_show_new(struct arena *a, const struct messages_row *row,
                            messages_conversation_message *out_message);

#endif
