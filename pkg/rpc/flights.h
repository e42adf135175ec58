/*
 * rpc/flights.h - how many request messages are under way: what makes calls gather into batches.
 *
 * A message is in flight from its sending to the first reply to any of its frames, or for
 * RPC_FLIGHT_MS. While RPC_FLIGHTS are, what comes waits and joins the next.
 */
#ifndef RPC_FLIGHTS_H
#define RPC_FLIGHTS_H

#include <stdbool.h>
#include <stdint.h>

enum { RPC_FLIGHTS = 2, RPC_FLIGHT_MS = 2 };

/* Starts zeroed. */
struct rpc_flights {
	struct {
		uint32_t number; /* of the message; 0: free */
		int64_t  since_ns;
	} flights[RPC_FLIGHTS];
	uint32_t last_number;
};

/* Begins one: its number, never 0; or 0 when no more may leave. */
uint32_t rpc_flights_begin(struct rpc_flights *f, int64_t now_ns);

/* Ends one; fine when it ended. */
void rpc_flights_end(struct rpc_flights *f, uint32_t number);

/* Ends those whose time is up. */
void rpc_flights_end_old(struct rpc_flights *f, int64_t now_ns);

/* Ends all. */
void rpc_flights_reset(struct rpc_flights *f);

#endif
