/*
 * edge/sse.h - one response of server-sent events (HTML, 9.2): bytes out, until either side ends
 * it.
 *
 * Knows nothing of what is told. What waits for a slow client is bounded: one that lets it grow
 * beyond, or takes nothing for SEND_TIMEOUT_MS, is cut off, and nobody waits for it. While nothing
 * else is sent a heartbeat shows that the stream lives; it is also how a client that vanished
 * without a word is found.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_SSE_H
#define EDGE_SSE_H

#include <h2o.h>

#include "base/buf.h"
#include "base/list.h"
#include "loop/loop.h"

struct edge;
struct edge_anchor;
struct edge_exchange;
struct edge_sse;

struct edge_sse_ops {
	/* Time for a heartbeat: something may be put; if nothing is, a comment goes. */
	void (*on_heartbeat)(struct edge_sse *s);
	/* The client took what was sent, and there is room again. NULL: not wanted. */
	void (*on_sent)(struct edge_sse *s);
	/* The response is over, once: its owner may free it. In the loop or in a callback of h2o.
	 */
	void (*on_end)(struct edge_sse *s);
};

/* In its owner's storage. */
struct edge_sse {
	h2o_generator_t            generator;
	struct edge               *edge;
	const struct edge_sse_ops *ops;
	h2o_req_t                 *req; /* NULL: over */
	struct edge_anchor        *anchor;
	struct buf                 waiting, sending;
	struct loop_timer          timer;
	struct list                link;        /* of the edge's streams */
	int64_t                    written_ns;  /* when something was put last */
	int64_t                    progress_ns; /* when the client took something last */
	bool                       is_sending, is_closing, is_final;
};

/*
 * Begins the response to the exchange, whose client is there, and takes it over: the exchange has
 * answered. Nothing is sent until something is put and flushed.
 */
void edge_sse_start(struct edge_sse *s, struct edge_exchange *ex, const struct edge_sse_ops *ops);

/* It goes on: neither over nor closing. */
bool edge_sse_is_open(const struct edge_sse *s);

/*
 * Puts an event: its name, its data, which is one line, and its id; empty ones are left out. False,
 * and the client is cut off, when too much waits. Nothing is put unless it is open. To be followed
 * by edge_sse_flush().
 */
bool edge_sse_put(struct edge_sse *s, str event, str data, str id);
/* The same with a comment, or a field that is no event's, as whole lines. */
bool edge_sse_put_lines(struct edge_sse *s, str lines);

/* Sends what waits, unless the client is still busy with what came before. */
void edge_sse_flush(struct edge_sse *s);

/* How many bytes wait behind those that are being sent. */
size_t edge_sse_waiting(const struct edge_sse *s);

/* Ends it when what was put has been sent. */
void edge_sse_close(struct edge_sse *s);

/* Ends it now: the connection is cut. on_end() comes later. */
void edge_sse_cut(struct edge_sse *s);

/* Looks for clients of HTTP/1 that hung up, whom h2o does not see, and cuts them. */
void edge_sse_find_gone(struct edge *e);

#endif
