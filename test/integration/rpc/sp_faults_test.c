/*
 * What might be lost or done twice: replies to a process that stands still, requests of
 * a server that is killed again and again.
 *
 * The other end is this program, started once more.
 */
#include "test/integration/rpc/stage.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "certs/issue.h"
#include "fiber/fiber.h"
#include "rpc/transport.h"
#include "test/support/port.h"
#include "test/support/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/canaduck-faults-XXXXXX";

static const char *new_url(void)
{
	static char     url[64];
	static unsigned n;

	snprintf(url, sizeof url, "ipc://%s/%u", dir, n++);
	return url;
}

/* ---- certificates, for all processes in which this program runs ---- */

static struct arena   arena;
static struct rpc_tls tls;

static const struct {
	const char  *name;
	const char **text;
} pem_files[] = {{"ca.pem", &tls.ca}, {"cert.pem", &tls.cert}, {"key.pem", &tls.key}};

enum { N_PEM_FILES = sizeof pem_files / sizeof *pem_files, MAX_PEM = 8192, DAYS = 2 };

static FILE *open_pem(const char *folder, size_t i, const char *mode)
{
	char  path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, pem_files[i].name);
	f = fopen(path, mode);
	if (f == NULL)
		mem_die("no file of a certificate");
	return f;
}

static void make_certificates(void)
{
	const str       name = STR("127.0.0.1");
	struct certs_ca ca = {.key = certs_new_key(&arena)};

	tls.key = certs_new_key(&arena);
	if (certs_new_ca(&arena, ca.key, DAYS, &ca.cert).code != CODE_OK ||
	    certs_issue(&arena, &ca, tls.key, &name, 1, DAYS, &tls.cert).code != CODE_OK)
		mem_die("no certificates");
	tls.ca = ca.cert;
	for (size_t i = 0; i < N_PEM_FILES; i++) {
		FILE *f = open_pem(dir, i, "w");

		fputs(*pem_files[i].text, f);
		fclose(f);
	}
	stage_tls = &tls;
}

static void read_certificates(const char *folder)
{
	for (size_t i = 0; i < N_PEM_FILES; i++) {
		FILE *f = open_pem(folder, i, "r");
		char *text = arena_alloc(&arena, MAX_PEM);

		text[fread(text, 1, MAX_PEM - 1, f)] = '\0';
		*pem_files[i].text = text;
		fclose(f);
	}
	stage_tls = &tls;
}

static pid_t start_again(const char *part, const char *url, const char *more)
{
	char *const argv[] = {(char *)(uintptr_t) "sp_faults", (char *)(uintptr_t)part,
	                      (char *)(uintptr_t)url, (char *)(uintptr_t)more, NULL};
	pid_t       pid;

	assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
	return pid;
}

/* ---- a process that asks, and stands still ---- */

enum { ASKED = 300 };

struct asker {
	struct loop     *loop;
	struct rpc_link *link;
	size_t           size; /* of each reply */
	unsigned         n_sent, n_lost, n_wrong, n_replies;
	uint8_t          got[ASKED + 1];
	struct loop_task ask;
};

static void on_answer(void *arg, uint64_t call_id, str envelope)
{
	struct asker *a = arg;

	a->n_wrong += call_id > ASKED || a->got[call_id]++ > 0 || envelope.len != a->size;
	if (++a->n_replies == ASKED)
		loop_stop(a->loop);
}

static void on_no_answer(void *arg, uint64_t call_id __attribute__((unused)),
                         bool may_have_run __attribute__((unused)))
{
	struct asker *a = arg;

	a->n_lost++;
	loop_stop(a->loop);
}

static void on_asker_state(void *arg, bool is_up)
{
	struct asker *a = arg;

	for (uint64_t id = 1; is_up && id <= ASKED; id++)
		a->n_sent += a->link->ops->send(a->link, id, STR("?")).code == CODE_OK;
}

static int run_asker(const char *url, const char *size)
{
	struct asker                 a = {.size = strtoul(size, NULL, 10)};
	const struct rpc_link_events events = {on_answer, on_no_answer, on_asker_state, &a};

	if (loop_new(&a.loop).code != CODE_OK ||
	    rpc_transport_link(a.loop, str_c(url), stage_tls, &events, &a.link).code != CODE_OK)
		return 2;
	loop_run(a.loop);
	a.link->ops->close(a.link);
	loop_free(a.loop);
	return a.n_sent == ASKED && a.n_replies == ASKED && a.n_lost + a.n_wrong == 0 ? 0 : 1;
}

struct answerer {
	struct stage_thread thread;
	const char         *url;
	struct rpc_port    *port;
	struct rpc_peer    *peer;
	atomic_uint         n_requests;
	size_t              size;
	bool                was_idle;
	status              result;
};

static void on_question(void *arg, struct rpc_peer *peer, uint64_t call_id __attribute__((unused)),
                        str envelope __attribute__((unused)))
{
	struct answerer *a = arg;

	a->peer = peer;
	atomic_fetch_add(&a->n_requests, 1);
}

