#include "rpc/flights.h"

#include "base/clock.h"
#include "test/support/test.h"

TEST(only_so_many_messages_are_in_flight_until_one_ends)
{
	struct rpc_flights f = {0};
	uint32_t           first = rpc_flights_begin(&f, 0);

	assert_int_not_equal(first, 0);
	for (int i = 1; i < RPC_FLIGHTS; i++)
		assert_int_not_equal(rpc_flights_begin(&f, 0), 0);
	assert_int_equal(rpc_flights_begin(&f, 0), 0);
	rpc_flights_end(&f, first);
	rpc_flights_end(&f, first);
	assert_int_not_equal(rpc_flights_begin(&f, 0), 0);
	assert_int_equal(rpc_flights_begin(&f, 0), 0);
	rpc_flights_reset(&f);
	assert_int_not_equal(rpc_flights_begin(&f, 0), 0);
}

TEST(time_ends_a_flight)
{
	const int64_t      up_ns = RPC_FLIGHT_MS * CLOCK_NS_PER_MS;
	struct rpc_flights f = {0};

	for (int i = 0; i < RPC_FLIGHTS; i++)
		assert_int_not_equal(rpc_flights_begin(&f, i), 0);
	rpc_flights_end_old(&f, up_ns - 1);
	assert_int_equal(rpc_flights_begin(&f, 0), 0);
	rpc_flights_end_old(&f, up_ns);
	assert_int_not_equal(rpc_flights_begin(&f, up_ns), 0);
	assert_int_equal(rpc_flights_begin(&f, up_ns), 0);
}

TEST(a_number_comes_around_without_ever_being_0)
{
	struct rpc_flights f = {.last_number = UINT32_MAX - 1};

	assert_true(rpc_flights_begin(&f, 0) == UINT32_MAX);
	assert_int_equal(rpc_flights_begin(&f, 0), 1);
}

TEST_MAIN()
