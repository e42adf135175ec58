/*
 * users/throttle.h - how often somebody may try, counted in the database: it holds over restarts
 * and replicas.
 *
 * Failures to sign in count by name and address (10 in 15 minutes) and by address (100); a name
 * that does not exist counts like one that does. Who fails is told so only as long as the limit is
 * not reached when it is counted, and a right password is looked at in the same way: of many tries
 * at once no more than the limit tell anything.
 */
#ifndef SERVICES_USERS_THROTTLE_H
#define SERVICES_USERS_THROTTLE_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/users.h"

/* RESOURCE_EXHAUSTED while too many failed under this name, folded, from the caller's address. */
must_check status users_throttle_check(struct users *app, struct rpc_call *call, str name);

/* The same in the transaction that lets the caller in. */
must_check status users_throttle_check_again(struct db_tx *tx, struct rpc_call *call, str name);

/* Counts a failure. RESOURCE_EXHAUSTED, and not counted, once there are too many. */
must_check status users_throttle_fail(struct users *app, struct rpc_call *call, str name);

/* Counts a registration (REGISTER_LIMIT an hour by address). RESOURCE_EXHAUSTED. */
must_check status users_throttle_register(struct users *app, struct rpc_call *call);

#endif
