/*
 * events/dial.h - how a subscriber reaches a publisher: a dialer of nng's, and another when it
 * fails.
 */
#ifndef EVENTS_DIAL_H
#define EVENTS_DIAL_H

#include <nng/nng.h>

#include "base/status.h"
#include "events/url.h"

struct rpc_tls; /* rpc/transport.h */

struct events_dial {
	nng_socket            nng;
	nng_dialer            dialer;
	const struct rpc_tls *tls;
	char                  url[EVENTS_MAX_URL];
};

/* Where to; tls is for tls+tcp, and borrowed. */
void events_dial_init(struct events_dial *d, const char *url, const struct rpc_tls *tls);

/* Dials in the background until the socket is closed. */
must_check status events_dial_start(struct events_dial *d, nng_socket nng);

/*
 * Dials anew. nng 1.5 gives up for ever on a connection over TLS whose other end falls silent, or
 * ends, at the wrong moment while they negotiate.
 */
void events_dial_again(struct events_dial *d);

#endif
