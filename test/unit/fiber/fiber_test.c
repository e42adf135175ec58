#include "test/support/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "fiber/fiber.h"
#include "loop/loop.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop            *loop;
static struct fiber_scheduler *fibers;

/* What ran, as letters in order. */
static char   trace[128];
static size_t trace_len;

static void mark(char letter)
{
	trace[trace_len++] = letter;
	trace[trace_len] = '\0';
}

static void open_fibers(size_t max_fibers)
{
	const struct fiber_config cfg = {.max_fibers = max_fibers};

	assert_status(loop_new(&loop), CODE_OK);
	assert_status(fiber_scheduler_new(loop, &cfg, &fibers), CODE_OK);
	trace_len = 0;
	trace[0] = '\0';
}

static void close_fibers(void)
{
	assert_int_equal(fiber_scheduler_count(fibers), 0);
	fiber_scheduler_free(fibers);
	loop_free(loop);
}

static void run_to_the_end(void)
{
	while (fiber_scheduler_count(fibers))
		loop_turn(loop, -1);
}

/* A fiber that waits until it is told to end, and records how its waits ended. */
struct waiter {
	struct fiber *fiber;
	char          letter;
	bool          is_told;
	int64_t       until_ns;
	enum code     last;
	int           n_waits;
};

static void wait_until_told(void *arg)
{
	struct waiter *w = arg;
	status         st = STATUS_OK;

	while (!w->is_told && st.code == CODE_OK) {
		st = fiber_suspend(w->until_ns);
		w->last = st.code;
		w->n_waits++;
	}
	if (w->letter)
		mark(w->letter);
}

static void spawn_waiter(struct waiter *w, char letter, int64_t deadline_ns)
{
	*w = (struct waiter){.letter = letter, .until_ns = CLOCK_NEVER, .last = CODE_UNKNOWN};
	assert_status(fiber_spawn(fibers, wait_until_told, w, deadline_ns, &w->fiber), CODE_OK);
}

static void tell(struct waiter *w)
{
	w->is_told = true;
	fiber_wake(w->fiber);
}

/* ---- starting ---- */

static void mark_letter(void *arg)
{
	mark(*(const char *)arg);
}

TEST(a_fiber_starts_before_spawn_returns)
{
	char a = 'a';

	open_fibers(0);
	assert_null(fiber_current());
	assert_status(fiber_spawn(fibers, mark_letter, &a, CLOCK_NEVER, NULL), CODE_OK);
	mark('b');
	assert_string_equal(trace, "ab");
	assert_null(fiber_current());
	close_fibers();
}

struct self {
	struct fiber           *given;
	struct fiber           *current;
	struct fiber_scheduler *scheduler;
	struct loop            *loop;
	int64_t                 deadline_ns, moved_ns;
};

static void look_at_itself(void *arg)
{
	struct self *s = arg;

	s->current = fiber_current();
	s->scheduler = fiber_current_scheduler();
	s->loop = fiber_current_loop();
	s->deadline_ns = fiber_deadline_ns();
	fiber_set_deadline(43);
	s->moved_ns = fiber_deadline_ns();
}

TEST(a_fiber_knows_where_it_runs)
{
	struct self s = {0};

	open_fibers(0);
	assert_status(fiber_spawn(fibers, look_at_itself, &s, 42, &s.given), CODE_OK);
	assert_non_null(s.current);
	assert_ptr_equal(s.current, s.given);
	assert_ptr_equal(s.scheduler, fibers);
	assert_ptr_equal(s.loop, loop);
	assert_int_equal(s.deadline_ns, 42);
	assert_int_equal(s.moved_ns, 43);
	close_fibers();
}

TEST(outside_of_fibers_there_is_none)
{
	assert_null(fiber_current());
	assert_null(fiber_current_scheduler());
	assert_null(fiber_current_loop());
	assert_int_equal(fiber_deadline_ns(), CLOCK_NEVER);
	assert_false(fiber_is_cancelled());
}

static struct waiter inner;

static void spawn_inner(void *arg)
{
	struct fiber *self = fiber_current();

	mark('1');
	inner = (struct waiter){.letter = '4', .until_ns = CLOCK_NEVER};
	*(status *)arg = fiber_spawn(fibers, wait_until_told, &inner, CLOCK_NEVER, &inner.fiber);
	mark(fiber_current() == self ? '2' : '?');
}

