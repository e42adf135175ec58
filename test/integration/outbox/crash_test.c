/*
 * Relays that die, or stop for a while, at the worst moments, in processes of their own.
 */
#include "test/integration/outbox/stream.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define URL "inproc://crash.events"

enum { LEASE_MS = 50, ROUNDS = 100 };

extern char **environ;

struct process {
	pid_t             pid;
	int               pid_fd;
	struct loop_watch watch;
	bool              has_ended;
};

static char                   url[PG_URL_BYTES];
static char                   urls[2][STREAM_URL_BYTES], all_urls[3 * STREAM_URL_BYTES];
static struct stream          s;
static struct stream_relay    a;
static struct stream_consumer c, d;

static int migrate(void **state __attribute__((unused)))
{
	stream_migrate(url);
	stream_ipc_url(urls[0], "crash0");
	stream_ipc_url(urls[1], "crash1");
	snprintf(all_urls, sizeof all_urls, "%s,%s,%s", urls[0], urls[1], URL);
	return 0;
}

static void start(void)
{
	stream_start(&s, url);
	c = d = (struct stream_consumer){0};
	stream_consumer_start(&c, &s, all_urls);
	stream_consumer_start(&d, &s, all_urls);
}

static void stop(void)
{
	stream_consumer_stop(&c);
	stream_consumer_stop(&d);
	stream_stop(&s);
}

/* ---- processes ---- */

static void on_end(struct loop_watch *w, unsigned events __attribute__((unused)))
{
	struct process *p = container_of(w, struct process, watch);

	p->has_ended = true;
	loop_watch_remove(s.f.loop, w);
}

static void spawn(struct process *p, const char *events_url, const char *strike)
{
	char        lease[16];
	char *const argv[] = {(char *)(uintptr_t)RELAY_PROCESS, url,
	                      (char *)(uintptr_t)events_url,    lease,
	                      (char *)(uintptr_t)strike,        NULL};

	*p = (struct process){0};
	snprintf(lease, sizeof lease, "%d", LEASE_MS);
	assert_int_equal(posix_spawn(&p->pid, RELAY_PROCESS, NULL, NULL, argv, environ), 0);
	p->pid_fd = pidfd_open(p->pid, 0);
	assert_true(p->pid_fd >= 0);
	assert_status(loop_watch_add(s.f.loop, &p->watch, p->pid_fd, LOOP_READ, on_end), CODE_OK);
}

static bool has_ended(void *arg)
{
	return ((struct process *)arg)->has_ended;
}

static void await_killed(struct process *p)
{
	int how;

	stream_await(&s, has_ended, p);
	assert_int_equal(waitpid(p->pid, &how, 0), p->pid);
	assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
	close(p->pid_fd);
}

static bool has_stopped(void *arg)
{
	const struct process *p = arg;
	int                   how;

	return waitpid(p->pid, &how, WUNTRACED | WNOHANG) == p->pid && WIFSTOPPED(how);
}

/* ---- tests ---- */

static void kill_relays(const char *strike)
{
	struct process p;

	start();
	for (int64_t i = 0; i < ROUNDS; i++) {
		stream_tell(&s, 1 + 3 * i, 2);
		stream_take_back(&s, 99);
		stream_tell(&s, 3 + 3 * i, 1);
		spawn(&p, urls[i % 2], strike);
		await_killed(&p);
	}
	stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
	stream_consumer_await(&c, 3 * ROUNDS);
	stream_consumer_await(&d, 3 * ROUNDS);
	stream_consumer_await_complete(&c);
	stream_consumer_await_complete(&d);
	stream_consumer_assert(&c, 1, 3 * ROUNDS);
	stream_consumer_assert(&d, 1, 3 * ROUNDS);
	assert_int_equal(stream_last_position(&s), 3 * ROUNDS);
	assert_int_equal(c.n_rebuilds, 1);
	stream_relay_stop(&a);
	stop();
}

TEST(a_hundred_relays_killed_between_commit_and_position_lose_nothing)
{
	kill_relays("kill_before_place");
}

TEST(a_hundred_relays_killed_between_position_and_publishing_lose_nothing)
{
	kill_relays("kill_before_publish");
}

/* Which relay it finds in the lead when it goes on, and what that told meanwhile. */
static void stop_relays(const char *strike)
{
	enum { TIMES = 10 };
	struct process p;

	start();
	for (int64_t i = 0; i < TIMES; i++) {
		const int64_t n = i * 15;

		spawn(&p, urls[i % 2], strike);
		stream_tell(&s, n + 1, 5);
		stream_await(&s, has_stopped, &p);
		stream_relay_start(&a, &s, URL, (struct outbox_relay_config){0});
		stream_relay_await_leader(&a);
		stream_tell(&s, n + 6, 5);
		stream_consumer_await(&c, (size_t)n + 10);
		stream_consumer_await_complete(&c);
		/* It does what it was about to do, and later leads once more: what it tells then
		 * comes behind that. */
		kill(p.pid, SIGCONT);
		stream_relay_kill(&a);
		stream_tell(&s, n + 11, 5);
		stream_consumer_await(&c, (size_t)n + 15);
		stream_consumer_await(&d, (size_t)n + 15);
		stream_consumer_await_complete(&c);
		kill(p.pid, SIGKILL);
		await_killed(&p);
	}
	stream_consumer_assert(&c, 1, TIMES * 15);
	stream_consumer_assert(&d, 1, TIMES * 15);
	assert_int_equal(stream_last_position(&s), TIMES * 15);
	stop();
}

TEST(a_relay_that_publishes_late_only_repeats)
{
	stop_relays("stop_before_publish");
}

TEST(a_relay_that_places_late_places_nothing)
{
	stop_relays("stop_before_place");
}

static bool is_incomplete(void *arg)
{
	return !events_consumer_is_complete(arg);
}

TEST(a_relay_that_stalls_is_noticed_and_goes_on)
{
	struct process p;

	start();
	spawn(&p, urls[0], "never");
	stream_tell(&s, 1, 5);
	stream_consumer_await(&c, 5);
	stream_consumer_await_complete(&c);
	kill(p.pid, SIGSTOP);
	stream_await(&s, has_stopped, &p);
	stream_await(&s, is_incomplete, c.consumer);
	stream_tell(&s, 6, 5);
	assert_int_equal(c.n, 5);
	kill(p.pid, SIGCONT);
	stream_consumer_await_complete(&c);
	stream_consumer_await(&c, 10);
	stream_consumer_assert(&c, 1, 10);
	kill(p.pid, SIGKILL);
	await_killed(&p);
	stop();
}

TEST_MAIN(migrate, NULL)
