/*
 * users/revocation.h - ends sessions and changes roles before access tokens are over.
 *
 * Access tokens are believed without asking until they expire, so what ends one early is written
 * down until then (users.revocations) and told to the edges: noted in the call, for the one that
 * asked, and as an event for all others. All of it in a transaction that holds the account's row,
 * as who opens a session or gives out a token does: then every token from before is counted in, and
 * every session that is opened later has a greater number.
 */
#ifndef SERVICES_USERS_REVOCATION_H
#define SERVICES_USERS_REVOCATION_H

#include "db/db.h"
#include "rpc/call.h"

/* Ends one session of the account. NOT_FOUND. */
must_check status users_revocation_end(struct db_tx *tx, struct rpc_call *call, int64_t account_id,
                                       int64_t session_id);

/* Ends all sessions of the account but one; 0: all. */
must_check status users_revocation_end_all(struct db_tx *tx, struct rpc_call *call,
                                           int64_t account_id, int64_t kept_session_id);

/* The account has these roles now, as of its version. They are borrowed as long as the call. */
must_check status users_revocation_set_roles(struct db_tx *tx, struct rpc_call *call,
                                             int64_t account_id, const str *roles, size_t n_roles,
                                             int64_t version);

#endif
