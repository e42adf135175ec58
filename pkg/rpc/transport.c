#include "rpc/transport.h"

#include "rpc/inproc.h"
#include "rpc/nng.h"
#include "rpc/sp_port.h"

struct scheme {
	str prefix;
	status (*listen)(struct loop *l, str rest, const struct rpc_tls *tls,
	                 const struct rpc_port_events *events, struct rpc_port **out_port);
	status (*link)(struct loop *l, str rest, const struct rpc_tls *tls,
	               const struct rpc_link_events *events,
	               struct rpc_link **out_link); /* NULL: for clients that are not ours */
};

static const struct scheme schemes[] = {
        {STR("inproc://"), rpc_inproc_listen, rpc_inproc_link},
        {STR("ipc://"), rpc_ipc_listen, rpc_ipc_link},
        {STR("tcp://"), rpc_tcp_listen, rpc_tcp_link},
        {STR("tls+tcp://"), rpc_tls_tcp_listen, rpc_tls_tcp_link},
        {STR("insecure+tcp://"), rpc_insecure_tcp_listen, rpc_insecure_tcp_link},
        {STR("rep+ipc://"), rpc_sp_ipc_listen, NULL},
        {STR("rep+tcp://"), rpc_sp_tcp_listen, NULL},
        {STR("rep+insecure+tcp://"), rpc_sp_insecure_tcp_listen, NULL},
};

static status find(str url, const struct scheme **out_scheme, str *out_rest)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		if (str_starts(url, schemes[i].prefix) && url.len > schemes[i].prefix.len) {
			*out_scheme = &schemes[i];
			*out_rest = str_from(url, schemes[i].prefix.len);
			return STATUS_OK;
		}
	}
	return status_error(CODE_INVALID_ARGUMENT, "not an address of a known transport");
}

status rpc_transport_listen(struct loop *l, str url, const struct rpc_tls *tls,
                            const struct rpc_port_events *events, struct rpc_port **out_port)
{
	const struct scheme *scheme;
	str                  rest;

	TRY(find(url, &scheme, &rest));
	return scheme->listen(l, rest, tls, events, out_port);
}

status rpc_transport_link(struct loop *l, str url, const struct rpc_tls *tls,
                          const struct rpc_link_events *events, struct rpc_link **out_link)
{
	const struct scheme *scheme;
	str                  rest;

	TRY(find(url, &scheme, &rest));
	if (scheme->link == NULL)
		return status_error(CODE_INVALID_ARGUMENT, "an address for other clients");
	return scheme->link(l, rest, tls, events, out_link);
}
