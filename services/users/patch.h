/*
 * users/patch.h - changes of an account, one's own or, by an admin, anybody's.
 */
#ifndef SERVICES_USERS_PATCH_H
#define SERVICES_USERS_PATCH_H

#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/users.h"

/* What is NULL stays as it is. */
struct users_patch {
	int64_t     account_id;
	const char *pseudo, *email;
	const char *picture;
	bool        sets_picture; /* to picture; NULL or "": none */
	const char *password;     /* ends all sessions of the account but the caller's */
	const char *role;         /* ROLE_USER or ROLE_ADMIN */
	bool        needs_admin;  /* of the caller */
};

/*
 * Does all of it or nothing, and fills the answer. INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED,
 * ALREADY_EXISTS, FAILED_PRECONDITION for the last admin.
 */
must_check status users_patch_run(struct users *app, struct rpc_call *call,
                                  const struct users_patch   *patch,
                                  users_update_user_response *out_response);

#endif
