/*
 * messages/unread.h - how many messages wait for each of the two of a conversation, and which is
 * the last one: exact, in the conversation's row.
 */
#ifndef SERVICES_MESSAGES_UNREAD_H
#define SERVICES_MESSAGES_UNREAD_H

#include "db/db.h"
#include "services/messages/row.h"

/* A message of a conversation was deleted in this transaction. */
must_check status messages_unread_deleted(struct db_tx *tx, const struct messages_row *row);

#endif
