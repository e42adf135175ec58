/*
 * users/password_change.h - the caller's own password, by either dialect's route.
 */
#ifndef SERVICES_USERS_PASSWORD_CHANGE_H
#define SERVICES_USERS_PASSWORD_CHANGE_H

#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/session.h"
#include "services/users/users.h"

struct users_password_change {
	const char *old_password, *new_password;
	const char *field; /* of the new one, for what is wrong with it */
	bool        has_fresh_pair;
	/* what comes of it */
	struct users_account      account;
	struct users_session_pair pair; /* where a fresh one was asked for */
};

/*
 * Changes it and ends the other sessions. INVALID_ARGUMENT when both are the same,
 * PERMISSION_DENIED when the old one is wrong, RESOURCE_EXHAUSTED when too many were.
 */
must_check status users_password_change_run(struct users *app, struct rpc_call *call,
                                            struct users_password_change *change);

#endif
