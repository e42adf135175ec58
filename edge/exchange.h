/*
 * edge/exchange.h - one HTTP request and its answer, on a fiber.
 *
 * The exchange outlives the h2o request: a client may leave at any suspension. Then req is NULL,
 * the fiber is cancelled, and what is answered goes nowhere. Slices of the request (method, path,
 * body, headers) are h2o's: they hold until the first suspension only; what lasts is in the arena.
 */
#ifndef EDGE_EXCHANGE_H
#define EDGE_EXCHANGE_H

#include <h2o.h>

#include "base/list.h"
#include "httprule/httprule.h"
#include "rpc/call.h"

struct edge;
struct edge_anchor;
struct edge_route;
struct fiber;

struct edge_exchange {
	struct edge             *edge;
	h2o_req_t               *req; /* NULL: the client left, or was answered */
	struct edge_anchor      *anchor;
	struct fiber            *fiber;
	struct rpc_call          call; /* arena, identity, deadline, request id */
	const struct edge_route *route;
	struct httprule_match    match;
	str                      allow;             /* for 405 and OPTIONS */
	str                      path, query, body; /* until the first suspension */
	str         method, log_path; /* in the arena; the raw path without the query */
	str         origin;           /* in the arena; empty: no CORS headers */
	int64_t     started_ns;
	int64_t     token_expire_time; /* of the caller's token, seconds since 1970; 0: none */
	bool        has_left;          /* the client hung up, though h2o has not seen it */
	struct list link;              /* of the edge's exchanges under way */
};

/* Takes a request over from h2o and runs edge_handle() on a fiber. */
void edge_exchange_start(struct edge *e, h2o_req_t *req);

/* The value of a request header (lower-case name); empty when absent. Until the first suspension.
 */
str edge_exchange_header(const struct edge_exchange *ex, const char *name);

/*
 * The values of a request header that may stand several times, as one list with commas (RFC 9110
 * 5.3: a proxy may add a line of its own). In the arena; until the first suspension.
 */
str edge_exchange_header_list(struct edge_exchange *ex, const char *name);

/* Cancels exchanges whose client hung up unseen (HTTP/1): those under way for 250 ms. */
void edge_exchange_find_gone(struct edge *e);

/* Frees the exchanges kept for reuse. */
void edge_exchange_free_kept(struct edge *e);

#endif
