/*
 * rpc/conformance.h - the tests that every transport passes: calls, faults, frames, load.
 *
 * A transport's test program says how its addresses look, and nothing else.
 */
#ifndef RPC_CONFORMANCE_H
#define RPC_CONFORMANCE_H

#include "trial/v1/trial.server.h"
#include "test/integration/rpc/stage.h"
#include "test/support/test.h"

/* Runs all of them; write_url writes address number n, a new one for each n. */
int rpc_conformance(void (*write_url)(unsigned n, char *out, size_t size), int argc, char **argv);

/* A new address, good until the program ends. */
const char *conformance_url(void);

/* A server and a client of it, the usual stage. */
struct conformance_pair {
	struct stage_server server;
	struct stage_client client;
};

/* Starts both; what is set in pair->server stays. */
void conformance_pair_start(struct conformance_pair *pair);
void conformance_pair_stop(struct conformance_pair *pair);

#endif
