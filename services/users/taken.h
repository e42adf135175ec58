/*
 * users/taken.h - names and e-mails that somebody has already.
 */
#ifndef SERVICES_USERS_TAKEN_H
#define SERVICES_USERS_TAKEN_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/users.h"

/* Refuses names that nobody can have: ALREADY_EXISTS. The name is folded. */
must_check status users_taken_check_reserved(struct rpc_call *call, str pseudo);

/*
 * Says which of both another account than this one has: ALREADY_EXISTS, or ABORTED when it has gone
 * meanwhile. Either may be empty.
 */
must_check status users_taken_explain(struct users *app, struct rpc_call *call, int64_t account_id,
                                      str pseudo, str email);

#endif
