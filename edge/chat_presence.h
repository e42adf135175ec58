/*
 * edge/chat_presence.h - tells the partners of an account that its first WebSocket at this edge has
 * come, or its last one is gone.
 *
 * Of the moment only: what cannot be told is not told later.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_CHAT_PRESENCE_H
#define EDGE_CHAT_PRESENCE_H

#include "edge/sightings.h"

struct edge;
struct fiber;

struct edge_chat_presence {
	struct edge_sightings changed; /* accounts to be told of; times do not matter */
	struct fiber         *fiber;   /* that tells; NULL: none */
	bool                  is_telling;
};

void edge_chat_presence_init(struct edge_chat_presence *p);
void edge_chat_presence_fini(struct edge_chat_presence *p);

/* The census of the account begins or ceases to be zero: tells how it is by then. */
void edge_chat_presence_changed(struct edge *e, int64_t account_id);

/* Somebody told that. Another edge's last may have gone while the account is here still. */
void edge_chat_presence_heard(struct edge *e, int64_t account_id, bool is_connected);

#endif
