/*
 * rpc/sp_port.h - where other nng clients are served, in any language: a REP socket as they see it,
 * of which a message is one envelope, canaduck.rpc.v1.Request, and the answer one Reply.
 *
 * At most 16 calls are under way at once; more wait unread in their connections, in turn, and
 * nothing is dropped. Nobody of ours links to it.
 */
#ifndef RPC_SP_PORT_H
#define RPC_SP_PORT_H

#include "rpc/transport.h"

/* At a path; for the owner of the process only. */
must_check status rpc_sp_ipc_listen(struct loop *l, str path, const struct rpc_tls *tls,
                                    const struct rpc_port_events *events,
                                    struct rpc_port             **out_port);

/* At host:port, in the clear. */
must_check status rpc_sp_insecure_tcp_listen(struct loop *l, str host_port,
                                             const struct rpc_tls         *tls,
                                             const struct rpc_port_events *events,
                                             struct rpc_port             **out_port);

/* The same, on loopback addresses only. */
must_check status rpc_sp_tcp_listen(struct loop *l, str host_port, const struct rpc_tls *tls,
                                    const struct rpc_port_events *events,
                                    struct rpc_port             **out_port);

#endif
