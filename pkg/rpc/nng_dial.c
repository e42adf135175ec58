#include "rpc/nng_dial.h"

#include "rpc/nng_socket.h"
#include "rpc/nng_tls.h"

#include <stdio.h>

enum { REDIAL_MIN_MS = 50, REDIAL_MAX_MS = 200 };

static status start_dialer(struct rpc_nng_dial *d)
{
	TRY(rpc_nng_status(nng_dialer_create(&d->dialer, d->nng, d->url)));
	if (rpc_nng_is_network(d->url))
		TRY(rpc_nng_status(nng_dialer_set_bool(d->dialer, NNG_OPT_TCP_KEEPALIVE, true)));
	if (rpc_nng_is_tls(d->url))
		TRY(rpc_nng_tls_dial(d->dialer, d->url, d->tls));
	return rpc_nng_status(nng_dialer_start(d->dialer, NNG_FLAG_NONBLOCK));
}

void rpc_nng_dial_init(struct rpc_nng_dial *d, const char *url, const struct rpc_tls *tls)
{
	*d = (struct rpc_nng_dial){.tls = tls};
	snprintf(d->url, sizeof d->url, "%s", url);
}

status rpc_nng_dial_start(struct rpc_nng_dial *d, nng_socket nng)
{
	d->nng = nng;
	TRY(rpc_nng_status(nng_socket_set_ms(nng, NNG_OPT_RECONNMINT, REDIAL_MIN_MS)));
	TRY(rpc_nng_status(nng_socket_set_ms(nng, NNG_OPT_RECONNMAXT, REDIAL_MAX_MS)));
	return start_dialer(d);
}

void rpc_nng_dial_again(struct rpc_nng_dial *d)
{
	nng_dialer_close(d->dialer);
	/* It went well before; without memory now, the next time may do. */
	(void)!start_dialer(d).code;
}
