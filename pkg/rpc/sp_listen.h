/*
 * rpc/sp_listen.h - listening sockets for rpc/sp_port.h; they do not block.
 *
 * Errors: INVALID_ARGUMENT for an address that is none, ALREADY_EXISTS when somebody listens there.
 */
#ifndef RPC_SP_LISTEN_H
#define RPC_SP_LISTEN_H

#include "base/status.h"
#include "base/str.h"

/* For the owner of the process only. What a server that is gone left there is replaced. */
must_check status rpc_sp_listen_ipc(str path, int *out_fd);

/* host:port; the host a name, an address (IPv6 in brackets), or "*". */
must_check status rpc_sp_listen_tcp(str host_port, int *out_fd);

#endif
