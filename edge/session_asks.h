/*
 * edge/session_asks.h - asks users how a session stands, while that cannot be known by its events.
 *
 * Requests of one session share a question, and only so many are under way at once: a stream that
 * is lost must not flatten users.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_SESSION_ASKS_H
#define EDGE_SESSION_ASKS_H

#include "base/list.h"
#include "edge/revocations.h"

struct edge;
struct metrics_counter;

struct edge_session_asks {
	struct edge            *edge;
	struct list             asks; /* that wait for their turn */
	unsigned                n_workers;
	struct metrics_counter *asked;
};

void edge_session_asks_init(struct edge_session_asks *s, struct edge *e);

/*
 * Asks, and waits for the answer, at most until the fiber's deadline. Roles are in the arena.
 * UNAVAILABLE when users cannot be asked; CANCELLED when the fiber was.
 */
must_check status edge_session_asks_ask(struct edge_session_asks *s, int64_t account_id,
                                        int64_t session_id, struct arena *a,
                                        struct edge_standing *out_standing);

/* No question is open. */
bool edge_session_asks_are_done(const struct edge_session_asks *s);

#endif
