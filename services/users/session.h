/*
 * users/session.h - sessions: a row, a refresh token of which only the hash is kept, and access
 * tokens signed for it.
 *
 * Every function wants the account's row locked (users_account_lock()) before the account was
 * read: see users/revocation.h.
 */
#ifndef SERVICES_USERS_SESSION_H
#define SERVICES_USERS_SESSION_H

#include "base/status.h"
#include "rpc/call.h"
#include "services/users/account.h"

struct db_tx;
struct users;

enum { USERS_SESSION_HASH_BYTES = 32 };

/* Both in the call's arena. */
struct users_session_pair {
	char *access_token, *refresh_token;
};

/* Opens one for the account; the account counts as seen now, unless it is
 * offline. */
must_check status users_session_open(struct users *app, struct rpc_call *call, struct db_tx *tx,
                                     const struct users_account *account,
                                     struct users_session_pair  *out_session);

/*
 * A fresh pair within the caller's own session, whose former refresh token ends. PERMISSION_DENIED
 * when the session has ended.
 */
must_check status users_session_renew(struct users *app, struct rpc_call *call, struct db_tx *tx,
                                      const struct users_account *account,
                                      struct users_session_pair  *out_session);

/* A fresh access token for the session that has this refresh token still. UNAUTHENTICATED. */
must_check status users_session_refresh(struct users *app, struct rpc_call *call, struct db_tx *tx,
                                        const struct users_account *account, int64_t session_id,
                                        str refresh_token, char **out_access_token);

/* The message, in the arena. */
users_tokens *users_session_tokens(const struct users_session_pair *pair, struct arena *a);

/* What the table has in place of a refresh token; in the arena. */
str users_session_hash(str refresh_token, struct arena *a);

#endif
