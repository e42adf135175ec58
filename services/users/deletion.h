/*
 * users/deletion.h - an account goes, by its owner's word or an admin's.
 */
#ifndef SERVICES_USERS_DELETION_H
#define SERVICES_USERS_DELETION_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"

/*
 * Deletes the locked account with all that is its own: sessions, roles, saved routes. Its name and
 * e-mail are free; its number is never used again, so what others wrote down under that number
 * stays nobody else's. PERMISSION_DENIED, FAILED_PRECONDITION for the last admin.
 */
must_check status users_deletion_run(struct db_tx *tx, struct rpc_call *call,
                                     const struct users_account *account);

#endif
