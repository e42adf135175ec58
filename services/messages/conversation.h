/*
 * messages/conversation.h - what two people write to each other: one conversation for each pair.
 */
#ifndef SERVICES_MESSAGES_CONVERSATION_H
#define SERVICES_MESSAGES_CONVERSATION_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/messages/messages.h"

/* The conversation of two accounts; 0 when there is none yet, nor ever with oneself. */
must_check status messages_conversation_find(struct messages *app, struct arena *a,
                                             int64_t account_id, int64_t other_id, int64_t *out_id);

/*
 * Who the caller has a conversation with. NOT_FOUND when there is none of that number,
 * PERMISSION_DENIED when it is of two others.
 */
must_check status messages_conversation_other(struct messages *app, struct rpc_call *call,
                                              int64_t conversation_id, int64_t *out_account_id);

/* Somebody can be written to. NOT_FOUND when there is no such account, or no longer. */
must_check status messages_conversation_check_other(struct messages *app, struct rpc_call *call,
                                                    int64_t account_id);

/* The conversation of two accounts, made and told of if need be. Others may be about it too. */
must_check status messages_conversation_make(struct db_tx *tx, int64_t account_id, int64_t other_id,
                                             int64_t *out_id, bool *out_is_new);

#endif
