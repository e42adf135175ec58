#include "rpc/flights.h"

#include "base/clock.h"

uint32_t rpc_flights_begin(struct rpc_flights *f, int64_t now_ns)
{
	for (int i = 0; i < RPC_FLIGHTS; i++) {
		if (f->flights[i].number != 0)
			continue;
		if (++f->last_number == 0)
			f->last_number = 1;
		f->flights[i].number = f->last_number;
		f->flights[i].since_ns = now_ns;
		return f->last_number;
	}
	return 0;
}

void rpc_flights_end(struct rpc_flights *f, uint32_t number)
{
	for (int i = 0; i < RPC_FLIGHTS; i++)
		if (f->flights[i].number == number)
			f->flights[i].number = 0;
}

void rpc_flights_end_old(struct rpc_flights *f, int64_t now_ns)
{
	for (int i = 0; i < RPC_FLIGHTS; i++)
		if (now_ns - f->flights[i].since_ns >= RPC_FLIGHT_MS * CLOCK_NS_PER_MS)
			f->flights[i].number = 0;
}

void rpc_flights_reset(struct rpc_flights *f)
{
	for (int i = 0; i < RPC_FLIGHTS; i++)
		f->flights[i].number = 0;
}
