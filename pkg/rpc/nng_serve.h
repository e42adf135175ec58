/*
 * rpc/nng_serve.h - how a port over nng takes connections.
 */
#ifndef RPC_NNG_SERVE_H
#define RPC_NNG_SERVE_H

#include "base/status.h"

struct rpc_nng_socket; /* rpc/nng_socket.h */
struct rpc_tls;        /* rpc/transport.h */

/*
 * Listens at nng's URL; tls is for tls+tcp. A connection begins with CONNECTED and ends with
 * DISCONNECTED among the socket's events. ipc sockets are for the owner of the process only. On
 * failure the socket is still the caller's to close.
 */
must_check status rpc_nng_serve(struct rpc_nng_socket *s, const char *url,
                                const struct rpc_tls *tls);

/* Hangs up on whoever connects from now on. */
void rpc_nng_shut(struct rpc_nng_socket *s);

#endif
