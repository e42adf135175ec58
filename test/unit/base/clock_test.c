#include "base/clock.h"

#include "test/support/test.h"

TEST(the_monotonic_clock_does_not_go_back)
{
	int64_t last = clock_now_ns();

	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_now_ns();

		assert_true(now >= last);
		last = now;
	}
}

TEST(the_wall_clock_counts_microseconds_of_this_century)
{
	assert_true(clock_wall_us() > INT64_C(1700000000000000));
	assert_true(clock_wall_us() < INT64_C(4102444800000000));
}

TEST(a_deadline_stays_within_what_can_be_said)
{
	int64_t before = clock_now_ns();
	int64_t at = clock_after_ms(1000);
	int64_t after = clock_now_ns();

	assert_true(at >= before + CLOCK_NS_PER_S && at <= after + CLOCK_NS_PER_S);
	assert_true(clock_after_ms(INT64_MAX) == CLOCK_NEVER);
	assert_true(clock_after_ms(INT64_MAX / CLOCK_NS_PER_MS) == CLOCK_NEVER);
	assert_true(clock_after_ms(INT64_MIN) == 0);
	assert_true(clock_after_ms(-1) < clock_now_ns());
}

TEST_MAIN()
