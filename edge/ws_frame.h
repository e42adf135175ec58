/*
 * edge/ws_frame.h - a WebSocket frame to be sent (RFC 6455 5), built once and shared by those who
 * send it.
 *
 * Threads:  one loop's.
 * Memory:   counted; whoever holds one calls edge_ws_frame_unref().
 */
#ifndef EDGE_WS_FRAME_H
#define EDGE_WS_FRAME_H

#include <stdint.h>

#include "base/str.h"

/* RFC 6455 7.4.1, the IANA registry, and from 4000 on the product's own. */
enum edge_ws_code {
	EDGE_WS_NORMAL = 1000,
	EDGE_WS_GOING_AWAY = 1001,
	EDGE_WS_PROTOCOL_ERROR = 1002,
	EDGE_WS_POLICY = 1008,
	EDGE_WS_RESTART = 1012,
	EDGE_WS_TRY_LATER = 1013,
	EDGE_WS_SESSION_ENDED = 4401,
};

enum { EDGE_WS_MAX_REASON = 123 }; /* bytes; RFC 6455 5.5 */

struct edge_ws_frame {
	unsigned refs;
	uint32_t len;
	char     bytes[]; /* as they go over the wire: header and payload */
};

/* A text message of valid UTF-8 below 4 GiB. */
struct edge_ws_frame *edge_ws_frame_text(str text);

struct edge_ws_frame *edge_ws_frame_ping(void);

/* The reason is cut where it is too long; it had better be ASCII. */
struct edge_ws_frame *edge_ws_frame_close(uint16_t code, str reason);

/* What already has the form of frames. */
struct edge_ws_frame *edge_ws_frame_raw(str bytes);

struct edge_ws_frame *edge_ws_frame_ref(struct edge_ws_frame *f);
void                  edge_ws_frame_unref(struct edge_ws_frame *f);

#endif
