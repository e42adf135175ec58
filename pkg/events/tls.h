/*
 * events/tls.h - TLS for nng's connections: both ends show a certificate, and check the other's.
 */
#ifndef EVENTS_TLS_H
#define EVENTS_TLS_H

#include <nng/nng.h>

#include "base/status.h"

struct rpc_tls; /* rpc/transport.h */

/* Lets a listener take only clients with a certificate of the authority. */
must_check status events_tls_listen(nng_listener l, const struct rpc_tls *tls);

/* Lets a dialer take only the server whose certificate is for the host in the URL. */
must_check status events_tls_dial(nng_dialer d, const char *url, const struct rpc_tls *tls);

#endif
