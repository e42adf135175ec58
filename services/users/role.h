/*
 * users/role.h - gives and takes roles.
 */
#ifndef SERVICES_USERS_ROLE_H
#define SERVICES_USERS_ROLE_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/users.h"

/*
 * What each RPC does that gives or takes one: checks the caller, unless it is a service, and lists
 * the roles that the account of that name has then. INVALID_ARGUMENT unless the role is 1 to 32 of
 * a-z 0-9 _ -; NOT_FOUND; see below for the rest.
 */
must_check status users_role_change(struct users *app, struct rpc_call *call, const char *pseudo,
                                    const char *role, bool is_given,
                                    users_roles_response *out_response);

/*
 * Gives the locked account a role, or takes it; it is read again. FAILED_PRECONDITION for taking
 * the role user or the last admin's, and for more roles than an account may have. What it has, or
 * has not, already is no error.
 */
must_check status users_role_set(struct db_tx *tx, struct rpc_call *call,
                                 struct users_account *account, const char *role, bool is_given);

/* FAILED_PRECONDITION when the locked account is the only admin's. */
must_check status users_role_check_not_last_admin(struct db_tx               *tx,
                                                  const struct users_account *account);

/* Reads Supmap's names: false unless it is ROLE_USER or ROLE_ADMIN. */
bool users_role_parse(const char *name, bool *out_is_admin);

#endif
