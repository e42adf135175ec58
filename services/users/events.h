/*
 * users/events.h - what users tells of accounts and sessions (canaduck/users/v1/events.proto), in
 * the transaction that changed them and while it holds the account's row.
 */
#ifndef SERVICES_USERS_EVENTS_H
#define SERVICES_USERS_EVENTS_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"

must_check status users_events_account_created(struct db_tx               *tx,
                                               const struct users_account *account);

/* The account as it is after the change. */
must_check status users_events_account_changed(struct db_tx               *tx,
                                               const struct users_account *account);

/* The account as it was. */
must_check status users_events_account_deleted(struct db_tx               *tx,
                                               const struct users_account *account);

must_check status users_events_sessions_changed(struct db_tx                    *tx,
                                                const struct rpc_session_change *change);

#endif
