/*
 * incidents/user.h - accounts as they are shown: {id, handle, role}.
 */
#ifndef SERVICES_INCIDENTS_USER_H
#define SERVICES_INCIDENTS_USER_H

#include "canaduck/incidents/v1/incidents.schema.h"
#include "rpc/call.h"

struct incidents;

/* Those of some accounts, by ascending number. */
struct incidents_users {
	int64_t         *ids;
	incidents_user **users;
	size_t           n;
};

/*
 * Finds them, whatever their order and however often one is named; ids are sorted. In the call's
 * arena. UNAVAILABLE when one is not known here and users is out of reach.
 */
must_check status incidents_user_find(struct incidents *app, struct rpc_call *call, int64_t *ids,
                                      size_t n, struct incidents_users *out_users);

/* One of those that were found; shared by all messages that show it. */
incidents_user *incidents_user_get(const struct incidents_users *users, int64_t account_id);

#endif