static void on_asker_gone(void *arg, struct rpc_peer *peer __attribute__((unused)))
{
	((struct answerer *)arg)->peer = NULL;
}

static void open_answerer(void *arg)
{
	struct answerer             *a = arg;
	const struct rpc_port_events events = {
	        .on_request = on_question, .on_gone = on_asker_gone, .arg = a};

	a->result =
	        rpc_transport_listen(a->thread.loop, str_c(a->url), stage_tls, &events, &a->port);
}

/* One by one: each reply in a turn of its own, so that none joins another by itself. */
static void answer_all(void *arg)
{
	struct answerer      *a = arg;
	AUTO(mem_freep) char *data = mem_zalloc(a->size);

	for (uint64_t id = 1; id <= ASKED && a->peer; id++) {
		a->peer->port->ops->reply(a->peer, id, (str){data, a->size});
		if (fiber_yield().code != CODE_OK)
			return;
	}
	a->was_idle = a->port->ops->is_idle(a->port);
}

static void close_answerer(void *arg)
{
	struct answerer *a = arg;

	a->port->ops->close(a->port);
}

TEST(three_hundred_replies_to_a_process_that_stands_still_all_arrive)
{
	static const char *const sizes[] = {"200", "65536"};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct answerer a = {.url = new_url(), .size = strtoul(sizes[i], NULL, 10)};
		pid_t           pid;
		int             ended;

		stage_thread_init(&a.thread);
		stage_do(&a.thread, open_answerer, &a);
		assert_status(a.result, CODE_OK);
		pid = start_again("ask", a.url, sizes[i]);
		stage_until(&a.n_requests, ASKED);
		kill(pid, SIGSTOP);
		assert_int_equal(waitpid(pid, &ended, WUNTRACED), pid);
		assert_true(WIFSTOPPED(ended));
		stage_do(&a.thread, answer_all, &a);
		assert_false(a.was_idle);
		kill(pid, SIGCONT);
		assert_int_equal(waitpid(pid, &ended, 0), pid);
		assert_true(WIFEXITED(ended));
		assert_int_equal(WEXITSTATUS(ended), 0);
		stage_do(&a.thread, close_answerer, &a);
		stage_thread_fini(&a.thread);
	}
}

/* ---- a server that is killed again and again ---- */

enum { CALLS = 1 << 20, ROUNDS = 20, TLS_ROUNDS = 5, UNDER_WAY = 200, A_ROUND = 2000 };

