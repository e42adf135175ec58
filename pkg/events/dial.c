#include "events/dial.h"

#include "events/tls.h"

#include <stdio.h>

enum { REDIAL_MIN_MS = 50, REDIAL_MAX_MS = 200 };

static status start_dialer(struct events_dial *d)
{
	TRY(events_url_status(nng_dialer_create(&d->dialer, d->nng, d->url)));
	if (events_url_is_network(d->url))
		TRY(events_url_status(nng_dialer_set_bool(d->dialer, NNG_OPT_TCP_KEEPALIVE, true)));
	if (events_url_is_tls(d->url))
		TRY(events_tls_dial(d->dialer, d->url, d->tls));
	return events_url_status(nng_dialer_start(d->dialer, NNG_FLAG_NONBLOCK));
}

void events_dial_init(struct events_dial *d, const char *url, const struct rpc_tls *tls)
{
	*d = (struct events_dial){.tls = tls};
	snprintf(d->url, sizeof d->url, "%s", url);
}

status events_dial_start(struct events_dial *d, nng_socket nng)
{
	d->nng = nng;
	TRY(events_url_status(nng_socket_set_ms(nng, NNG_OPT_RECONNMINT, REDIAL_MIN_MS)));
	TRY(events_url_status(nng_socket_set_ms(nng, NNG_OPT_RECONNMAXT, REDIAL_MAX_MS)));
	return start_dialer(d);
}

void events_dial_again(struct events_dial *d)
{
	nng_dialer_close(d->dialer);
	/* It went well before; without memory now, the next time may do. */
	(void)!start_dialer(d).code;
}
