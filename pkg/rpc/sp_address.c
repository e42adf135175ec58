#include "rpc/sp_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

enum { MAX_PORT = 65535 };

static status no_address(void)
{
	return status_error(CODE_INVALID_ARGUMENT, "not an address of a known transport");
}

/* ---- host and port ---- */

/* The host, without brackets, and the port. */
static bool split(str text, str *out_host, str *out_port)
{
	size_t at = text.len;

	while (at > 0 && text.ptr[at - 1] != ':')
		at--;
	if (at == 0)
		return false;
	*out_port = str_from(text, at);
	text.len = at - 1;
	if (text.len >= 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = (str){text.ptr + 1, text.len - 2};
	*out_host = text;
	return true;
}

static bool is_port(str s)
{
	unsigned n = 0;

	if (s.len == 0 || s.len >= RPC_SP_MAX_PORT)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.ptr[i] - '0');
	}
	return n > 0 && n <= MAX_PORT;
}

static void copy(char *to, str s)
{
	memcpy(to, s.ptr, s.len);
	to[s.len] = '\0';
}

static status read_host_and_port(str text, struct rpc_sp_address *a)
{
	str host, port;

	if (!split(text, &host, &port) || host.len == 0 || host.len >= RPC_SP_MAX_HOST ||
	    memchr(host.ptr, '\0', host.len) || !is_port(port))
		return no_address();
	copy(a->host, host);
	copy(a->port, port);
	return STATUS_OK;
}

static status read_path(str text, struct rpc_sp_address *a)
{
	if (text.len == 0 || memchr(text.ptr, '\0', text.len))
		return no_address();
	if (text.len >= sizeof((struct sockaddr_un *)0)->sun_path)
		return status_error(CODE_INVALID_ARGUMENT, "the address is too long");
	copy(a->host, text);
	return STATUS_OK;
}

/* ---- loopback ---- */

static bool is_loopback(str host)
{
	char            text[INET6_ADDRSTRLEN];
	struct in_addr  v4;
	struct in6_addr v6;

	if (str_eq(host, STR("localhost")))
		return true;
	if (host.len >= sizeof text)
		return false;
	copy(text, host);
	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

status rpc_sp_check_loopback(str host_and_port)
{
	str host, port;

	if (split(host_and_port, &host, &port) && is_loopback(host))
		return STATUS_OK;
	return status_error(CODE_INVALID_ARGUMENT,
	                    "tcp without TLS is for loopback addresses only");
}

/* ---- all of it ---- */

status rpc_sp_address_read(enum rpc_sp_net net, str text, struct rpc_sp_address *out)
{
	struct rpc_sp_address a = {.net = net};

	if (net == RPC_SP_LOOPBACK)
		TRY(rpc_sp_check_loopback(text));
	TRY(net == RPC_SP_IPC ? read_path(text, &a) : read_host_and_port(text, &a));
	*out = a;
	return STATUS_OK;
}

static uint16_t port_of(const struct rpc_sp_address *a)
{
	unsigned n = 0;

	for (const char *p = a->port; *p; p++)
		n = n * 10 + (unsigned)(*p - '0');
	return htons((uint16_t)n);
}

bool rpc_sp_address_is_numeric(const struct rpc_sp_address *a, struct rpc_sp_sockaddr *out)
{
	struct sockaddr_un  path = {.sun_family = AF_UNIX};
	struct sockaddr_in  v4 = {.sin_family = AF_INET, .sin_port = port_of(a)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = port_of(a)};

	*out = (struct rpc_sp_sockaddr){0};
	if (a->net == RPC_SP_IPC) {
		memcpy(path.sun_path, a->host, sizeof path.sun_path - 1);
		memcpy(&out->at, &path, out->len = sizeof path);
	} else if (inet_pton(AF_INET, a->host, &v4.sin_addr) == 1) {
		memcpy(&out->at, &v4, out->len = sizeof v4);
	} else if (inet_pton(AF_INET6, a->host, &v6.sin6_addr) == 1) {
		memcpy(&out->at, &v6, out->len = sizeof v6);
	}
	return out->len > 0;
}
