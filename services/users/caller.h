/*
 * users/caller.h - who calls, as the database knows it now.
 *
 * The edge has checked the token, and what it knows of sessions and roles may be a moment old.
 * Whoever changes accounts looks again, in the transaction, and so do admins' lists of them.
 */
#ifndef SERVICES_USERS_CALLER_H
#define SERVICES_USERS_CALLER_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/users.h"

/*
 * Locks and reads the caller's account, whose session is alive and stays so: whoever ends it waits.
 * PERMISSION_DENIED.
 */
must_check status users_caller_lock(struct db_tx *tx, const struct rpc_call *call,
                                    struct users_account *out_account);

/* PERMISSION_DENIED unless the caller's session is alive. */
must_check status users_caller_check(struct db_tx *tx, const struct rpc_call *call);

/* PERMISSION_DENIED unless the caller's session is alive and the account an admin's. */
must_check status users_caller_check_admin(struct db_tx *tx, const struct rpc_call *call);

/* The same for what only reads. */
must_check status users_caller_read_admin(struct users *app, struct rpc_call *call);

/* What the caller of a session that ended is told. */
must_check status users_caller_session_ended(void);

#endif
