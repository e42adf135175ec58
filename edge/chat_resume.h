/*
 * edge/chat_resume.h - what a client missed while it was away, and then what came meanwhile:
 * without a hole, and nothing twice.
 *
 * The numbers of the messages that one person sees ascend in the order in which these appear, in
 * the stream of facts too. So two numbers tell all: the first that this socket was told of live is
 * where reading stops; what comes live up to the last that was read is known already.
 *
 * What comes live to a new socket is held back for a moment, until its client has said something:
 * whoever resumes at once gets the older messages first.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_CHAT_RESUME_H
#define EDGE_CHAT_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "edge/ws_queue.h"
#include "loop/loop.h"

struct edge_chat_socket;
struct edge_ws_frame;

enum edge_chat_resume_state {
	EDGE_CHAT_RESUME_AWAITED, /* just opened: it may be asked for at once */
	EDGE_CHAT_RESUME_NONE,    /* not asked for */
	EDGE_CHAT_RESUME_READING, /* a page is wanted, or being read */
	EDGE_CHAT_RESUME_SENDING, /* a page is, and there are more */
	EDGE_CHAT_RESUME_JOINING, /* all is read: what is left, and what was held back, is sent */
	EDGE_CHAT_RESUME_DONE
};

struct edge_chat_resume {
	enum edge_chat_resume_state state;
	int64_t                     first_live; /* message; 0: none came */
	int64_t                     read_to;    /* message; 0: none was read */
	int64_t                     count;
	struct loop_timer           patience;
	struct edge_ws_queue        page;      /* read, and to be sent */
	struct edge_ws_queue        held;      /* what came live meanwhile */
	char                       *client_id; /* that the ack is to name; NULL: no ack */
};

void edge_chat_resume_init(struct edge_chat_socket *s);
void edge_chat_resume_fini(struct edge_chat_socket *s);

/* The client is connected. */
void edge_chat_resume_await(struct edge_chat_socket *s);

/* The client says something else. */
void edge_chat_resume_await_no_more(struct edge_chat_socket *s);

/* Begins. FAILED_PRECONDITION the second time. client_id NULL: none. */
must_check status edge_chat_resume_begin(struct edge_chat_socket *s, int64_t after_message_id,
                                         const char *client_id);

/* A fiber is to call edge_chat_resume_read_page(). */
bool edge_chat_resume_wants_page(const struct edge_chat_socket *s);
void edge_chat_resume_read_page(struct edge_chat_socket *s);

/* There is room in what waits to be sent: goes on. */
void edge_chat_resume_go_on(struct edge_chat_socket *s);

/* Tells of a fact: at once, later, or not again. message_id: of a message that was written, else 0.
 */
void edge_chat_resume_tell(struct edge_chat_socket *s, struct edge_ws_frame *f, int64_t message_id);

#endif
