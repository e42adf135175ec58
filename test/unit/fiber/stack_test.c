#include "test/support/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "fiber/sanitizer.h"
#include "fiber/stack.h"
#include "loop/loop.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KIB = 1024, STACK_BYTES = (FIBER_HAS_SANITIZER ? 256 : 64) * KIB };

/* ---- the pool ---- */

static bool is_zeroed(const struct fiber_stack *s)
{
	for (size_t i = 0; i < s->bytes; i++)
		if (s->low[i])
			return false;
	return true;
}

TEST(a_stack_given_back_is_the_next_one_taken)
{
	struct fiber_stack_pool p;
	struct fiber_stack     *a, *b, *again;

	fiber_stack_pool_init(&p, 1);
	assert_status(fiber_stack_take(&p, &a), CODE_OK);
	assert_status(fiber_stack_take(&p, &b), CODE_OK);
	assert_int_equal(a->bytes, sysconf(_SC_PAGESIZE));
	assert_true(is_zeroed(a));
	fiber_stack_put(&p, a);
	fiber_stack_put(&p, b);
	assert_status(fiber_stack_take(&p, &again), CODE_OK);
	assert_ptr_equal(again, b);
	fiber_stack_put(&p, again);
	fiber_stack_pool_fini(&p);
}

TEST(memory_of_many_idle_stacks_is_given_back)
{
	enum { N = 200 };
	static struct fiber_stack *stacks[N];
	struct fiber_stack_pool    p;
	size_t                     n_zeroed = 0;

	fiber_stack_pool_init(&p, 16 * KIB);
	for (size_t i = 0; i < N; i++) {
		assert_status(fiber_stack_take(&p, &stacks[i]), CODE_OK);
		memset(stacks[i]->low + 8 * KIB, 'x', 8 * KIB);
	}
	for (size_t i = 0; i < N; i++)
		fiber_stack_put(&p, stacks[i]);
	for (size_t i = 0; i < N; i++)
		n_zeroed += is_zeroed(stacks[i]);
	assert_int_equal(n_zeroed, N - 128);
	assert_int_equal(fiber_stack_high_water(&p), 8 * KIB);
	for (size_t i = 0; i < N; i++)
		assert_status(fiber_stack_take(&p, &stacks[i]), CODE_OK);
	fiber_stack_pool_fini(&p);
}

TEST(the_mark_is_the_deepest_use_of_any_stack_even_a_cold_one)
{
	enum { N = 130 };
	struct fiber_stack     *stacks[N];
	struct fiber_stack_pool p;

	fiber_stack_pool_init(&p, 64 * KIB);
	assert_int_equal(fiber_stack_high_water(&p), 0);
	for (size_t i = 0; i < N; i++)
		assert_status(fiber_stack_take(&p, &stacks[i]), CODE_OK);
	assert_int_equal(fiber_stack_high_water(&p), 0);
	stacks[0]->low[stacks[0]->bytes - 100] = 1;
	assert_int_equal(fiber_stack_high_water(&p), 104); /* in words */
	stacks[N - 1]->low[stacks[N - 1]->bytes - 5000] = 1;
	assert_int_equal(fiber_stack_high_water(&p), 5000);
	for (size_t i = 0; i < N; i++)
		fiber_stack_put(&p, stacks[i]);
	assert_true(is_zeroed(stacks[N - 1]));
	assert_int_equal(fiber_stack_high_water(&p), 5000);
	fiber_stack_pool_fini(&p);
}

/* ---- under fibers ---- */

static struct loop            *loop;
static struct fiber_scheduler *fibers;

static void open_fibers(void)
{
	const struct fiber_config cfg = {0};

	assert_status(loop_new(&loop), CODE_OK);
	assert_status(fiber_scheduler_new(loop, &cfg, &fibers), CODE_OK);
}

static void close_fibers(void)
{
	while (fiber_scheduler_count(fibers))
		loop_turn(loop, -1);
	fiber_scheduler_free(fibers);
	loop_free(loop);
}

static void format_a_number(void *arg)
{
	char text[512];

	*(int *)arg = snprintf(text, sizeof text, "%.40f %.17g", 1e300 / 3, 0.1);
}

