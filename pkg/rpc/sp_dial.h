/*
 * rpc/sp_dial.h - how a link comes by its connection: one try after the other, until one is open.
 */
#ifndef RPC_SP_DIAL_H
#define RPC_SP_DIAL_H

#include "loop/loop.h"
#include "rpc/sp_conn.h"
#include "rpc/sp_resolve.h"

struct rpc_sp_tls; /* rpc/sp_tls.h */

struct rpc_sp_dial {
	struct loop          *loop;
	struct rpc_sp_address to;
	struct rpc_sp_tls    *tls; /* NULL: in the clear. Borrowed */
	/* The other end greeted: d->conn is the callee's now, with what it has read. */
	void (*on_open)(struct rpc_sp_dial *d);
	struct rpc_sp_conn     conn;
	int                    fd; /* of a connection on its way; -1: none */
	bool                   is_connected;
	struct loop_watch      watch;
	struct loop_timer      timer; /* the next try; or the end of this one's time */
	struct rpc_sp_resolve *resolve;
	struct rpc_sp_sockaddr found[RPC_SP_MAX_FOUND];
	unsigned               n_found, n_tried;
	unsigned               pause_ms;
	uint32_t               random;
};

/* Prepares; nothing is tried yet. */
void rpc_sp_dial_init(struct rpc_sp_dial *d, struct loop *l, const struct rpc_sp_address *to,
                      struct rpc_sp_tls *tls, void (*on_open)(struct rpc_sp_dial *d));

/* Tries until it is open, the first time at once. Never calls on_open from within. */
void rpc_sp_dial_start(struct rpc_sp_dial *d);
/* The same after a connection was lost: after a short while. */
void rpc_sp_dial_again(struct rpc_sp_dial *d);

/* Stops trying. */
void rpc_sp_dial_stop(struct rpc_sp_dial *d);

#endif
