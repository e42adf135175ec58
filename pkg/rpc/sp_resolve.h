/*
 * rpc/sp_resolve.h - the addresses of a host's name, asked for on a thread that lives as long as
 * that takes.
 */
#ifndef RPC_SP_RESOLVE_H
#define RPC_SP_RESOLVE_H

#include "loop/loop.h"
#include "rpc/sp_address.h"

struct rpc_sp_resolve; /* one question */

enum { RPC_SP_MAX_FOUND = 8 };

/* Starts to ask; on_found is called on the loop, with none where nothing was found. NULL when there
 * is no thread to be had. */
struct rpc_sp_resolve *
rpc_sp_resolve_start(struct loop *l, const struct rpc_sp_address *a,
                     void (*on_found)(void *arg, const struct rpc_sp_sockaddr *found, unsigned n),
                     void *arg);

/* Is not called any more; not for one that was called. NULL is fine. */
void rpc_sp_resolve_cancel(struct rpc_sp_resolve *r);

#endif