TEST(formatting_numbers_fits_a_default_stack_with_room_to_spare)
{
	int    n = 0;
	size_t used;

	open_fibers();
	assert_status(fiber_spawn(fibers, format_a_number, &n, CLOCK_NEVER, NULL), CODE_OK);
	assert_true(n > 300);
	used = fiber_scheduler_high_water(fibers);
	assert_in_range(used, KIB, STACK_BYTES / 4);
	close_fibers();
}

static void use_a_lot(void *arg)
{
	volatile char frame[40 * KIB];

	memset((char *)frame, 'x', sizeof frame);
	*(bool *)arg = fiber_yield().code == CODE_OK && frame[0] == 'x';
}

TEST(the_mark_sees_a_suspended_fiber)
{
	bool is_ok = false;

	open_fibers();
	assert_status(fiber_spawn(fibers, use_a_lot, &is_ok, CLOCK_NEVER, NULL), CODE_OK);
	assert_in_range(fiber_scheduler_high_water(fibers), 40 * KIB, STACK_BYTES);
	close_fibers();
	assert_true(is_ok);
}

/* ---- the guard ---- */

static int use_it_up(volatile char *above, int depth)
{
	volatile char frame[KIB];

	frame[0] = above ? above[0] : 1;
	return depth ? use_it_up(frame, depth - 1) + frame[0] : 0;
}

static void overflow(void *arg)
{
	if (fiber_yield().code == CODE_OK)
		*(int *)arg = use_it_up(NULL, STACK_BYTES / KIB);
}

/* What a large frame that overlaps the end may do: write its lowest byte first. */
static void step_far(void *arg)
{
	char *here = __builtin_frame_address(0);

	(void)arg;
	if (fiber_yield().code == CODE_OK)
		*(volatile char *)(here - STACK_BYTES - 48 * KIB) = 1;
}

static void just_yield(void *arg)
{
	*(int *)arg = fiber_yield().code != CODE_OK;
}

/* Before fn goes on there is another stack, most likely right below the one it is to leave. */
static int how_a_child_ends(void (*fn)(void *arg))
{
	struct rlimit no_core = {0};
	pid_t         child = fork();
	int           how = 0, sink;

	if (child == 0) {
		close(2);
		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would report it */
		open_fibers();
		if (fiber_spawn(fibers, fn, &sink, CLOCK_NEVER, NULL).code != CODE_OK ||
		    fiber_spawn(fibers, just_yield, &sink, CLOCK_NEVER, NULL).code != CODE_OK)
			_exit(1);
		loop_turn(loop, -1);
		_exit(0);
	}
	waitpid(child, &how, 0);
	return how;
}

TEST(an_overflow_hits_the_guard)
{
	void (*const deeds[])(void *) = {overflow, step_far};

	for (size_t i = 0; i < 2; i++) {
		int how = how_a_child_ends(deeds[i]);

		assert_true(WIFSIGNALED(how));
		assert_int_equal(WTERMSIG(how), SIGSEGV);
	}
}

/* ---- leaks ---- */

#if defined(FIBER_HAS_ASAN)

static volatile bool is_given_up;

/* Nobody else ever sees the pointer. */
static void hold_on_the_stack(void *arg)
{
	char *volatile held = mem_alloc(4321);
	status st;

	(void)arg;
	st = fiber_suspend(CLOCK_NEVER);
	if (st.code == CODE_OK && !is_given_up)
		mem_free(held);
	held = NULL;
}

TEST(memory_that_only_a_suspended_fiber_knows_is_no_leak)
{
	struct fiber *f;

	open_fibers();
	is_given_up = false;
	assert_status(fiber_spawn(fibers, hold_on_the_stack, NULL, CLOCK_NEVER, &f), CODE_OK);
	assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
	fiber_wake(f);
	close_fibers();
}

TEST(memory_that_an_ended_fiber_lost_is_a_leak)
{
	pid_t child = fork();
	int   how;

	if (child == 0) {
		struct fiber *f;

		close(2);
		open_fibers();
		is_given_up = true;
		if (fiber_spawn(fibers, hold_on_the_stack, NULL, CLOCK_NEVER, &f).code != CODE_OK)
			_exit(2);
		fiber_wake(f);
		loop_turn(loop, 0);
		_exit(__lsan_do_recoverable_leak_check() ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 1);
}

#endif

TEST_MAIN()
