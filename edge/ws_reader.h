/*
 * edge/ws_reader.h - what comes from a WebSocket client: bytes in, messages out (wslay).
 *
 * Checks what RFC 6455 wants of a client: masks, reserved bits, UTF-8, lengths, fragments. Pings
 * are answered, a close is answered with a close, and a fault with a close that says what it is;
 * nothing is read after that.
 *
 * Threads:  one loop's.
 */
#ifndef EDGE_WS_READER_H
#define EDGE_WS_READER_H

#include <stdbool.h>

#include <wslay/wslay.h>

#include "base/buf.h"
#include "base/str.h"

enum { EDGE_WS_MAX_MESSAGE = 16 * 1024, EDGE_WS_MAX_FRAGMENTS = 64, EDGE_WS_MAX_FEED = 4096 };

struct edge_ws_reader_ops {
	/* A whole message; borrowed. */
	void (*on_message)(void *arg, str message, bool is_text);
	/* Frames to be sent; nothing follows a close. Borrowed. */
	void (*on_reply)(void *arg, str frames, bool is_close);
};

struct edge_ws_reader {
	const struct edge_ws_reader_ops *ops;
	void                            *arg;
	wslay_event_context_ptr          ctx;
	str                              input; /* during edge_ws_reader_feed() */
	struct buf                       reply; /* the same */
	unsigned                         n_fragments;
	uint16_t                         fault;  /* of the client, that wslay lets pass; 0: none */
	const char                      *reason; /* what that is */
	bool                             is_over;
};

/* The reader is borrowed where it lies until edge_ws_reader_fini(). */
void edge_ws_reader_init(struct edge_ws_reader *r, const struct edge_ws_reader_ops *ops, void *arg);

/* A zeroed one is fine. */
void edge_ws_reader_fini(struct edge_ws_reader *r);

/*
 * Takes bytes, at most EDGE_WS_MAX_FEED: what they make the reader hold is bounded by that. When it
 * is over, none. Callbacks must neither feed nor end it.
 */
void edge_ws_reader_feed(struct edge_ws_reader *r, str input);

/* The client has sent its close. */
bool edge_ws_reader_has_close(const struct edge_ws_reader *r);

/* The client has sent its close, or was at fault: nothing is read any more. */
bool edge_ws_reader_is_over(const struct edge_ws_reader *r);

#endif
