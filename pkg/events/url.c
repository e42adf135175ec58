#include "events/url.h"

#include "rpc/sp_address.h"

#include <nng/nng.h>
#include <stdio.h>
#include <string.h>

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
		TRY(rpc_sp_check_loopback(rest));
	return write_url(out_url, "tcp://", rest);
}

bool events_url_is_network(const char *url)
{
	return strncmp(url, "tcp:", 4) == 0 || events_url_is_tls(url);
}

bool events_url_is_tls(const char *url)
{
	return strncmp(url, "tls+", 4) == 0;
}

status events_url_status(int nng_error)
{
	switch (nng_error) {
	case 0:
		return STATUS_OK;
	case NNG_EADDRINUSE:
		return status_error(CODE_ALREADY_EXISTS, "somebody listens there");
	case NNG_EADDRINVAL:
	case NNG_EINVAL:
	case NNG_ENOTSUP:
		return status_error(CODE_INVALID_ARGUMENT, "not an address of a known transport");
	case NNG_EPERM:
		return status_error(CODE_PERMISSION_DENIED, "may not listen there");
	default:
		return status_error(CODE_UNAVAILABLE, "cannot open this address");
	}
}
