/*
 * rpc/sp_address.h - where SP connections lead: a path, or a host and a port.
 */
#ifndef RPC_SP_ADDRESS_H
#define RPC_SP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/status.h"
#include "base/str.h"

enum rpc_sp_net {
	RPC_SP_IPC,
	RPC_SP_LOOPBACK, /* tcp on this machine */
	RPC_SP_CLEAR,    /* tcp */
	RPC_SP_TLS
};

enum { RPC_SP_MAX_HOST = 256, RPC_SP_MAX_PORT = 6 };

struct rpc_sp_address {
	enum rpc_sp_net net;
	char            host[RPC_SP_MAX_HOST]; /* without brackets; the path of ipc */
	char            port[RPC_SP_MAX_PORT]; /* a number */
};

/* As the kernel takes it. */
struct rpc_sp_sockaddr {
	struct sockaddr_storage at;
	socklen_t               len;
};

/* Reads what follows the scheme: a path, or host:port. INVALID_ARGUMENT when it is none. */
must_check status rpc_sp_address_read(enum rpc_sp_net net, str text, struct rpc_sp_address *out);

/* Without asking anybody; false when the host is a name, or "*". */
bool rpc_sp_address_is_numeric(const struct rpc_sp_address *a, struct rpc_sp_sockaddr *out);

/* Host and port of a tcp address are on this machine. INVALID_ARGUMENT when they are not. */
must_check status rpc_sp_check_loopback(str host_and_port);

#endif
