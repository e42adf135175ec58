/*
 * users/session.h - opens a session: a row, a refresh token of which only the hash is kept, and an
 * access token signed for it.
 */
#ifndef SERVICES_USERS_SESSION_H
#define SERVICES_USERS_SESSION_H

#include "base/status.h"
#include "rpc/call.h"
#include "services/users/account.h"

struct db_tx;
struct users;

/* Both in the call's arena. */
struct users_session {
	char *access_token, *refresh_token;
};

/* Opens one for the account, within the transaction; the account counts as seen now. */
must_check status users_session_open(struct users *app, struct rpc_call *call, struct db_tx *tx,
                                     const struct users_account *account,
                                     struct users_session       *out_session);

#endif
