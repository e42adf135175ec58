#include "events/tls.h"

#include "events/url.h"
#include "rpc/transport.h"

#include <nng/supplemental/tls/tls.h>

/*
 * What is set here cannot be undone by a peer: nng speaks TLS 1.2 with it, requires the other's
 * certificate, and ends the connection before any message if that is not good.
 */
static status fill(nng_tls_config *config, const struct rpc_tls *tls)
{
	if (nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED) != 0)
		return status_error(CODE_INTERNAL, "this nng cannot check certificates");
	if (nng_tls_config_ca_chain(config, tls->ca, NULL) != 0)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "the authority's certificate for RPC cannot be read");
	if (nng_tls_config_own_cert(config, tls->cert, tls->key, NULL) != 0)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "the certificate for RPC or its key cannot be read");
	return STATUS_OK;
}

static status new_config(const struct rpc_tls *tls, nng_tls_mode mode, nng_tls_config **out_config)
{
	nng_tls_config *config;
	status          st;

	if (tls == NULL)
		return status_error(CODE_INVALID_ARGUMENT,
		                    "tls+tcp needs certificates, and none are configured");
	if (nng_tls_config_alloc(&config, mode) != 0)
		return status_error(CODE_UNAVAILABLE, "this nng has no TLS");
	st = fill(config, tls);
	if (st.code != CODE_OK) {
		nng_tls_config_free(config);
		return st;
	}
	*out_config = config;
	return STATUS_OK;
}

status events_tls_listen(nng_listener l, const struct rpc_tls *tls)
{
	nng_tls_config *config;
	int             error;

	TRY(new_config(tls, NNG_TLS_MODE_SERVER, &config));
	error = nng_listener_set_ptr(l, NNG_OPT_TLS_CONFIG, config);
	nng_tls_config_free(config);
	return events_url_status(error);
}

/*
 * nng would go on without a name if Mbed TLS refused it, and then believe any host that the
 * authority knows. Mbed TLS refuses only names over 255 bytes, and no URL here is as long.
 */
static int set_host(nng_tls_config *config, const char *url)
{
	nng_url *parsed;
	int      error = nng_url_parse(&parsed, url);

	if (error == 0) {
		error = *parsed->u_hostname ? nng_tls_config_server_name(config, parsed->u_hostname)
		                            : NNG_EADDRINVAL;
		nng_url_free(parsed);
	}
	return error;
}

status events_tls_dial(nng_dialer d, const char *url, const struct rpc_tls *tls)
{
	nng_tls_config *config;
	int             error;

	TRY(new_config(tls, NNG_TLS_MODE_CLIENT, &config));
	error = set_host(config, url);
	if (error == 0)
		error = nng_dialer_set_ptr(d, NNG_OPT_TLS_CONFIG, config);
	nng_tls_config_free(config);
	return events_url_status(error);
}
