#include "test/support/test.h"

#include "base/clock.h"
#include "fiber/fiber.h"
#include "loop/loop.h"

#include <errno.h>
#include <fenv.h>
#include <math.h>
#include <string.h>

/* What must survive a switch: errno, registers, the rounding mode, and the frames themselves. */

static struct loop            *loop;
static struct fiber_scheduler *fibers;

static int set_up(void **state)
{
	const struct fiber_config cfg = {0};

	(void)state;
	return loop_new(&loop).code != CODE_OK ||
	       fiber_scheduler_new(loop, &cfg, &fibers).code != CODE_OK;
}

static int tear_down(void **state)
{
	(void)state;
	fiber_scheduler_free(fibers);
	loop_free(loop);
	return 0;
}

static void run_to_the_end(void)
{
	while (fiber_scheduler_count(fibers))
		loop_turn(loop, -1);
}

static void spawn(void (*fn)(void *arg), void *arg)
{
	assert_status(fiber_spawn(fibers, fn, arg, CLOCK_NEVER, NULL), CODE_OK);
}

struct errno_case {
	int value, seen;
};

static void keep_errno(void *arg)
{
	struct errno_case *c = arg;
	status             st;

	errno = c->value;
	st = fiber_yield();
	c->seen = st.code == CODE_OK ? errno : -1;
	errno = 0;
}

TEST(errno_survives_on_both_sides)
{
	struct errno_case a = {.value = EAGAIN}, b = {.value = ENOENT};

	errno = EINTR;
	spawn(keep_errno, &a);
	assert_int_equal(errno, EINTR);
	spawn(keep_errno, &b);
	assert_int_equal(errno, EINTR);
	run_to_the_end();
	assert_int_equal(a.seen, EAGAIN);
	assert_int_equal(b.seen, ENOENT);
}

struct sum {
	double   step, total;
	uint64_t hash;
};

/* Enough live values that callee-saved registers hold some across the yield. */
static void add_up(void *arg)
{
	struct sum *s = arg;
	double      a = s->step, b = 2 * s->step, c = 3 * s->step, d = 0;
	uint64_t    h = 1, i, j = 7, k = 13, l = 17;

	for (i = 0; i < 1000; i++) {
		if (fiber_yield().code != CODE_OK)
			return;
		d += a + b * 0.5 - c / 3;
		h = h * 31 + i + j - k + l;
		j++;
		k += 2;
		l += 3;
	}
	s->total = d;
	s->hash = h;
}

TEST(numbers_survive_interleaved_switches)
{
	struct sum sums[8];

	for (size_t i = 0; i < 8; i++) {
		sums[i] = (struct sum){.step = (double)(i + 1)};
		spawn(add_up, &sums[i]);
	}
	run_to_the_end();
	for (size_t i = 0; i < 8; i++) {
		assert_true(fabs(sums[i].total - 1000.0 * (double)(i + 1)) < 1e-6);
		assert_true(sums[i].hash == sums[0].hash && sums[i].hash != 0);
	}
}

/* x86-64 has two units that round, and fegetround() asks one of them: so divide as well. */
static double third(void)
{
	volatile double one = 1, three = 3;

	return one / three;
}

struct rounding {
	int    mode, at_start, after;
	double third;
};

static void round_its_own_way(void *arg)
{
	struct rounding *r = arg;

	r->at_start = fegetround();
	fesetround(r->mode);
	if (fiber_yield().code != CODE_OK)
		return;
	r->after = fegetround();
	r->third = third();
}

TEST(each_fiber_has_its_own_rounding_mode)
{
	struct rounding up = {.mode = FE_UPWARD}, down = {.mode = FE_DOWNWARD};
	double          nearest = third();

	spawn(round_its_own_way, &up);
	assert_int_equal(fegetround(), FE_TONEAREST);
	spawn(round_its_own_way, &down);
	assert_int_equal(fegetround(), FE_TONEAREST);
	run_to_the_end();
	assert_int_equal(fegetround(), FE_TONEAREST);
	assert_true(third() == nearest);
	assert_int_equal(up.at_start, FE_TONEAREST);
	assert_int_equal(down.at_start, FE_TONEAREST);
	assert_int_equal(up.after, FE_UPWARD);
	assert_int_equal(down.after, FE_DOWNWARD);
	assert_true(up.third > down.third);
}

/* Yields at the bottom of a recursion and checks every frame on the way up. */
static int descend(int depth)
{
	volatile char frame[256];
	int           n_wrong;

	memset((char *)frame, depth, sizeof frame);
	if (depth == 0)
		n_wrong = fiber_yield().code != CODE_OK;
	else
		n_wrong = descend(depth - 1);
	for (size_t i = 0; i < sizeof frame; i++)
		n_wrong += frame[i] != depth;
	return n_wrong;
}

static void descend_fifty(void *arg)
{
	*(int *)arg = descend(50);
}

TEST(frames_survive_a_switch_deep_down)
{
	int n_wrong[20];

	for (size_t i = 0; i < 20; i++) {
		n_wrong[i] = -1;
		spawn(descend_fifty, &n_wrong[i]);
	}
	run_to_the_end();
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(n_wrong[i], 0);
}

TEST_MAIN(set_up, tear_down)
