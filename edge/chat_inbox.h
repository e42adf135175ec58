/*
 * edge/chat_inbox.h - what clients sent and is not done yet: by each one after another, by all of
 * them at once, though only by so many fibers.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_CHAT_INBOX_H
#define EDGE_CHAT_INBOX_H

#include "base/list.h"
#include "base/str.h"

struct edge_chat_socket;

enum { EDGE_CHAT_MAX_WORKERS = 64 };

/* Of one client. */
struct edge_chat_inbox {
	struct list messages;
	unsigned    n;
	struct list ready; /* in edge_chat_work.ready; itself: it waits for nothing */
	bool        is_busy;
};

/* Of a loop. */
struct edge_chat_work {
	struct list ready; /* who has something to be done */
	struct list workers;
	unsigned    n_workers;
};

void edge_chat_inbox_init(struct edge_chat_inbox *inbox);

/* Takes a message in; of who sends faster than is done no more is read for a while. */
void edge_chat_inbox_add(struct edge_chat_socket *s, str message, bool is_text);

/* Looks at the client again: it has a message, or edge_chat_resume_wants_page(). */
void edge_chat_inbox_wake(struct edge_chat_socket *s);

/* Forgets what is not begun. */
void edge_chat_inbox_clear(struct edge_chat_socket *s);

void edge_chat_work_init(struct edge_chat_work *w);
void edge_chat_work_cancel(struct edge_chat_work *w);

#endif
