/*
 * rpc/nng_dial.h - how a link reaches its replica: a dialer of nng's, and another when it fails.
 */
#ifndef RPC_NNG_DIAL_H
#define RPC_NNG_DIAL_H

#include <nng/nng.h>

#include "base/status.h"

struct rpc_tls; /* rpc/transport.h */

enum { RPC_NNG_MAX_URL = 256 };

struct rpc_nng_dial {
	nng_socket            nng;
	nng_dialer            dialer;
	const struct rpc_tls *tls;
	char                  url[RPC_NNG_MAX_URL];
};

/* Where to; tls is for tls+tcp, and borrowed. */
void rpc_nng_dial_init(struct rpc_nng_dial *d, const char *url, const struct rpc_tls *tls);

/* Dials in the background until the socket is closed. */
must_check status rpc_nng_dial_start(struct rpc_nng_dial *d, nng_socket nng);

/*
 * Dials anew. nng 1.5 gives up for ever on a connection over TLS whose other end falls silent, or
 * ends, at the wrong moment while they negotiate.
 */
void rpc_nng_dial_again(struct rpc_nng_dial *d);

#endif
