/*
 * messages/throttle.h - 100 private messages a minute, counted in the database: by whatever door,
 * over restarts and replicas.
 */
#ifndef SERVICES_MESSAGES_THROTTLE_H
#define SERVICES_MESSAGES_THROTTLE_H

#include "db/db.h"
#include "rpc/call.h"

/*
 * Counts one of the caller's in the transaction that writes it, before it locks other rows.
 * RESOURCE_EXHAUSTED when there were too many: then nothing is to be written.
 */
must_check status messages_throttle_take(struct db_tx *tx, struct rpc_call *call);

#endif
