#include "events/url.h"

#include "rpc/nng.h"
#include "rpc/nng_socket.h"

#include <stdio.h>

static status write_url(char out[EVENTS_MAX_URL], const char *scheme, str rest)
{
	if (rest.len + 16 > EVENTS_MAX_URL)
		return status_error(CODE_INVALID_ARGUMENT, "the address is too long");
	snprintf(out, EVENTS_MAX_URL, "%s%.*s", scheme, STR_ARG(rest));
	return STATUS_OK;
}

/* What follows the scheme; false when it is another one, or nothing follows. */
static bool has_scheme(str url, str scheme, str *out_rest)
{
	if (!str_starts(url, scheme) || url.len == scheme.len)
		return false;
	*out_rest = str_from(url, scheme.len);
	return true;
}

status events_url(str url, bool is_public, char out_url[EVENTS_MAX_URL])
{
	str rest;

	if (has_scheme(url, STR("inproc://"), &rest))
		return write_url(out_url, "inproc://", rest);
	if (has_scheme(url, STR("ipc://"), &rest))
		return write_url(out_url, "ipc://", rest);
	if (has_scheme(url, STR("insecure+tcp://"), &rest))
		return write_url(out_url, "tcp://", rest);
	if (has_scheme(url, STR("tls+tcp://"), &rest))
		return write_url(out_url, "tls+tcp://", rest);
	if (!has_scheme(url, STR("tcp://"), &rest))
		return status_error(CODE_INVALID_ARGUMENT, "not an address of a known transport");
	if (!is_public)
		TRY(rpc_nng_check_loopback(rest));
	return write_url(out_url, "tcp://", rest);
}

status events_url_status(int nng_error)
{
	return rpc_nng_status(nng_error);
}
