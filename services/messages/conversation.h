/*
 * messages/conversation.h - what two people write to each other: one conversation for each pair.
 */
#ifndef SERVICES_MESSAGES_CONVERSATION_H
#define SERVICES_MESSAGES_CONVERSATION_H

#include "db/db.h"
#include "services/messages/messages.h"

/* The conversation of two accounts; 0 when there is none yet, nor ever with oneself. */
must_check status messages_conversation_find(struct messages *app, struct arena *a,
                                             int64_t account_id, int64_t other_id, int64_t *out_id);

/*
 * The same for who writes a message to it: makes it if need be, and holds it until the
 * transaction's end, so that numbers in it are in the order in which messages appear.
 */
must_check status messages_conversation_hold(struct db_tx *tx, int64_t account_id, int64_t other_id,
                                             int64_t *out_id);

#endif
