/*
 * users/account.h - an account's row as the messages that show it, and the form of its names.
 */
#ifndef SERVICES_USERS_ACCOUNT_H
#define SERVICES_USERS_ACCOUNT_H

#include "base/arena.h"
#include "canaduck/users/v1/users.schema.h"
#include "db/db.h"

/* Columns of users.accounts AS a, in the order that users_account_read() wants. */
/* Broken by hand: the formatter splits literals between macros letter by letter. */
/* clang-format off */
#define USERS_ACCOUNT_COLUMNS                                                                      \
	"a.id, a.pseudo, a.email, a.profile_picture, a.status, "                                   \
	DB_US("a.created_time") ", " DB_US("a.updated_time") ", " DB_US("a.last_seen_time") ", "   \
	"ARRAY(SELECT role FROM users.roles WHERE account_id = a.id"                               \
	"       ORDER BY role <> 'user', role), a.version"
/* clang-format on */

struct users_account {
	int64_t    id;
	char      *pseudo, *email;
	char      *picture; /* NULL: none */
	char      *status;
	int64_t    created_us, updated_us, last_seen_us;
	const str *roles; /* "user" first */
	size_t     n_roles;
	int64_t    version;
};

/* Reads a row; slices live as long as the rows. */
void users_account_read(const struct db_rows *rows, size_t row, struct users_account *out_account);

/*
 * Locks the account until the transaction's end and reads it. What else is read of it (roles,
 * sessions) must be read by later statements: this one's own saw what was there before it waited.
 * NOT_FOUND.
 */
must_check status users_account_lock(struct db_tx *tx, int64_t account_id,
                                     struct users_account *out_account);

/* The same by the name, folded. */
must_check status users_account_lock_pseudo(struct db_tx *tx, str pseudo,
                                            struct users_account *out_account);

/* Reads it within the transaction. NOT_FOUND. */
must_check status users_account_get(struct db_tx *tx, int64_t account_id,
                                    struct users_account *out_account);

bool users_account_is_admin(const struct users_account *account);

/* Fills the message that its owner and administrators see. */
void users_account_to_user(const struct users_account *account, struct arena *a,
                           users_user *out_user);

/* The same in a new message in the arena. */
users_user *users_account_user(const struct users_account *account, struct arena *a);

/* The roles as a proto field wants them. */
char **users_account_role_list(const struct users_account *account, struct arena *a);

/* A name as it is stored: without its leading @, in lower case. */
str users_account_fold(str pseudo, struct arena *a);

#endif
