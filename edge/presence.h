/*
 * edge/presence.h - tells the users service who is there, without a call or a write per request.
 *
 * Requests of accounts are noted in a table of the loop; PRESENCE_INTERVAL_MS later what it holds
 * goes to the users service together, an account once. What cannot be told is kept and told later,
 * and at the end of the process before it ends. Who holds a connection open, as streams and sockets
 * do, is there as long as that: it notes its account when it opens, when it closes, and now and
 * then meanwhile.
 *
 * Threads:  the edge's loop.
 */
#ifndef EDGE_PRESENCE_H
#define EDGE_PRESENCE_H

#include "edge/sightings.h"
#include "loop/loop.h"

struct edge;
struct fiber;
struct metrics_counter;

struct edge_presence {
	struct edge_sightings   seen; /* and not told yet */
	struct loop_timer       timer;
	struct fiber           *fiber; /* that tells; NULL: none does */
	bool                    is_telling;
	int64_t                 retry_ns;   /* not before */
	int64_t                 give_up_ns; /* the drain's end; 0: not asked yet */
	struct metrics_counter *retried, *dropped;
};

/* Begins to tell; the edge's clients stand. */
void edge_presence_start(struct edge *e);

/* The account was there at that time (monotonic). */
void edge_presence_note(struct edge *e, int64_t account_id, int64_t at_ns);

/*
 * For the drain, when no request is under way any more: tells the rest. True once all is told, or
 * the users service could not be reached for two seconds. Asked again until then.
 */
bool edge_presence_is_told(struct edge *e);

/* Ends what it does, soon: edge_presence_is_told() says when. */
void edge_presence_cancel(struct edge *e);

/* Frees; nothing is being told. Fine if it never started. */
void edge_presence_stop(struct edge *e);

#endif
