#include "test/support/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

static struct loop *loop;

/* What ran, as letters in order. */
static char   trace[64];
static size_t trace_len;

struct step {
	struct loop_task task;
	char             letter;
	struct step     *defers;
	struct step     *posts;
	bool             stops;
};

static void run_step(struct loop_task *t)
{
	struct step *s = container_of(t, struct step, task);

	trace[trace_len++] = s->letter;
	trace[trace_len] = '\0';
	if (s->defers)
		loop_defer(loop, &s->defers->task);
	if (s->posts)
		loop_post(loop, &s->posts->task);
	if (s->stops)
		loop_stop(loop);
}

static void make_step(struct step *s, char letter)
{
	*s = (struct step){.letter = letter};
	loop_task_init(&s->task, run_step);
}

static void open_loop(void)
{
	assert_status(loop_new(&loop), CODE_OK);
	trace_len = 0;
	trace[0] = '\0';
}

static bool is_ready(void)
{
	struct pollfd p = {.fd = loop_fd(loop), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

/* ---- posting ---- */

TEST(a_posted_task_makes_the_loop_ready_and_runs_in_its_turn)
{
	struct step a;

	open_loop();
	make_step(&a, 'a');
	assert_false(is_ready());
	loop_post(loop, &a.task);
	assert_true(is_ready());
	assert_string_equal(trace, "");
	loop_turn(loop, 0);
	assert_string_equal(trace, "a");
	assert_false(is_ready());
	loop_free(loop);
}

TEST(a_task_posted_quietly_waits_for_the_bell)
{
	struct loop_bell *bell;
	struct step       a, b;

	open_loop();
	make_step(&a, 'a');
	make_step(&b, 'b');
	bell = loop_post_quietly(loop, &a.task);
	assert_non_null(bell);
	assert_null(loop_post_quietly(loop, &a.task));
	assert_null(loop_post_quietly(loop, &b.task));
	assert_false(is_ready());
	loop_bell_ring(bell);
	assert_true(is_ready());
	loop_turn(loop, 0);
	assert_string_equal(trace, "ab");
	loop_free(loop);
}

TEST(a_bell_may_ring_when_its_loop_is_gone)
{
	struct loop_bell *bell;
	struct step       a;

	open_loop();
	make_step(&a, 'a');
	bell = loop_post_quietly(loop, &a.task);
	loop_free(loop);
	loop_bell_ring(bell);
	loop_bell_ring(NULL);
	assert_string_equal(trace, "");
}

TEST(a_task_posted_twice_runs_once_and_again_when_posted_again)
{
	struct step a;

	open_loop();
	make_step(&a, 'a');
	loop_post(loop, &a.task);
	loop_post(loop, &a.task);
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	assert_string_equal(trace, "a");
	loop_post(loop, &a.task);
	loop_turn(loop, 0);
	assert_string_equal(trace, "aa");
	loop_free(loop);
}

TEST(a_task_that_posts_itself_runs_once_a_turn)
{
	struct step a;

	open_loop();
	make_step(&a, 'a');
	a.posts = &a;
	loop_post(loop, &a.task);
	for (size_t turn = 1; turn <= 3; turn++) {
		loop_turn(loop, 0);
		assert_int_equal(trace_len, turn);
		assert_true(is_ready());
	}
	loop_free(loop);
}

TEST(a_task_taken_back_does_not_run)
{
	struct step a, b, c;

	open_loop();
	make_step(&a, 'a');
	make_step(&b, 'b');
	make_step(&c, 'c');
	loop_post(loop, &a.task);
	loop_post(loop, &c.task);
	loop_defer(loop, &b.task);
	loop_task_cancel(loop, &a.task);
	loop_task_cancel(loop, &b.task);
	loop_task_cancel(loop, &b.task);
	loop_turn(loop, 0);
	assert_string_equal(trace, "c");
	loop_free(loop);
}

enum { N_POSTERS = 4, N_POSTS = 100 };

struct poster {
	pthread_t        thread;
	struct loop_task tasks[N_POSTS];
};

static int n_ran; /* the loop thread's */

static void stop_after_the_last(struct loop_task *t)
{
	(void)t;
	if (++n_ran == N_POSTERS * N_POSTS)
		loop_stop(loop);
}

static void *post_all(void *arg)
{
	struct poster *p = arg;

	for (size_t i = 0; i < N_POSTS; i++) {
		loop_task_init(&p->tasks[i], stop_after_the_last);
		loop_post(loop, &p->tasks[i]);
	}
	return NULL;
}

TEST(posts_of_several_threads_all_run)
{
	static struct poster posters[N_POSTERS];

	open_loop();
	n_ran = 0;
	for (size_t i = 0; i < N_POSTERS; i++)
		assert_int_equal(pthread_create(&posters[i].thread, NULL, post_all, &posters[i]),
		                 0);
	loop_run(loop);
	for (size_t i = 0; i < N_POSTERS; i++)
		pthread_join(posters[i].thread, NULL);
	assert_int_equal(n_ran, N_POSTERS * N_POSTS);
	loop_free(loop);
}

static void *post_one(void *arg)
{
	loop_post(loop, arg);
	return NULL;
}

TEST(a_loop_may_be_freed_as_soon_as_a_thread_s_task_ran)
{
	for (int round = 0; round < 200; round++) {
		struct step last;
		pthread_t   thread;

		open_loop();
		make_step(&last, 'z');
		assert_int_equal(pthread_create(&thread, NULL, post_one, &last.task), 0);
		while (trace_len == 0)
			loop_turn(loop, round % 2 ? 0 : -1);
		loop_free(loop);
		pthread_join(thread, NULL);
	}
}

/* ---- deferring ---- */

TEST(deferred_tasks_run_in_order_at_the_end_of_the_turn_until_none_is_left)
{
	struct step post1, post2, a, b, c;

	open_loop();
	make_step(&post1, '1');
	make_step(&post2, '2');
	make_step(&a, 'a');
	make_step(&b, 'b');
	make_step(&c, 'c');
	post1.defers = &a;
	post2.defers = &b;
	a.defers = &c; /* from a deferred task */
	c.posts = &post1;
	loop_post(loop, &post1.task);
	loop_post(loop, &post2.task);
	loop_turn(loop, 0);
	assert_string_equal(trace, "12abc");
	loop_turn(loop, 0);
	assert_string_equal(trace, "12abc1ac");
	loop_free(loop);
}

TEST(deferring_between_turns_makes_the_loop_ready)
{
	struct step a, b;

	open_loop();
	make_step(&a, 'a');
	make_step(&b, 'b');
	loop_defer(loop, &a.task);
	loop_defer(loop, &b.task);
	loop_defer(loop, &a.task);
	assert_true(is_ready());
	loop_turn(loop, -1);
	assert_string_equal(trace, "ab");
	loop_turn(loop, 0);
	assert_false(is_ready());
	loop_free(loop);
}

/* ---- inside another loop ---- */

struct alarm {
	struct loop_timer timer;
	int               n_fired;
};

static void count_alarm(struct loop_timer *t)
{
	container_of(t, struct alarm, timer)->n_fired++;
}

TEST(an_outer_epoll_hears_of_tasks_and_timers)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct alarm       alarm = {0};
	struct step        a;
	int                outer = epoll_create1(EPOLL_CLOEXEC);
	int                n_turns = 0;

	open_loop();
	assert_int_equal(epoll_ctl(outer, EPOLL_CTL_ADD, loop_fd(loop), &ev), 0);
	assert_int_equal(epoll_wait(outer, &ev, 1, 0), 0);

	make_step(&a, 'a');
	loop_defer(loop, &a.task);
	assert_int_equal(epoll_wait(outer, &ev, 1, 0), 1);
	loop_turn(loop, 0);
	assert_string_equal(trace, "a");
	assert_int_equal(epoll_wait(outer, &ev, 1, 0), 0);

	loop_timer_init(&alarm.timer, count_alarm);
	loop_timer_set(loop, &alarm.timer, clock_after_ms(5));
	while (alarm.n_fired == 0) {
		assert_int_equal(epoll_wait(outer, &ev, 1, -1), 1);
		loop_turn(loop, 0);
		n_turns++;
	}
	assert_int_equal(n_turns, 1);
	assert_int_equal(epoll_wait(outer, &ev, 1, 0), 0);
	loop_free(loop);
	close(outer);
}

/* ---- stopping ---- */

TEST(stop_ends_a_run_after_its_turn)
{
	struct step stop, after;

	open_loop();
	make_step(&stop, 's');
	make_step(&after, 'a');
	stop.stops = true;
	stop.defers = &after;
	loop_post(loop, &stop.task);
	loop_run(loop);
	assert_string_equal(trace, "sa");
	loop_free(loop);
}

TEST(stop_before_a_run_ends_it_at_once_and_only_that_one)
{
	struct step stop;

	open_loop();
	loop_stop(loop);
	loop_run(loop);
	make_step(&stop, 's');
	stop.stops = true;
	loop_post(loop, &stop.task);
	loop_run(loop);
	assert_string_equal(trace, "s");
	loop_free(loop);
}

static void stop_on_signal(int sig)
{
	(void)sig;
	loop_stop(loop);
}

static void *signal_the_process(void *arg)
{
	(void)arg;
	kill(getpid(), SIGUSR1);
	return NULL;
}

TEST(a_signal_handler_may_stop_a_waiting_loop)
{
	struct sigaction act = {.sa_handler = stop_on_signal}, before;
	pthread_t        thread;

	open_loop();
	assert_int_equal(sigaction(SIGUSR1, &act, &before), 0);
	assert_int_equal(pthread_create(&thread, NULL, signal_the_process, NULL), 0);
	loop_run(loop);
	pthread_join(thread, NULL);
	sigaction(SIGUSR1, &before, NULL);
	loop_free(loop);
}

/* ---- life ---- */

TEST(new_is_unavailable_when_descriptors_are_out)
{
	struct loop  *none = NULL;
	struct rlimit before, few;
	status        st;

	/* From room for none of the loop's three descriptors to room for two. */
	for (int room = 0; room < 3; room++) {
		int next = dup(0);

		close(next);
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
		few = (struct rlimit){.rlim_cur = (rlim_t)(next + room),
		                      .rlim_max = before.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		st = loop_new(&none);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_status(st, CODE_UNAVAILABLE);
		assert_null(none);
	}
}

TEST(free_forgets_what_is_linked)
{
	struct alarm alarm = {0};
	struct step  a, b;

	open_loop();
	make_step(&a, 'a');
	make_step(&b, 'b');
	loop_timer_init(&alarm.timer, count_alarm);
	loop_timer_set(loop, &alarm.timer, 0);
	loop_post(loop, &a.task);
	loop_defer(loop, &b.task);
	loop_free(loop);
	assert_false(loop_timer_is_set(&alarm.timer));
	assert_int_equal(alarm.n_fired, 0);
	assert_string_equal(trace, "");
	loop_free(NULL);
}

TEST(the_clock_stands_still_within_a_turn_and_never_runs_back)
{
	int64_t before, first;

	open_loop();
	before = clock_now_ns();
	loop_turn(loop, 0);
	first = loop_now_ns(loop);
	assert_true(before <= first && first <= clock_now_ns());
	assert_int_equal(loop_now_ns(loop), first);
	loop_turn(loop, 0);
	assert_true(loop_now_ns(loop) >= first);
	loop_free(loop);
}

TEST_MAIN()
