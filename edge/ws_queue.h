/*
 * edge/ws_queue.h - what waits to be sent to one client: frames, in order, with a bound.
 *
 * The first of them may be on their way: given to the kernel, which reads them until it has
 * told. These stay whatever happens; the others may be dropped.
 *
 * Threads:  one loop's.
 * Memory:   holds a count of each frame; zeroes and a bound are a fine start.
 */
#ifndef EDGE_WS_QUEUE_H
#define EDGE_WS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct edge_ws_frame;

struct edge_ws_queue {
	struct edge_ws_frame **frames; /* a ring */
	unsigned               size, first, n;
	unsigned               n_leaving; /* on their way */
	size_t                 bytes, max_bytes;
};

/* Takes a count of its own. False, and nothing is taken, when it would hold too much. */
bool edge_ws_queue_add(struct edge_ws_queue *q, struct edge_ws_frame *f);

/* The same, bound or not: for the few bytes that end a connection. */
void edge_ws_queue_force(struct edge_ws_queue *q, struct edge_ws_frame *f);

/* Sends the first ones, at most max, on their way: none may be. How many; edge_ws_queue_at() has
 * them. */
unsigned edge_ws_queue_begin(struct edge_ws_queue *q, unsigned max);

/* The i-th frame, borrowed. */
struct edge_ws_frame *edge_ws_queue_at(const struct edge_ws_queue *q, unsigned i);

/* Those on their way have arrived. */
void edge_ws_queue_end(struct edge_ws_queue *q);

/* Drops those that are not on their way. */
void edge_ws_queue_drop(struct edge_ws_queue *q);

void edge_ws_queue_fini(struct edge_ws_queue *q);

#endif
