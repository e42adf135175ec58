/*
 * edge/sessions.h - which sessions are alive, and with what roles: what access tokens cannot say.
 *
 * Tokens are believed without asking. What ends one early reaches this edge in two ways: with the
 * reply of the call that did it, before that is answered; and by the events of users, from
 * everybody else. While the stream of these is not complete nothing is believed: users is asked.
 *
 * One for all loops of an edge; one of them follows the stream.
 *
 * Threads:  any.
 */
#ifndef EDGE_SESSIONS_H
#define EDGE_SESSIONS_H

#include "base/list.h"
#include "edge/revocations.h"
#include "loop/loop.h"

struct edge;
struct edge_sessions;

struct edge_sessions *edge_sessions_new(void);
/* No loop may use it any more. NULL is fine. */
void edge_sessions_free(struct edge_sessions *s);

/* Follows the stream on the loop of the edge that asks first; for the others nothing happens. */
must_check status edge_sessions_follow(struct edge_sessions *s, struct edge *e);

/* The snapshot was taken and the stream is complete, right now. */
bool edge_sessions_are_known(const struct edge_sessions *s);

/* Takes in what a call did to sessions. Before its answer: the next request may come at once. */
void edge_sessions_apply(struct edge_sessions *s, const struct rpc_session_change *changes);

/*
 * How a session stands; roles are copied to the arena. False when that is not known: the stream is
 * not complete, ask users (edge/session_asks.h).
 */
bool edge_sessions_look(struct edge_sessions *s, int64_t account_id, int64_t session_id,
                        struct arena *a, struct edge_standing *out_standing);

/* ---- for connections that outlive the request which opened them ---- */

enum { EDGE_SESSIONS_MAX_CHANGED = 64 };

/* In its owner's storage, who fills the first three; the rest is the sessions'. */
struct edge_sessions_watch {
	struct loop *loop;
	/*
	 * How sessions of the account stand may have changed, of all accounts if it is 0: look.
	 * Called on the loop, soon after the change, and once for several. It may unwatch.
	 */
	void (*on_change)(void *arg, int64_t account_id);
	void                 *arg;
	struct edge_sessions *sessions; /* NULL: it does not watch */
	struct loop_task      task;
	int64_t               changed[EDGE_SESSIONS_MAX_CHANGED]; /* accounts; under the mutex */
	size_t                n_changed;
	bool                  is_all;
	struct list           link;
};

/* Begins and ends; the watch's loop's thread. Ending twice, or what is zeroed, is fine. */
void edge_sessions_watch(struct edge_sessions *s, struct edge_sessions_watch *w);
void edge_sessions_unwatch(struct edge_sessions_watch *w);

/* Asks the loop that follows to stop that; false until it has ended. For other loops true. */
bool edge_sessions_leave(struct edge_sessions *s, struct edge *e);

/* The same for the end of the loop: turns it until that has ended. */
void edge_sessions_stop(struct edge_sessions *s, struct edge *e);

#endif
