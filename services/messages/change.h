/*
 * messages/change.h - a change of one message: its row is held, changed and told of, in one
 * transaction.
 */
#ifndef SERVICES_MESSAGES_CHANGE_H
#define SERVICES_MESSAGES_CHANGE_H

#include "db/db.h"
#include "services/messages/place.h"

struct messages_change {
	struct rpc_call             *call;
	const struct messages_place *place;
	struct messages_row          row; /* as it is held, then as it became */
};

/*
 * Holds the message until the transaction's end and reads it anew into c->row, whose id says which.
 * NOT_FOUND when it has gone meanwhile.
 */
must_check status messages_change_hold(struct db_tx *tx, struct messages_change *c);

/* Reads the row that a changing statement returned. */
void messages_change_done(struct messages_change *c, const struct db_rows *rows);

#endif
