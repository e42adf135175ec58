/*
 * events/url.h - addresses of events as they are configured, for nng.
 *
 *   inproc://name              within this process
 *   ipc:///path                on this machine
 *   tcp://127.0.0.1:port       loopback addresses only, unless it is for the public
 *   tls+tcp://host:port        TLS, with certificates at both ends (rpc/transport.h)
 *   insecure+tcp://host:port   in the clear: only where the network is trusted
 */
#ifndef EVENTS_URL_H
#define EVENTS_URL_H

#include <stdbool.h>

#include "base/status.h"
#include "base/str.h"

enum { EVENTS_MAX_URL = 256 };

/* Writes nng's form. INVALID_ARGUMENT for an address of no known transport, or a forbidden one. */
must_check status events_url(str url, bool is_public, char out_url[EVENTS_MAX_URL]);

/* What nng's form leads to: another machine, perhaps; and by TLS. */
bool events_url_is_network(const char *url);
bool events_url_is_tls(const char *url);

/* What nng's failure to open an address means. */
must_check status events_url_status(int nng_error);

#endif
