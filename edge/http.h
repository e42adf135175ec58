/*
 * edge/http.h - an h2o server on one loop, with the worker's own loop inside it.
 *
 * Threads:  one; everything on it.
 */
#ifndef EDGE_HTTP_H
#define EDGE_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include <h2o.h>

#include "base/list.h"
#include "base/status.h"
#include "loop/loop.h"

struct edge_http_config {
	const char *host;
	uint16_t    port;
	uint32_t    idle_timeout_ms; /* to receive a request; between requests */
	uint32_t    max_connections;
	size_t      max_body;                     /* what h2o reads before it refuses by itself */
	const char *tls_cert_file, *tls_key_file; /* "": no TLS */
	bool        has_http2;
	bool        shares_port; /* with other loops of this process */
	/* A whole request came. Answers now or later. */
	void (*on_request)(void *arg, h2o_req_t *req);
	void *arg;
};

struct edge_http {
	struct edge_http_config cfg;
	h2o_globalconf_t        config;
	h2o_context_t           context;
	h2o_accept_ctx_t        accept;
	h2o_evloop_t           *evloop;
	h2o_socket_t           *listener, *inner; /* inner: the worker's loop */
	struct loop            *loop;
	struct loop_timer       accept_timer; /* set: accepting pauses until then */
	struct list             sockets;      /* of the connections open */
	unsigned                connections;
	uint16_t                port; /* that it listens on */
	bool                    is_open;
};

/* Listens, in the caller's storage. UNAVAILABLE when the address cannot be had. */
must_check status edge_http_init(struct edge_http *h, const struct edge_http_config *cfg,
                                 struct loop *loop);

/* Runs both loops for at most max_wait_ms. */
void edge_http_turn(struct edge_http *h, int max_wait_ms);

/* Takes what waits to be accepted, then listens no more; connections end with their next answer. */
void edge_http_drain(struct edge_http *h);

/* Frees; connections still open are cut. A zeroed one is fine. */
void edge_http_fini(struct edge_http *h);

#endif
