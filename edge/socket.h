/*
 * edge/socket.h - one WebSocket connection of a client: reading, sending, pings, and its end.
 *
 * Knows nothing of what is said. Its owner, who holds it in storage of his own, says what to do
 * with messages. Every end comes to on_end(), once: whoever closes asks for that, and may go on to
 * use the socket until then.
 *
 * Closing takes the closing handshake of RFC 6455, within CLOSE_MS; a client that keeps its
 * connection open after that is cut off. What waits to be sent is bounded: a client that lets it
 * grow beyond the bound is closed with 1013, and nobody waits for it.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_SOCKET_H
#define EDGE_SOCKET_H

#include "edge/ws_queue.h"
#include "edge/ws_reader.h"
#include "loop/loop.h"

struct edge;
struct edge_exchange;
struct edge_socket;
struct edge_ws_frame;
struct metrics_counter;
struct metrics_gauge;
struct st_h2o_socket_t;

struct edge_socket_ops {
	/* The client has its answer: frames may be sent from now on. */
	void (*on_open)(struct edge_socket *s);
	/* A whole message; borrowed. */
	void (*on_message)(struct edge_socket *s, str message, bool is_text);
	/* Some of what waited to be sent is. */
	void (*on_sent)(struct edge_socket *s);
	/* It has sent a ping, and heard from its client since the last one. */
	void (*on_ping)(struct edge_socket *s);
	/* It is over: its owner may free it. */
	void (*on_end)(struct edge_socket *s);
};

enum edge_socket_state {
	EDGE_SOCKET_OPENING, /* the answer is on its way */
	EDGE_SOCKET_OPEN,    /* both talk */
	EDGE_SOCKET_CLOSING, /* our close is among what is sent; nothing else is taken */
	EDGE_SOCKET_PARTING, /* both have closed: the client ends the connection */
	EDGE_SOCKET_ENDED
};

struct edge_socket {
	struct edge                  *edge;
	const struct edge_socket_ops *ops;
	struct st_h2o_socket_t       *sock; /* NULL: not yet, or no more */
	struct edge_ws_reader         reader;
	struct edge_ws_queue          queue;
	struct loop_timer             timer; /* of what comes next: a ping, or the end */
	int64_t                       heard_ns, ping_ns;
	int64_t                       expire_ns; /* closed with 4401 then */
	enum edge_socket_state        state;
	bool                          is_paused, is_reading, is_writing;
	bool                          has_client_closed; /* by a close of its own */
};

/* Of all sockets of a loop. */
struct edge_socket_stats {
	struct metrics_gauge   *live;
	struct metrics_counter *frames_in, *frames_out, *slow;
};

void edge_socket_stats_init(struct edge_socket_stats *m);

/*
 * Answers the exchange, a handshake with this key (24 characters), with 101 and takes its
 * connection over. protocol: to be named in the answer; empty: none. expire_ns: monotonic.
 */
void edge_socket_accept(struct edge_socket *s, struct edge_exchange *ex, const char *key,
                        str protocol, int64_t expire_ns, const struct edge_socket_ops *ops);

/* Sends a frame, a count of its own; nothing unless it is open. */
void edge_socket_send(struct edge_socket *s, struct edge_ws_frame *f);

/* Reads no more for now, or again. */
void edge_socket_pause(struct edge_socket *s, bool is_paused);

/* Closes with a code and why, behind what waits to be sent. Fine when it is closing already. */
void edge_socket_close(struct edge_socket *s, uint16_t code, str reason);

/* The client does not keep up: drops what waits to be sent, and closes with 1013. */
void edge_socket_give_up(struct edge_socket *s);

/* Ends it now; on_end() is called before this returns. From the loop only, not from callbacks. */
void edge_socket_cut(struct edge_socket *s);

#endif