TEST(a_spawner_goes_on_when_the_new_fiber_first_waits)
{
	status st = STATUS_OK;

	open_fibers(0);
	assert_status(fiber_spawn(fibers, spawn_inner, &st, CLOCK_NEVER, NULL), CODE_OK);
	assert_status(st, CODE_OK);
	mark('3');
	tell(&inner);
	run_to_the_end();
	assert_string_equal(trace, "1234");
	close_fibers();
}

static void spawn_the_next(void *arg)
{
	int *n_left = arg;

	if (--*n_left == 0 ||
	    fiber_spawn(fibers, spawn_the_next, arg, CLOCK_NEVER, NULL).code != CODE_OK)
		return;
	fiber_set_deadline(0);
	if (fiber_suspend(CLOCK_NEVER).code == CODE_DEADLINE_EXCEEDED)
		mark('d');
}

TEST(spawning_nests)
{
	int n_left = 50;

	open_fibers(0);
	assert_status(fiber_spawn(fibers, spawn_the_next, &n_left, CLOCK_NEVER, NULL), CODE_OK);
	assert_int_equal(n_left, 0);
	assert_int_equal(trace_len, 49);
	close_fibers();
}

/* ---- waiting ---- */

TEST(a_wake_resumes_at_the_end_of_the_turn)
{
	struct waiter w;

	open_fibers(0);
	spawn_waiter(&w, 'w', CLOCK_NEVER);
	tell(&w);
	fiber_wake(w.fiber);
	assert_string_equal(trace, "");
	loop_turn(loop, 0);
	assert_string_equal(trace, "w");
	assert_int_equal(w.last, CODE_OK);
	assert_int_equal(w.n_waits, 1);
	close_fibers();
}

TEST(fibers_resume_in_the_order_of_their_wakes)
{
	struct waiter a, b, c;

	open_fibers(0);
	spawn_waiter(&a, 'a', CLOCK_NEVER);
	spawn_waiter(&b, 'b', CLOCK_NEVER);
	spawn_waiter(&c, 'c', CLOCK_NEVER);
	tell(&c);
	tell(&a);
	tell(&b);
	tell(&c);
	run_to_the_end();
	assert_string_equal(trace, "cab");
	close_fibers();
}

static void wake_itself_and_wait(void *arg)
{
	enum code *out = arg;

	fiber_wake(fiber_current());
	out[0] = fiber_suspend(CLOCK_NEVER).code;
	out[1] = fiber_suspend(0).code;
}

TEST(a_wake_before_the_wait_is_not_lost_and_counts_once)
{
	enum code out[2] = {CODE_UNKNOWN, CODE_UNKNOWN};

	open_fibers(0);
	assert_status(fiber_spawn(fibers, wake_itself_and_wait, out, CLOCK_NEVER, NULL), CODE_OK);
	assert_int_equal(out[0], CODE_OK);
	assert_int_equal(out[1], CODE_DEADLINE_EXCEEDED);
	close_fibers();
}

TEST(a_wait_ends_at_its_own_time_or_the_fiber_s_whichever_is_first)
{
	const int64_t now = clock_now_ns();
	const int64_t soon = now + 3 * CLOCK_NS_PER_MS;
	const int64_t late = now + 3600 * CLOCK_NS_PER_S;
	const struct {
		int64_t until_ns, deadline_ns;
	} cases[] = {
	        {soon, CLOCK_NEVER},
	        {CLOCK_NEVER, soon},
	        {soon, late},
	        {late, soon},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct waiter w = {.until_ns = cases[i].until_ns, .last = CODE_UNKNOWN};

		open_fibers(0);
		assert_status(fiber_spawn(fibers, wait_until_told, &w, cases[i].deadline_ns, NULL),
		              CODE_OK);
		run_to_the_end();
		assert_int_equal(w.last, CODE_DEADLINE_EXCEEDED);
		assert_int_equal(w.n_waits, 1);
		assert_true(clock_now_ns() >= soon);
		close_fibers();
	}
}

static void wait_three_times_too_long(void *arg)
{
	int *n_exceeded = arg;

	for (int i = 0; i < 3; i++)
		*n_exceeded += fiber_suspend(CLOCK_NEVER).code == CODE_DEADLINE_EXCEEDED;
}

TEST(past_its_deadline_a_fiber_waits_no_more)
{
	int n_exceeded = 0;

	open_fibers(0);
	assert_status(fiber_spawn(fibers, wait_three_times_too_long, &n_exceeded, clock_after_ms(1),
	                          NULL),
	              CODE_OK);
	assert_int_equal(n_exceeded, 0);
	run_to_the_end();
	assert_int_equal(n_exceeded, 3);
	close_fibers();
}

/* ---- cancelling ---- */

