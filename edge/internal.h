/*
 * edge/internal.h - the context of one edge loop: what its files share.
 */
#ifndef EDGE_INTERNAL_H
#define EDGE_INTERNAL_H

#include "auth/token.h"
#include "base/list.h"
#include "edge/chat.h"
#include "edge/edge.h"
#include "edge/exchange.h"
#include "edge/http.h"
#include "edge/presence.h"
#include "edge/request_id.h"
#include "edge/session_asks.h"
#include "edge/sessions.h"
#include "edge/socket.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "rpc/client.h"
#include "rpc/service.h"

enum { EDGE_MAX_SERVICES = 8, EDGE_MAX_BODY = 1024 * 1024, EDGE_READ_BODY = 4 * 1024 * 1024 };

struct edge_route {
	const char   *name; /* "GET /users/me": for metrics */
	enum rpc_auth auth;
	uint32_t      max_body;
	/* Answers the exchange; its route and match are set, the caller is known. */
	status (*handle)(struct edge_exchange *ex);
	const struct edge_page *page; /* of a page's route */
	/* Of a transcoded route: */
	const struct rpc_method *method;
	const struct rpc_route  *binding;
	struct rpc_client       *client;
	/* Counters by status, looked up on first use. */
	struct metrics_counter   *counters[500];
	struct metrics_histogram *duration;
};

struct edge {
	const struct edge_host   *host;
	const struct edge_config *cfg;
	struct edge_http          http;
	struct loop              *loop;
	struct fiber_scheduler   *fibers;
	struct arena              arena; /* routes, as long as the edge */
	struct httprule_router   *router;
	struct token_cache       *tokens;
	struct edge_request_ids   request_ids;
	struct rpc_client        *clients[EDGE_MAX_SERVICES]; /* in the order of host->services */
	struct edge_presence      presence;
	struct edge_session_asks  asks;
	struct edge_chat          chat;
	struct edge_socket_stats  sockets;
	struct list               feeds;     /* edge/feed.c */
	struct edge_streams      *streams;   /* edge/streams.c */
	struct list               responses; /* of server-sent events; edge/sse.c */
	struct metrics_counter   *slow_readers;
	struct list               exchanges, kept;
	unsigned                  n_exchanges;
	unsigned                  n_anchors; /* requests whose answer is not sent to the end yet */
	struct edge_route        *unrouted;  /* what matched no route: for metrics */
	struct loop_timer         peek_timer;
	struct metrics_gauge     *in_flight, *connections;
	int64_t                   counted_connections; /* what of the gauge is this loop's */
	int64_t                   draining_since_ns;   /* 0: not draining */
	bool                      is_cut_off; /* slow readers are not waited for any more */
};

/* Copies what the exchange needs of the head, since the client may leave: id, trace, address,
 * agent. */
void edge_read_head(struct edge_exchange *ex);

/* Routes, authenticates, decodes and answers one exchange. In its fiber. */
void edge_handle(struct edge_exchange *ex);

/* Fills the router from the services' tables and the edge's own routes. */
must_check status edge_routes_add(struct edge *e);

/* The client of a service by its short name. */
struct rpc_client *edge_client(struct edge *e, const char *service);

/* ---- what answers ---- */

must_check status edge_forward(struct edge_exchange *ex);
/*
 * Refuses a request for its body. Without a token, where one is needed, for that: a method that
 * conceals lets strangers come as far as this.
 */
void              edge_refuse_body(struct edge_exchange *ex, status st, int http_status);
must_check status edge_fullinfo(struct edge_exchange *ex);
must_check status edge_events(struct edge_exchange *ex);
must_check status edge_health(struct edge_exchange *ex);
must_check status edge_ready(struct edge_exchange *ex);

/* ---- steps ---- */

/* Finds out who calls: fills call.who and call.sealed, or UNAUTHENTICATED, PERMISSION_DENIED. */
must_check status edge_authenticate(struct edge_exchange *ex, enum rpc_auth auth);
/*
 * The same by a token that came in another way than its header, which browsers cannot set on
 * streams and sockets: on top of edge_authenticate(), which found nobody.
 */
must_check status edge_authenticate_token(struct edge_exchange *ex, str token);

/*
 * The same for what goes on when the request is over: who a token names, as it stands now, sealed
 * afresh. Roles of the token are borrowed as long as the call. PERMISSION_DENIED when the session
 * has ended, UNAVAILABLE when that cannot be known.
 */
must_check status edge_identify(struct edge *e, const struct identity *token, int64_t expire_time,
                                struct rpc_call *call);

/* The value of a query parameter, decoded, in the arena. False: it has none, or is malformed. */
bool edge_query_find(struct edge_exchange *ex, str name, str *out_value);

/* Sets the fields that query parameters name; unknown ones are ignored. INVALID_ARGUMENT. */
must_check status edge_query_decode(struct edge_exchange *ex, const struct pb_message *schema,
                                    ProtobufCMessage *request);

/* CORS: the request's origin may read the answer. */
bool edge_cors_is_allowed(str origins, str origin);
/* The origin is where the request went to, by its Host; of the scheme a proxy may know better. */
bool edge_cors_is_same(str origin, str host);
/* Answers OPTIONS. */
void edge_cors_preflight(struct edge_exchange *ex);

#endif
