/*
 * rpc/rep_port.h - where other nng clients are served, in any language: a REP socket as they see
 * it, of which a message is one envelope, canaduck.rpc.v1.Request, and the answer one Reply.
 *
 * At most 16 calls are under way at once; more wait unread in their connections, in turn, and
 * nothing is dropped. Nobody of ours links to it.
 */
#ifndef RPC_REP_PORT_H
#define RPC_REP_PORT_H

#include "rpc/transport.h"

struct rpc_sp_address; /* rpc/sp_address.h */

/* Without TLS. */
must_check status rpc_rep_listen(struct loop *l, const struct rpc_sp_address *at,
                                 const struct rpc_port_events *events, struct rpc_port **out_port);

#endif
