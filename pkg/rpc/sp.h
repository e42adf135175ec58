/*
 * rpc/sp.h - the transport between processes: gathered frames (rpc/frame.h) in messages of nng's SP
 * protocol, which this speaks itself.
 *
 * A port is a raw REP socket to those who speak nng, a link a raw REQ socket for one replica. ipc
 * sockets are for the owner of the process only. Without TLS, tcp is for loopback addresses,
 * numeric or "localhost"; whoever takes the risk says "insecure+tcp://", and nobody between may be
 * trusted with identities then.
 *
 * Threads:  the loop's; a name is resolved on a thread of its own (rpc/sp_resolve.h).
 */
#ifndef RPC_SP_H
#define RPC_SP_H

#include "rpc/transport.h"

struct rpc_sp_address; /* rpc/sp_address.h */

enum {
	/* Reply messages of one connection that may be unacknowledged. */
	RPC_SP_WINDOW = 4,
	/* A message is cut there; a larger frame travels alone. */
	RPC_SP_CUT_BYTES = 1024 * 1024,
	RPC_SP_CUT_FRAMES = 1024,
	/* What is taken from other releases. */
	RPC_SP_MAX_BODY = 2 * RPC_MAX_FRAME
};

/* tls is for tls+tcp, which is INVALID_ARGUMENT without. */
must_check status rpc_sp_listen(struct loop *l, const struct rpc_sp_address *at,
                                const struct rpc_tls *tls, const struct rpc_port_events *events,
                                struct rpc_port **out_port);
must_check status rpc_sp_link(struct loop *l, const struct rpc_sp_address *to,
                              const struct rpc_tls *tls, const struct rpc_link_events *events,
                              struct rpc_link **out_link);

#endif