TEST(a_cancelled_fiber_is_resumed_with_that_error)
{
	struct waiter w;

	open_fibers(0);
	spawn_waiter(&w, 'w', CLOCK_NEVER);
	fiber_cancel(w.fiber);
	fiber_cancel(w.fiber);
	fiber_wake(w.fiber);
	assert_string_equal(trace, "");
	loop_turn(loop, 0);
	assert_string_equal(trace, "w");
	assert_int_equal(w.last, CODE_CANCELLED);
	close_fibers();
}

static void wait_though_cancelled(void *arg)
{
	int *n_cancelled = arg;

	fiber_cancel(fiber_current());
	fiber_wake(fiber_current());
	for (int i = 0; i < 3; i++)
		*n_cancelled += fiber_suspend(CLOCK_NEVER).code == CODE_CANCELLED;
	*n_cancelled += fiber_is_cancelled();
}

TEST(every_wait_of_a_cancelled_fiber_ends_at_once)
{
	int n_cancelled = 0;

	open_fibers(0);
	assert_status(fiber_spawn(fibers, wait_though_cancelled, &n_cancelled, CLOCK_NEVER, NULL),
	              CODE_OK);
	assert_int_equal(n_cancelled, 4);
	close_fibers();
}

static void wait_uninterrupted(void *arg)
{
	struct waiter *w = arg;

	while (!w->is_told) {
		fiber_suspend_uninterrupted();
		w->n_waits++;
	}
	w->last = fiber_suspend(CLOCK_NEVER).code;
}

TEST(an_uninterrupted_wait_ends_by_a_wake_only)
{
	struct waiter w = {0};

	open_fibers(0);
	assert_status(fiber_spawn(fibers, wait_uninterrupted, &w, 0, &w.fiber), CODE_OK);
	fiber_cancel(w.fiber);
	loop_turn(loop, 0);
	assert_int_equal(w.n_waits, 0);
	tell(&w);
	loop_turn(loop, 0);
	assert_int_equal(w.n_waits, 1);
	assert_int_equal(w.last, CODE_CANCELLED);
	close_fibers();
}

/* ---- yielding ---- */

static void mark_and_yield_thrice(void *arg)
{
	for (int i = 0; i < 3; i++) {
		mark(*(const char *)arg);
		if (fiber_yield().code != CODE_OK)
			mark('!');
	}
}

TEST(yielding_fibers_take_turns)
{
	char a = 'a', b = 'b';

	open_fibers(0);
	assert_status(fiber_spawn(fibers, mark_and_yield_thrice, &a, CLOCK_NEVER, NULL), CODE_OK);
	assert_status(fiber_spawn(fibers, mark_and_yield_thrice, &b, CLOCK_NEVER, NULL), CODE_OK);
	run_to_the_end();
	assert_string_equal(trace, "ababab");
	close_fibers();
}

static void drain(struct loop_watch *w, unsigned events)
{
	char c;

	mark(events == LOOP_READ && read(w->fd, &c, 1) == 1 ? 'r' : '?');
}

TEST(a_yielding_fiber_lets_descriptors_be_served)
{
	struct loop_watch watch;
	int               fds[2];
	char              y = 'y';

	open_fibers(0);
	assert_int_equal(pipe(fds), 0);
	assert_status(loop_watch_add(loop, &watch, fds[0], LOOP_READ, drain), CODE_OK);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_status(fiber_spawn(fibers, mark_and_yield_thrice, &y, CLOCK_NEVER, NULL), CODE_OK);
	run_to_the_end();
	assert_string_equal(trace, "yryy");
	loop_watch_remove(loop, &watch);
	close(fds[0]);
	close(fds[1]);
	close_fibers();
}

static void yield_once(void *arg)
{
	*(enum code *)arg = fiber_yield().code;
}

TEST(yielding_says_when_to_end)
{
	enum code     late = CODE_UNKNOWN, cancelled = CODE_UNKNOWN;
	struct fiber *f;

	open_fibers(0);
	assert_status(fiber_spawn(fibers, yield_once, &late, 0, NULL), CODE_OK);
	assert_status(fiber_spawn(fibers, yield_once, &cancelled, CLOCK_NEVER, &f), CODE_OK);
	fiber_cancel(f);
	run_to_the_end();
	assert_int_equal(late, CODE_DEADLINE_EXCEEDED);
	assert_int_equal(cancelled, CODE_CANCELLED);
	close_fibers();
}

/* ---- many ---- */

