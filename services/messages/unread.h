/*
 * messages/unread.h - how many messages wait for each of the two of a conversation, and which is
 * the last one: exact, in the conversation's row.
 */
#ifndef SERVICES_MESSAGES_UNREAD_H
#define SERVICES_MESSAGES_UNREAD_H

#include "db/db.h"
#include "services/messages/row.h"

struct messages_unread_reading {
	int64_t conversation_id, reader_id, other_id;
	bool    is_low; /* who reads is the low account */
};

/* Marks what waits for one of the two as read, and tells of it unless that is nothing. */
must_check status messages_unread_mark(struct db_tx *tx, const struct messages_unread_reading *r,
                                       int64_t *out_count);

/* A message of a conversation was deleted in this transaction. */
must_check status messages_unread_deleted(struct db_tx *tx, const struct messages_row *row);

#endif
