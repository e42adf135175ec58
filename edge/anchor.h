/*
 * edge/anchor.h - what ties an exchange to an h2o request, from the request's side.
 */
#ifndef EDGE_ANCHOR_H
#define EDGE_ANCHOR_H

#include "edge/exchange.h"
#include "loop/loop.h"

/* In the request's pool. */
struct edge_anchor {
	struct edge_exchange *exchange; /* NULL: it has answered */
	struct edge          *edge;
	h2o_conn_t           *conn;
	struct loop_timer     send_timer;
	void (*on_gone)(void *arg); /* NULL: nobody took it over */
	void *arg;
};

/* Ties the exchange to its request. */
struct edge_anchor *edge_anchor_new(struct edge_exchange *ex);

/* The exchange answers: from now on a client that does not read within timeout_ms is cut off. */
void edge_anchor_answer(struct edge_anchor *a, uint32_t timeout_ms);

/* The same for an answer without end: when the request dies on_gone() is called, and that is all.
 */
void edge_anchor_hand_over(struct edge_anchor *a, void (*on_gone)(void *arg), void *arg);

#endif
