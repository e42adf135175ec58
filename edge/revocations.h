/*
 * edge/revocations.h - what is not to be believed of access tokens that are not over yet.
 *
 * By account: which of its sessions ended, and the roles that it has now. Changes may come in any
 * order and more than once. What no token that is still good can be about any more is dropped, so
 * the set is bounded by what users does within the life of a token.
 *
 * Threads:  one at a time.
 */
#ifndef EDGE_REVOCATIONS_H
#define EDGE_REVOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/id_map.h"
#include "rpc/call.h"

/* A zeroed one is empty. */
struct edge_revocations {
	struct id_map accounts;
	size_t        prune_at; /* count at which what is over is dropped; 0: at the first one */
};

/* How a session stands. */
struct edge_standing {
	bool       is_ended;
	const str *roles; /* that the account has now, if roles_version is not 0 */
	size_t     n_roles;
	int64_t    roles_version; /* 0: those in the token hold */
};

/* A copy, roles too, in the arena. */
struct edge_standing edge_standing_dup(const struct edge_standing *standing, struct arena *a);

/* Takes a change in. now_s: what is over by then may be dropped. */
void edge_revocations_apply(struct edge_revocations *r, const struct rpc_session_change *change,
                            int64_t now_s);

/* What is known of a session; roles are borrowed until the next change. */
struct edge_standing edge_revocations_look(const struct edge_revocations *r, int64_t account_id,
                                           int64_t session_id);

/* Frees what it holds; it is empty. */
void edge_revocations_fini(struct edge_revocations *r);

#endif
