/*
 * users/creation.h - a new account, by registering or by an admin.
 */
#ifndef SERVICES_USERS_CREATION_H
#define SERVICES_USERS_CREATION_H

#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/users.h"

struct users_creation {
	const char *email;
	const char *picture; /* NULL or empty: none */
	str         pseudo, password_hash;
	bool        is_admin;
};

/* Writes it down. ALREADY_EXISTS when the name or the e-mail is taken: see users_taken_explain().
 */
must_check status users_creation_insert(struct db_tx *tx, const struct users_creation *c,
                                        struct users_account *out_account);

#endif
