/*
 * users/change.h - a transaction that may end sessions or change roles.
 *
 * What it does to sessions is noted in the call, for the edge that asked. Only a body that was
 * committed may have noted anything.
 */
#ifndef SERVICES_USERS_CHANGE_H
#define SERVICES_USERS_CHANGE_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/users.h"

/* db_tx_run(); what body noted of sessions in tries that came to nothing is forgotten. */
must_check status users_change_run(struct users *app, struct rpc_call                *call,
                                   status (*body)(struct db_tx *tx, void *arg), void *arg);

#endif
