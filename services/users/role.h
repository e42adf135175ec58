/*
 * users/role.h - what giving and taking a role share.
 */
#ifndef SERVICES_USERS_ROLE_H
#define SERVICES_USERS_ROLE_H

#include "rpc/call.h"

struct db_tx;

/* INVALID_ARGUMENT unless it is 1 to 32 of a-z 0-9 _ -. */
must_check status users_role_check(struct rpc_call *call, const char *role);

/* Locks the account of that name and gives its number; NOT_FOUND. */
must_check status users_role_lock_account(struct db_tx *tx, str pseudo, int64_t *out_account_id);

/* Lists the roles of the account, "user" first, in the transaction's arena; its version grows. */
must_check status users_role_changed(struct db_tx *tx, int64_t account_id, char ***out_roles,
                                     size_t *out_count);

#endif
