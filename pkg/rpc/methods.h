/*
 * rpc/methods.h - what a server serves, found by full name, with what is counted of it.
 */
#ifndef RPC_METHODS_H
#define RPC_METHODS_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"
#include "rpc/service.h"

enum { RPC_N_CODES = CODE_UNAUTHENTICATED + 1 };

/* Stays where it is as long as the table lives. */
struct rpc_served {
	const struct rpc_method  *method; /* NULL: calls of methods that nobody serves */
	rpc_handler              *handler;
	void                     *app;
	struct metrics_counter   *calls[RPC_N_CODES]; /* NULL: none yet with that code */
	struct metrics_histogram *duration;
};

struct rpc_methods {
	struct rpc_served **items; /* by name */
	unsigned            count;
	struct rpc_served   unknown;
};

void rpc_methods_init(struct rpc_methods *m);
void rpc_methods_fini(struct rpc_methods *m);

/* Adds all methods of a service. The same name twice is our own mistake, and dies. */
void rpc_methods_add(struct rpc_methods *m, const struct rpc_handlers *handlers, void *app);

/* NULL when there is none of that name. */
struct rpc_served *rpc_methods_find(const struct rpc_methods *m, str name);

/* Counts a call that ended. */
void rpc_served_count(struct rpc_served *s, enum code code, int64_t took_ns);

#endif
