/*
 * rpc/server.h - serves the methods of one or more services on one loop.
 *
 * Each request runs on a fiber of its own: envelope checked, identity verified, the method's auth
 * checked, request unpacked and its rules checked, handler, reply. One log line and one metric a
 * call. Past its limits a request is refused at once with UNAVAILABLE, surely not executed.
 *
 * Threads:  the loop's.
 */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "auth/identity.h"
#include "rpc/service.h"
#include "rpc/transport.h"

struct fiber_scheduler; /* fiber/fiber.h */
struct rpc_server;

struct rpc_server_config {
	struct loop                *loop;
	struct fiber_scheduler     *fibers;
	const struct identity_keys *keys;               /* borrowed */
	const struct rpc_tls       *tls;                /* borrowed; for tls+tcp, else NULL */
	uint32_t                    max_calls;          /* in flight in all; 0: 1024 */
	uint32_t                    max_calls_per_peer; /* 0: 512 */
	uint32_t                    max_timeout_ms;     /* longest time a call gets; 0: 30,000 */
	/* Runs in a fiber for Health/Check: OK, or why the service cannot work. NULL: OK. */
	status (*check_health)(void *arg, struct arena *a);
	void *health_arg;
};

must_check status rpc_server_new(const struct rpc_server_config *cfg,
                                 struct rpc_server             **out_server);

/* Serves a service; app is handed to its handlers. Health and Reflection are always served. */
void rpc_server_add(struct rpc_server *s, const struct rpc_handlers *handlers, void *app);

/* Listens on one more address. */
must_check status rpc_server_listen(struct rpc_server *s, str url);

/* Refuses new calls (UNAVAILABLE, not executed) and lets those under way end. */
void rpc_server_drain(struct rpc_server *s);

/* Nothing is under way and every reply was handed over. */
bool rpc_server_is_idle(const struct rpc_server *s);

/* Cancels the fibers of calls still under way: for a drain whose time is up. */
void rpc_server_cancel(struct rpc_server *s);

/* Calls under way. */
uint32_t rpc_server_count(const struct rpc_server *s);

/* Closes and frees; no call may be under way. NULL is fine. */
void rpc_server_free(struct rpc_server *s);

#endif
