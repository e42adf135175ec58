/*
 * edge/chat.h - the chat over WebSockets, of one loop: who is connected here, what they say, and
 * what they are told.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_CHAT_H
#define EDGE_CHAT_H

#include "base/list.h"
#include "base/status.h"
#include "base/str.h"
#include "edge/chat_inbox.h"
#include "edge/chat_presence.h"
#include "edge/feed.h"
#include "edge/sessions.h"

struct edge;
struct edge_exchange;
struct fiber;

struct edge_chat {
	struct list               *by_account; /* heads of edge_chat_socket.link; see edge/chat.c */
	unsigned                   n_sockets;
	bool                       is_draining;
	struct edge_sessions_watch watch;
	struct list                doubted; /* whose session is to be asked about */
	struct fiber              *asker;   /* that does; NULL: none */
	bool                       is_asking;
	struct edge_feed_listener  feed;
	struct edge_chat_work      work;
	struct edge_chat_presence  presence;
};

/* The edge's own parts stand. */
must_check status edge_chat_start(struct edge *e);

/* GET /api/v1/chat/ws: makes the connection a WebSocket, or says why not. */
must_check status edge_chat_accept(struct edge_exchange *ex);

/* Tells all clients to go elsewhere, and lets nobody in any more. */
void edge_chat_drain(struct edge *e);

/* Nobody is connected, and nothing is under way. */
bool edge_chat_is_idle(const struct edge *e);

/* Cuts off who is left, and what is under way. */
void edge_chat_cancel(struct edge *e);

/* Frees; nobody is connected. */
void edge_chat_stop(struct edge *e);

#endif
