/*
 * messages/delivery.h - writes messages to persons, by whatever door they came.
 */
#ifndef SERVICES_MESSAGES_DELIVERY_H
#define SERVICES_MESSAGES_DELIVERY_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/messages/row.h"

enum { MESSAGES_DELIVERY_MAX_TEXT = 1000 }; /* characters */

struct messages_delivery {
	struct rpc_call *call;            /* the caller writes */
	int64_t          conversation_id; /* 0: there is none that is known yet */
	int64_t          to_account_id;
	const char      *text;
	int64_t          reply_to; /* 0: none */
};

/*
 * Writes one, counts it as unread, and tells of it. The numbers of messages that one person sees
 * are in the order in which they appear, whoever wrote them. RESOURCE_EXHAUSTED past 100 of the
 * caller's a minute, NOT_FOUND when what it answers is gone.
 */
must_check status messages_delivery_write(struct db_tx *tx, const struct messages_delivery *d,
                                          struct messages_row *out_row);

#endif
