#include "rpc/transport.h"

#include "rpc/inproc.h"
#include "rpc/rep_port.h"
#include "rpc/sp.h"
#include "rpc/sp_address.h"

struct scheme {
	str prefix;
	enum { INPROC, SP, REP } carrier; /* REP: for clients that are not ours */
	enum rpc_sp_net net;              /* not of INPROC */
};

static const struct scheme schemes[] = {
        {STR("inproc://"), INPROC, 0},
        {STR("ipc://"), SP, RPC_SP_IPC},
        {STR("tcp://"), SP, RPC_SP_LOOPBACK},
        {STR("tls+tcp://"), SP, RPC_SP_TLS},
        {STR("insecure+tcp://"), SP, RPC_SP_CLEAR},
        {STR("rep+ipc://"), REP, RPC_SP_IPC},
        {STR("rep+tcp://"), REP, RPC_SP_LOOPBACK},
        {STR("rep+insecure+tcp://"), REP, RPC_SP_CLEAR},
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
	const struct scheme  *scheme;
	struct rpc_sp_address at;
	str                   rest;

	TRY(find(url, &scheme, &rest));
	if (scheme->carrier == INPROC)
		return rpc_inproc_listen(l, rest, events, out_port);
	TRY(rpc_sp_address_read(scheme->net, rest, &at));
	if (scheme->carrier == REP)
		return rpc_rep_listen(l, &at, events, out_port);
	return rpc_sp_listen(l, &at, tls, events, out_port);
}

status rpc_transport_link(struct loop *l, str url, const struct rpc_tls *tls,
                          const struct rpc_link_events *events, struct rpc_link **out_link)
{
	const struct scheme  *scheme;
	struct rpc_sp_address to;
	str                   rest;

	TRY(find(url, &scheme, &rest));
	if (scheme->carrier == INPROC)
		return rpc_inproc_link(l, rest, events, out_link);
	if (scheme->carrier == REP)
		return status_error(CODE_INVALID_ARGUMENT, "an address for other clients");
	TRY(rpc_sp_address_read(scheme->net, rest, &to));
	return rpc_sp_link(l, &to, tls, events, out_link);
}
