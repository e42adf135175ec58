/*
 * rpc/serving.h - what the services that every server answers (Health, Reflection) ask of it.
 */
#ifndef RPC_SERVING_H
#define RPC_SERVING_H

#include "rpc/methods.h"
#include "rpc/server.h"

struct arena;

/* OK, or why the services cannot work. In a fiber. */
must_check status rpc_server_check(const struct rpc_server *s, struct arena *a);

/* What is served, by name. */
const struct rpc_methods *rpc_server_methods(const struct rpc_server *s);

/* The services in the order of their adding; false past the last. */
bool rpc_server_service(const struct rpc_server *s, unsigned index,
                        const struct rpc_service **out_service);

#endif