TEST(ten_thousand_fibers_one_after_the_other)
{
	struct waiter w;

	open_fibers(1);
	for (int i = 0; i < 10000; i++) {
		spawn_waiter(&w, 0, CLOCK_NEVER);
		tell(&w);
		loop_turn(loop, 0);
	}
	assert_int_equal(w.last, CODE_OK);
	close_fibers();
}

TEST(a_thousand_fibers_at_once)
{
	enum { N = 1000 };
	static struct waiter ws[N];
	struct waiter        too_many = {0};
	size_t               n_ok = 0;

	open_fibers(N);
	/* Twice: at first on fresh stacks, then on those that were kept, warm and cold. */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < N; i++)
			spawn_waiter(&ws[i], 0, clock_after_ms(60 * 1000));
		assert_int_equal(fiber_scheduler_count(fibers), N);
		assert_status(fiber_spawn(fibers, wait_until_told, &too_many, CLOCK_NEVER, NULL),
		              CODE_RESOURCE_EXHAUSTED);
		assert_int_equal(too_many.n_waits, 0);
		for (size_t i = 0; i < N; i++)
			tell(&ws[i]);
		loop_turn(loop, 0);
		assert_int_equal(fiber_scheduler_count(fibers), 0);
		for (size_t i = 0; i < N; i++)
			n_ok += ws[i].last == CODE_OK && ws[i].n_waits == 1;
	}
	assert_int_equal(n_ok, 2 * N);
	close_fibers();
}

static void timed_sleep(void *arg)
{
	(void)arg;
	if (fiber_suspend(CLOCK_NEVER).code == CODE_DEADLINE_EXCEEDED)
		trace_len++;
}

TEST(a_thousand_deadlines_all_come)
{
	enum { N = 1000 };
	int64_t start = clock_now_ns();

	open_fibers(0);
	for (int i = 0; i < N; i++)
		assert_status(fiber_spawn(fibers, timed_sleep, NULL,
		                          start + i % 10 * CLOCK_NS_PER_MS, NULL),
		              CODE_OK);
	run_to_the_end();
	assert_int_equal(trace_len, N);
	close_fibers();
}

/* ---- life ---- */

TEST(a_scheduler_within_an_outer_loop_makes_it_ready)
{
	struct pollfd p = {.events = POLLIN};
	struct waiter w;

	open_fibers(0);
	p.fd = loop_fd(loop);
	spawn_waiter(&w, 'w', CLOCK_NEVER);
	assert_int_equal(poll(&p, 1, 0), 0);
	tell(&w);
	assert_int_equal(poll(&p, 1, 0), 1);
	loop_turn(loop, 0);
	assert_string_equal(trace, "w");
	close_fibers();
}

TEST(no_scheduler_is_freed_while_a_fiber_lives)
{
	pid_t child = fork();
	int   how;

	if (child == 0) {
		const struct fiber_config cfg = {0};
		struct waiter             w = {.until_ns = CLOCK_NEVER};

		close(2);
		if (loop_new(&loop).code != CODE_OK ||
		    fiber_scheduler_new(loop, &cfg, &fibers).code != CODE_OK ||
		    fiber_spawn(fibers, wait_until_told, &w, CLOCK_NEVER, NULL).code != CODE_OK)
			_exit(1);
		fiber_scheduler_free(fibers);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
	fiber_scheduler_free(NULL);
}

static struct {
	const char *label;
	int64_t     took_ns;
	int         calls;
} slow;

static void on_slow(const char *label, int64_t took_ns)
{
	slow.label = label;
	slow.took_ns = took_ns;
	slow.calls++;
}

static void keep_the_thread(void *arg)
{
	int64_t until_ns = clock_now_ns() + *(int64_t *)arg;

	fiber_set_label("digging");
	while (clock_now_ns() < until_ns)
		;
}

TEST(whoever_keeps_the_thread_too_long_is_named)
{
	const struct fiber_config cfg = {.on_slow = on_slow, .slow_ns = 20 * CLOCK_NS_PER_MS};
	int64_t                   ns = 0;

	slow.calls = 0;
	assert_status(loop_new(&loop), CODE_OK);
	assert_status(fiber_scheduler_new(loop, &cfg, &fibers), CODE_OK);
	ns = 25 * CLOCK_NS_PER_MS;
	assert_status(fiber_spawn(fibers, keep_the_thread, &ns, CLOCK_NEVER, NULL), CODE_OK);
	assert_int_equal(slow.calls, 1);
	assert_string_equal(slow.label, "digging");
	assert_true(slow.took_ns >= ns);
	close_fibers();
}

TEST_MAIN()
