#include "rpc/nng.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { MAX_URL = 256 };

static status write_url(char out[MAX_URL], const char *scheme, str rest)
{
	const int n = snprintf(out, MAX_URL, "%s%.*s", scheme, (int)rest.len, rest.ptr);

	if (rest.len >= MAX_URL || n >= MAX_URL || strlen(out) != (size_t)n)
		return status_error(CODE_INVALID_ARGUMENT, "the address is too long");
	return STATUS_OK;
}

/* The host of host:port, without brackets. */
static str host_of(str rest)
{
	size_t at = rest.len;

	while (at > 0 && rest.ptr[at - 1] != ':')
		at--;
	rest.len = at > 0 ? at - 1 : rest.len;
	if (rest.len >= 2 && rest.ptr[0] == '[' && rest.ptr[rest.len - 1] == ']')
		rest = (str){rest.ptr + 1, rest.len - 2};
	return rest;
}

static bool is_loopback(str host)
{
	char            text[INET6_ADDRSTRLEN];
	struct in_addr  v4;
	struct in6_addr v6;

	if (str_eq(host, STR("localhost")))
		return true;
	if (host.len >= sizeof text)
		return false;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

status rpc_nng_check_loopback(str rest)
{
	if (is_loopback(host_of(rest)))
		return STATUS_OK;
	return status_error(CODE_INVALID_ARGUMENT,
	                    "tcp without TLS is for loopback addresses only");
}

status rpc_ipc_listen(struct loop *l, str rest, const struct rpc_tls *tls __attribute__((unused)),
                      const struct rpc_port_events *events, struct rpc_port **out_port)
{
	char url[MAX_URL];

	TRY(write_url(url, "ipc://", rest));
	return rpc_nng_listen(l, url, NULL, events, out_port);
}

status rpc_ipc_link(struct loop *l, str rest, const struct rpc_tls *tls __attribute__((unused)),
                    const struct rpc_link_events *events, struct rpc_link **out_link)
{
	char url[MAX_URL];

	TRY(write_url(url, "ipc://", rest));
	return rpc_nng_link(l, url, NULL, events, out_link);
}

status rpc_insecure_tcp_listen(struct loop *l, str rest,
                               const struct rpc_tls         *tls __attribute__((unused)),
                               const struct rpc_port_events *events, struct rpc_port **out_port)
{
	char url[MAX_URL];

	TRY(write_url(url, "tcp://", rest));
	return rpc_nng_listen(l, url, NULL, events, out_port);
}

status rpc_insecure_tcp_link(struct loop *l, str rest,
                             const struct rpc_tls         *tls __attribute__((unused)),
                             const struct rpc_link_events *events, struct rpc_link **out_link)
{
	char url[MAX_URL];

	TRY(write_url(url, "tcp://", rest));
	return rpc_nng_link(l, url, NULL, events, out_link);
}

status rpc_tcp_listen(struct loop *l, str rest, const struct rpc_tls *tls,
                      const struct rpc_port_events *events, struct rpc_port **out_port)
{
	TRY(rpc_nng_check_loopback(rest));
	return rpc_insecure_tcp_listen(l, rest, tls, events, out_port);
}

status rpc_tcp_link(struct loop *l, str rest, const struct rpc_tls *tls,
                    const struct rpc_link_events *events, struct rpc_link **out_link)
{
	TRY(rpc_nng_check_loopback(rest));
	return rpc_insecure_tcp_link(l, rest, tls, events, out_link);
}

status rpc_tls_tcp_listen(struct loop *l, str rest, const struct rpc_tls *tls,
                          const struct rpc_port_events *events, struct rpc_port **out_port)
{
	char url[MAX_URL];

	TRY(write_url(url, "tls+tcp://", rest));
	return rpc_nng_listen(l, url, tls, events, out_port);
}

status rpc_tls_tcp_link(struct loop *l, str rest, const struct rpc_tls *tls,
                        const struct rpc_link_events *events, struct rpc_link **out_link)
{
	char url[MAX_URL];

	TRY(write_url(url, "tls+tcp://", rest));
	return rpc_nng_link(l, url, tls, events, out_link);
}
