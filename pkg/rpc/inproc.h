/*
 * rpc/inproc.h - the transport inside one process: frames pass through memory.
 *
 * A link to a name nobody listens on is down, and comes up when somebody does.
 */
#ifndef RPC_INPROC_H
#define RPC_INPROC_H

#include "rpc/transport.h"

/* See rpc_transport_listen(), rpc_transport_link(). The name is what follows "inproc://". */
must_check status rpc_inproc_listen(struct loop *l, str name, const struct rpc_port_events *events,
                                    struct rpc_port **out_port);
must_check status rpc_inproc_link(struct loop *l, str name, const struct rpc_link_events *events,
                                  struct rpc_link **out_link);

#endif
