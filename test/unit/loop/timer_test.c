#include "test/support/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"

#include <poll.h>

enum { N_TIMERS = 500 };

struct alarm {
	struct loop_timer timer;
	int64_t           at_ns;
	int               n_fired;
	struct alarm     *cancels;
	bool              sets_itself;
};

static struct loop *loop;
static int64_t      last_at_ns; /* of the alarm that fired last */
static bool         is_in_order;
static size_t       n_fired;

static void on_fire(struct loop_timer *t)
{
	struct alarm *a = container_of(t, struct alarm, timer);

	a->n_fired++;
	n_fired++;
	if (a->at_ns < last_at_ns || clock_now_ns() < a->at_ns || loop_timer_is_set(t))
		is_in_order = false;
	last_at_ns = a->at_ns;
	if (a->cancels)
		loop_timer_cancel(loop, &a->cancels->timer);
	if (a->sets_itself)
		loop_timer_set(loop, t, a->at_ns);
}

static void set_alarm(struct alarm *a, int64_t at_ns)
{
	a->at_ns = at_ns;
	if (a->timer.on_fire == NULL)
		loop_timer_init(&a->timer, on_fire);
	loop_timer_set(loop, &a->timer, at_ns);
}

static void open_loop(void)
{
	assert_status(loop_new(&loop), CODE_OK);
	last_at_ns = INT64_MIN;
	is_in_order = true;
	n_fired = 0;
}

static bool is_ready(int wait_ms)
{
	struct pollfd p = {.fd = loop_fd(loop), .events = POLLIN};

	return poll(&p, 1, wait_ms) == 1;
}

/* A shuffle that is the same every time: 271 and 500 have no common divisor. */
static size_t shuffled(size_t i)
{
	return i * 271 % N_TIMERS;
}

TEST(timers_fire_in_order_and_never_early)
{
	static struct alarm alarms[N_TIMERS];
	int64_t             start = clock_now_ns();

	open_loop();
	for (size_t i = 0; i < N_TIMERS; i++)
		set_alarm(&alarms[i], start + (int64_t)shuffled(i) * 20 * CLOCK_NS_PER_US);
	while (n_fired < N_TIMERS)
		loop_turn(loop, -1);
	assert_true(is_in_order);
	for (size_t i = 0; i < N_TIMERS; i++)
		assert_int_equal(alarms[i].n_fired, 1);
	loop_free(loop);
}

TEST(cancelled_timers_do_not_fire_and_the_rest_keep_their_order)
{
	static struct alarm alarms[N_TIMERS];
	int64_t             start = clock_now_ns();
	size_t              n_left = 0;

	open_loop();
	for (size_t i = 0; i < N_TIMERS; i++)
		set_alarm(&alarms[i], start + (int64_t)shuffled(i));
	for (size_t i = 0; i < N_TIMERS; i++) {
		if (i % 3)
			loop_timer_cancel(loop, &alarms[i].timer);
		else
			n_left++;
		assert_int_equal(loop_timer_is_set(&alarms[i].timer), i % 3 == 0);
	}
	loop_turn(loop, -1);
	assert_int_equal(n_fired, n_left);
	assert_true(is_in_order);
	loop_free(loop);
}

TEST(setting_again_moves_a_timer_either_way)
{
	static struct alarm alarms[N_TIMERS];
	int64_t             start = clock_now_ns();

	open_loop();
	for (size_t i = 0; i < N_TIMERS; i++)
		set_alarm(&alarms[i], start + CLOCK_NS_PER_S * 3600 + (int64_t)i);
	for (size_t i = 0; i < N_TIMERS; i++)
		set_alarm(&alarms[i], start + (int64_t)shuffled(i));
	set_alarm(&alarms[7], start + CLOCK_NS_PER_S * 3600);
	loop_turn(loop, -1);
	assert_int_equal(n_fired, N_TIMERS - 1);
	assert_true(is_in_order);
	assert_true(loop_timer_is_set(&alarms[7].timer));
	loop_free(loop);
}

TEST(a_time_that_is_past_fires_in_the_next_turn)
{
	static const int64_t past[] = {INT64_MIN, -1, 0, 1};

	open_loop();
	for (size_t i = 0; i < sizeof past / sizeof *past; i++) {
		struct alarm a = {0};

		set_alarm(&a, past[i]);
		assert_true(is_ready(0));
		loop_turn(loop, -1);
		assert_int_equal(a.n_fired, 1);
		assert_false(is_ready(0));
	}
	loop_free(loop);
}

TEST(a_time_that_never_comes_does_not_wake_the_loop)
{
	struct alarm never = {0}, soon = {0};

	open_loop();
	set_alarm(&never, CLOCK_NEVER);
	assert_false(is_ready(0));
	set_alarm(&soon, clock_after_ms(1));
	while (soon.n_fired == 0)
		loop_turn(loop, -1);
	assert_int_equal(never.n_fired, 0);
	loop_free(loop);
}

TEST(a_timer_that_sets_itself_fires_once_a_turn)
{
	struct alarm a = {.sets_itself = true};

	open_loop();
	set_alarm(&a, 0);
	for (int turn = 1; turn <= 3; turn++) {
		loop_turn(loop, -1);
		assert_int_equal(a.n_fired, turn);
	}
	loop_free(loop);
}

TEST(a_timer_may_cancel_one_that_is_due_too)
{
	struct alarm first = {0}, second = {0};

	open_loop();
	first.cancels = &second;
	set_alarm(&first, 1);
	set_alarm(&second, 2);
	loop_turn(loop, -1);
	assert_int_equal(first.n_fired, 1);
	assert_int_equal(second.n_fired, 0);
	loop_free(loop);
}

TEST(cancelling_what_is_not_set_is_fine)
{
	struct alarm zeroed = {0};

	open_loop();
	loop_timer_cancel(loop, &zeroed.timer);
	assert_false(loop_timer_is_set(&zeroed.timer));
	loop_free(loop);
}

/* The descriptor rings for the first alarm though it was taken back: the second must still come. */
TEST(a_later_timer_fires_though_an_earlier_one_was_taken_back)
{
	struct alarm earlier = {0}, later = {0};

	open_loop();
	set_alarm(&earlier, clock_after_ms(2));
	set_alarm(&later, clock_after_ms(6));
	loop_timer_cancel(loop, &earlier.timer);
	while (later.n_fired == 0) {
		assert_true(is_ready(-1));
		loop_turn(loop, 0);
	}
	assert_int_equal(earlier.n_fired, 0);
	loop_free(loop);
}

TEST(a_turn_waits_no_longer_than_it_may)
{
	struct alarm a = {0};
	int64_t      start = clock_now_ns();

	open_loop();
	set_alarm(&a, start + 3600 * CLOCK_NS_PER_S);
	loop_turn(loop, 0);
	loop_turn(loop, 3);
	assert_true(clock_now_ns() - start >= 3 * CLOCK_NS_PER_MS);
	assert_int_equal(a.n_fired, 0);
	loop_free(loop);
}

TEST_MAIN()