/* How often each call was executed, in a file that outlives the process. */
static atomic_uchar *map_counters(const char *path)
{
	int           fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	atomic_uchar *at;

	if (fd < 0 || ftruncate(fd, CALLS) != 0)
		mem_die("no file for counters");
	at = mmap(NULL, CALLS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		mem_die("no room for counters");
	return at;
}

static void on_execute(void *arg, struct rpc_peer *peer, uint64_t call_id, str envelope)
{
	atomic_uchar *counters = arg;

	atomic_fetch_add(&counters[call_id], 1);
	peer->port->ops->reply(peer, call_id, envelope);
}

static void on_client_gone(void            *arg __attribute__((unused)),
                           struct rpc_peer *peer __attribute__((unused)))
{
}

static int run_executor(const char *url, const char *folder)
{
	struct rpc_port_events events = {.on_request = on_execute, .on_gone = on_client_gone};
	char                   path[64];
	struct rpc_port       *port;
	struct loop           *l;

	snprintf(path, sizeof path, "%s/counters", folder);
	events.arg = map_counters(path);
	read_certificates(folder);
	if (loop_new(&l).code != CODE_OK ||
	    rpc_transport_listen(l, str_c(url), stage_tls, &events, &port).code != CODE_OK)
		return 2;
	loop_run(l);
	return 0;
}

enum outcome { NOT_SENT, UNDER, ANSWERED, LOST_UNSENT, LOST };

struct driver {
	struct stage_thread thread;
	const char         *url;
	struct rpc_link    *link;
	struct fiber       *fiber;
	uint8_t             outcomes[CALLS];
	uint64_t            last_id;
	atomic_uint         n_answered;
	unsigned            n_under_way, n_twice;
	bool                is_over;
	atomic_llong        down_ns; /* when the last server was seen to be gone, its calls ended */
	atomic_uint         n_downs;
	unsigned            n_lost;
	status              result;
};

static void end_call(struct driver *d, uint64_t id, enum outcome outcome)
{
	d->n_twice += d->outcomes[id] != UNDER;
	d->outcomes[id] = (uint8_t)outcome;
	d->n_under_way--;
	fiber_wake(d->fiber);
}

static void on_driver_reply(void *arg, uint64_t call_id, str envelope __attribute__((unused)))
{
	struct driver *d = arg;

	end_call(d, call_id, ANSWERED);
	atomic_fetch_add(&d->n_answered, 1);
}

static void on_driver_lost(void *arg, uint64_t call_id, bool may_have_run)
{
	struct driver *d = arg;

	end_call(d, call_id, may_have_run ? LOST : LOST_UNSENT);
	d->n_lost++;
}

static void on_driver_state(void *arg, bool is_up)
{
	struct driver *d = arg;

	if (!is_up) {
		atomic_store(&d->down_ns, clock_now_ns());
		atomic_fetch_add(&d->n_downs, 1);
	}
	fiber_wake(d->fiber);
}

static void send_more(struct driver *d)
{
	while (d->link->is_up && !d->is_over && d->n_under_way < UNDER_WAY &&
	       d->last_id + 1 < CALLS) {
		if (d->link->ops->send(d->link, d->last_id + 1, STR("do")).code != CODE_OK)
			return;
		d->outcomes[++d->last_id] = UNDER;
		d->n_under_way++;
	}
}

static void drive(void *arg)
{
	struct driver               *d = arg;
	const struct rpc_link_events events = {on_driver_reply, on_driver_lost, on_driver_state, d};

	d->fiber = fiber_current();
	d->result = rpc_transport_link(d->thread.loop, str_c(d->url), stage_tls, &events, &d->link);
	while (d->result.code == CODE_OK && (!d->is_over || d->n_under_way > 0)) {
		send_more(d);
		d->result = fiber_suspend(CLOCK_NEVER);
	}
	d->link->ops->close(d->link);
}

static void finish_driving(void *arg)
{
	struct driver *d = arg;

	d->is_over = true;
	fiber_wake(d->fiber);
}

static void kill_again_and_again(const char *url, unsigned n_rounds, unsigned max_late)
{
	struct driver   *d = mem_zalloc(sizeof *d);
	char             path[64];
	atomic_uchar    *counters;
	struct stage_job driving;
	unsigned         n_late = 0, n_lost = 0, n_unsent = 0;
	pid_t            pid;

	snprintf(path, sizeof path, "%s/counters", dir);
	counters = map_counters(path);
	d->url = url;
	stage_thread_init(&d->thread);
	stage_start(&driving, &d->thread, drive, d);
	for (unsigned round = 0; round < n_rounds; round++) {
		int64_t killed_ns;

		pid = start_again("execute", d->url, dir);
		stage_until(&d->n_answered, atomic_load(&d->n_answered) + A_ROUND);
		killed_ns = clock_now_ns();
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		stage_until(&d->n_downs, round + 1);
		n_late += atomic_load(&d->down_ns) - killed_ns > 50 * CLOCK_NS_PER_MS;
	}
	pid = start_again("execute", d->url, dir);
	stage_until(&d->n_answered, atomic_load(&d->n_answered) + A_ROUND);
	stage_do(&d->thread, finish_driving, d);
	stage_wait(&driving);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	stage_thread_fini(&d->thread);

	assert_int_equal(d->n_twice, 0);
	assert_in_range(n_late, 0, max_late);
	for (uint64_t id = 1; id <= d->last_id; id++) {
		const unsigned n = atomic_load(&counters[id]);

		assert_in_range(n, 0, 1);
		if (d->outcomes[id] == ANSWERED)
			assert_int_equal(n, 1);
		if (d->outcomes[id] == LOST_UNSENT)
			assert_int_equal(n, 0);
		n_lost += d->outcomes[id] == LOST;
		n_unsent += d->outcomes[id] == LOST_UNSENT;
	}
	assert_int_equal(n_lost + n_unsent, d->n_lost);
	assert_true(n_lost > 0);
	munmap(counters, CALLS);
	unlink(path);
	mem_free(d);
}

TEST(a_server_killed_again_and_again_executes_nothing_twice)
{
	/* A busy machine may be late now and then. */
	kill_again_and_again(new_url(), ROUNDS, ROUNDS / 4);
}

TEST(a_server_killed_again_and_again_executes_nothing_twice_over_tls)
{
	char url[64];

	snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%u", port_free());
	kill_again_and_again(url, TLS_ROUNDS, TLS_ROUNDS / 4);
}

static int run_here(int argc, char **argv)
{
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	make_certificates();
	failed = test_run(argc, argv, NULL, NULL);
	for (unsigned n = 0; n < 8; n++) {
		char path[64];

		snprintf(path, sizeof path, "%s/%u", dir, n);
		unlink(path);
	}
	for (size_t i = 0; i < N_PEM_FILES; i++) {
		char path[64];

		snprintf(path, sizeof path, "%s/%s", dir, pem_files[i].name);
		unlink(path);
	}
	rmdir(dir);
	return failed;
}

static int run(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "ask") == 0)
		return run_asker(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "execute") == 0)
		return run_executor(argv[2], argv[3]);
	return run_here(argc, argv);
}

int main(int argc, char **argv)
{
	int failed;

	/* One that stands still would outlive a test that fails. */
	if (argc > 2)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	arena_init(&arena, 1 << 20);
	failed = run(argc, argv);
	arena_fini(&arena);
	return failed;
}
