/*
 * edge/chat_socket.h - a client of the chat: what edge/chat_*.c share.
 */
#ifndef EDGE_CHAT_SOCKET_H
#define EDGE_CHAT_SOCKET_H

#include "edge/chat_inbox.h"
#include "edge/chat_resume.h"
#include "edge/internal.h"
#include "edge/socket.h"

struct edge_chat_socket {
	struct edge_socket      socket;
	struct edge            *edge;
	const struct identity  *who;         /* as the token says; roles may have changed */
	int64_t                 expire_time; /* of the token; seconds since 1970 */
	unsigned                refs;  /* its connection's, and of each fiber that works for it */
	struct list             link;  /* among those of its account; itself: not open */
	struct list             doubt; /* in edge_chat.doubted */
	struct edge_chat_inbox  inbox;
	struct edge_chat_resume resume;
};

/*
 * Takes a socket in for the caller of an exchange, for edge_socket_accept(), which must follow.
 * RESOURCE_EXHAUSTED when the account has too many, UNAVAILABLE when all have, or at the end.
 */
must_check status edge_chat_socket_new(struct edge_exchange     *ex,
                                       struct edge_chat_socket **out_socket);
void              edge_chat_socket_ref(struct edge_chat_socket *s);
void              edge_chat_socket_unref(struct edge_chat_socket *s);

extern const struct edge_socket_ops edge_chat_socket_ops;

/* It is open: edge_chat_each() finds it. */
void edge_chat_enter(struct edge_chat_socket *s);

/* Calls fn for each open socket of the account; 0: of all. fn may close them. */
void edge_chat_each(struct edge *e, int64_t                                  account_id,
                    void (*fn)(struct edge_chat_socket *s, void *arg), void *arg);

/* ---- sessions ---- */

/* Closes it if its session has ended; asks users about it when that is not known. */
void edge_chat_sessions_check(struct edge_chat_socket *s);

/* For edge_sessions_watch(); arg is the edge. */
void edge_chat_sessions_changed(void *arg, int64_t account_id);

/* ---- for edge_feed_listen(); arg is the edge ---- */

void edge_chat_deliver_fact(void *arg, const events_event *event);
void edge_chat_deliver_signal(void *arg, const events_event *event);
void edge_chat_deliver_gap(void *arg);

#endif
