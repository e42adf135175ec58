/*
 * rpc/nng.h - the transport between processes: gathered frames (rpc/frame.h) over nng.
 *
 * A port is a raw REP socket, a link a raw REQ socket of its own for each replica. ipc sockets are
 * for the owner of the process only. Without TLS, tcp is for loopback addresses, numeric or
 * "localhost"; whoever takes the risk says "insecure+tcp://", and nobody between may be trusted
 * with identities then.
 */
#ifndef RPC_NNG_H
#define RPC_NNG_H

#include "rpc/transport.h"

/* By scheme; rest is what follows it: a path, or host:port. See rpc/transport.h. */
must_check status rpc_ipc_listen(struct loop *l, str rest, const struct rpc_tls *tls,
                                 const struct rpc_port_events *events, struct rpc_port **out_port);
must_check status rpc_ipc_link(struct loop *l, str rest, const struct rpc_tls *tls,
                               const struct rpc_link_events *events, struct rpc_link **out_link);
must_check status rpc_tcp_listen(struct loop *l, str rest, const struct rpc_tls *tls,
                                 const struct rpc_port_events *events, struct rpc_port **out_port);
must_check status rpc_tcp_link(struct loop *l, str rest, const struct rpc_tls *tls,
                               const struct rpc_link_events *events, struct rpc_link **out_link);
must_check status rpc_insecure_tcp_listen(struct loop *l, str rest, const struct rpc_tls *tls,
                                          const struct rpc_port_events *events,
                                          struct rpc_port             **out_port);
must_check status rpc_insecure_tcp_link(struct loop *l, str rest, const struct rpc_tls *tls,
                                        const struct rpc_link_events *events,
                                        struct rpc_link             **out_link);

must_check status rpc_tls_tcp_listen(struct loop *l, str rest, const struct rpc_tls *tls,
                                     const struct rpc_port_events *events,
                                     struct rpc_port             **out_port);
must_check status rpc_tls_tcp_link(struct loop *l, str rest, const struct rpc_tls *tls,
                                   const struct rpc_link_events *events,
                                   struct rpc_link             **out_link);

/* Host and port of a tcp address are on this machine. INVALID_ARGUMENT when they are not. */
must_check status rpc_nng_check_loopback(str host_and_port);

/* By nng's own URL; tls is NULL, but for tls+tcp. */
must_check status rpc_nng_listen(struct loop *l, const char *url, const struct rpc_tls *tls,
                                 const struct rpc_port_events *events, struct rpc_port **out_port);
must_check status rpc_nng_link(struct loop *l, const char *url, const struct rpc_tls *tls,
                               const struct rpc_link_events *events, struct rpc_link **out_link);

#endif
