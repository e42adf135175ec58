#include "test/support/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/support/http.h"
#include "test/support/test.h"

enum { START_MS = 60000, MAX_CHUNK = 4096 };

/* Cheap hashes, few connections; what a test sets itself comes later and wins. */
static const char *const defaults[] = {
        "ENV=development",
        "LOG_LEVEL=warn",
        "PORT=0",
        "METRICS_PORT=0",
        "PASSWORD_MEMORY_KIB=64",
        "PASSWORD_PASSES=1",
        "DB_READ_CONNECTIONS=2",
        "DB_WRITE_CONNECTIONS=2",
        ("JWT_SECRET=" SERVER_JWT_SECRET),
        "LSAN_OPTIONS=print_suppressions=0",
};

static void set(const char *assignment)
{
	char name[128];

	snprintf(name, sizeof name, "%.*s", (int)strcspn(assignment, "="), assignment);
	setenv(name, assignment + strcspn(assignment, "=") + 1, 1);
}

/* In the child, before exec. */
static void set_environment(const struct server *s, const char *const *env)
{
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		set(defaults[i]);
	setenv("DB_URL", s->db_url, 1);
	setenv("RUN_DIR", s->run_dir, 1);
	for (size_t i = 0; env && env[i]; i++)
		set(env[i]);
}

static int listen_for_notify(struct server_process *p)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(p->notify_path, sizeof p->notify_path, "/tmp/canaduck-test-%d-%p.sock", getpid(),
	         (void *)p);
	unlink(p->notify_path);
	memcpy(at.sun_path, p->notify_path, strlen(p->notify_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void wait_ready(struct server_process *p)
{
	struct pollfd fds[] = {{.fd = p->notify_fd, .events = POLLIN},
	                       {.fd = p->pid_fd, .events = POLLIN}};
	char          state[512];
	ssize_t       n;

	if (poll(fds, 2, START_MS) <= 0)
		fail_msg("the server does not get ready");
	if (fds[0].revents == 0)
		fail_msg("the server ended instead of getting ready");
	n = recv(p->notify_fd, state, sizeof state - 1, 0);
	state[n > 0 ? n : 0] = '\0';
	if (sscanf(state, "READY=1\nSTATUS=listening on port %hu, metrics on port %hu", &p->port,
	           &p->metrics_port) != 2)
		fail_msg("the server says \"%s\" instead of being ready", state);
}

static struct server_process *start_part(struct server *s, const char *part, const char *const *env)
{
	struct server_process *p = &s->parts[s->n_parts++];

	p->notify_fd = listen_for_notify(p);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("NOTIFY_SOCKET", p->notify_path, 1);
		set_environment(s, env);
		execl(CANADUCK_EXECUTABLE, "canaduck", "serve", part, (char *)NULL);
		_exit(127);
	}
	p->pid_fd = pidfd_open(p->pid, 0);
	assert_true(p->pid_fd >= 0);
	return p;
}

/* Addresses that nobody uses now; what takes one in between is bad luck. */
static void choose_tcp_addresses(void)
{
	static const char *const names[][2] = {{"USERS_URL", "USERS_LISTEN"},
	                                       {"CHANNELS_URL", "CHANNELS_LISTEN"},
	                                       {"MESSAGES_URL", "MESSAGES_LISTEN"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct sockaddr_in at = {.sin_family = AF_INET,
		                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t          len = sizeof at;
		char               url[64];
		int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
		snprintf(url, sizeof url, "tcp://127.0.0.1:%d", ntohs(at.sin_port));
		close(fd);
		setenv(names[i][0], url, 1);
		setenv(names[i][1], url, 1);
	}
}

/* Ready means that a part listens; that they found each other the edge says. */
static void wait_in_reach(const struct server *s)
{
	int64_t until_ns = clock_after_ms(START_MS);
	long    answer = 0;

	while (answer != 200 && clock_now_ns() < until_ns) {
		struct http_response r = http_get(s->port, "/readyz", NULL);

		answer = r.status;
		http_response_free(&r);
	}
	if (answer != 200)
		fail_msg("the parts do not find each other");
}

void server_start(struct server *s, const char *db_url, const char *const *env)
{
	static const char *const services[] = {"users", "channels", "messages"};
	const char              *topology = getenv("TEST_TOPOLOGY");
	bool                     is_one = !topology || strcmp(topology, "one") == 0;

	*s = (struct server){.run_dir = "/tmp/canaduck-run-XXXXXX"};
	snprintf(s->db_url, sizeof s->db_url, "%s", db_url);
	assert_non_null(mkdtemp(s->run_dir));
	if (topology && strcmp(topology, "tcp") == 0)
		choose_tcp_addresses();
	for (size_t i = 0; !is_one && i < sizeof services / sizeof *services; i++)
		start_part(s, services[i], env);
	start_part(s, is_one ? "all" : "edge", env);
	for (unsigned i = 0; i < s->n_parts; i++)
		wait_ready(&s->parts[i]);
	s->port = s->parts[s->n_parts - 1].port;
	s->metrics_port = s->parts[s->n_parts - 1].metrics_port;
	wait_in_reach(s);
}

void server_terminate(struct server *s)
{
	kill(s->parts[s->n_parts - 1].pid, SIGTERM);
}

static int exit_status(int outcome)
{
	return WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 128 + WTERMSIG(outcome);
}

static int wait_part(struct server_process *p)
{
	struct pollfd end = {.fd = p->pid_fd, .events = POLLIN};
	int           outcome;

	if (poll(&end, 1, START_MS) != 1) {
		kill(p->pid, SIGKILL);
		fail_msg("the server does not end");
	}
	assert_int_equal(waitpid(p->pid, &outcome, 0), p->pid);
	close(p->pid_fd);
	close(p->notify_fd);
	unlink(p->notify_path);
	return exit_status(outcome);
}

static void remove_run_dir(const struct server *s)
{
	static const char *const sockets[] = {"users.sock", "channels.sock", "messages.sock"};
	char                     path[128];

	for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
		snprintf(path, sizeof path, "%s/%s", s->run_dir, sockets[i]);
		unlink(path);
	}
	rmdir(s->run_dir);
}

int server_wait(struct server *s)
{
	int worst = 0;

	while (s->n_parts > 0) {
		int ended = wait_part(&s->parts[--s->n_parts]);

		worst = ended > worst ? ended : worst;
		for (unsigned i = 0; i < s->n_parts; i++)
			kill(s->parts[i].pid, SIGTERM);
	}
	remove_run_dir(s);
	return worst;
}

void server_kill(struct server *s)
{
	for (unsigned i = 0; i < s->n_parts; i++)
		kill(s->parts[i].pid, SIGKILL);
	assert_int_equal(server_wait(s), 128 + SIGKILL);
}

void server_stop(struct server *s)
{
	server_terminate(s);
	assert_int_equal(server_wait(s), 0);
}

int server_run(const char *const *argv, const struct server *s, const char *const *env,
               char *output, size_t size)
{
	int    ends[2], outcome;
	size_t len = 0;
	pid_t  pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		set_environment(s, env);
		execv(CANADUCK_EXECUTABLE, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	for (;;) {
		char    chunk[MAX_CHUNK];
		ssize_t n = read(ends[0], chunk, sizeof chunk);

		if (n <= 0)
			break;
		if ((size_t)n > size - 1 - len)
			n = (ssize_t)(size - 1 - len);
		memcpy(output + len, chunk, (size_t)n);
		len += (size_t)n;
	}
	output[len] = '\0';
	close(ends[0]);
	waitpid(pid, &outcome, 0);
	return exit_status(outcome);
}

double server_metric(const struct server *s, const char *prefix)
{
	struct http_response r = http_get(s->metrics_port, "/metrics", NULL);
	double               sum = 0;

	for (const char *line = r.body; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *value = line + strcspn(line, "\n");

		while (value > line && value[-1] != ' ')
			value--;
		if (strncmp(line, prefix, strlen(prefix)) == 0)
			sum += strtod(value, NULL);
	}
	http_response_free(&r);
	return sum;
}

int64_t server_register(const struct server *s, const char *pseudo, char *out_token)
{
	struct http_response r;
	int64_t              id;

	r = http_postf(s->port, "/register", NULL,
	               "{\"pseudo\":\"%s\",\"email\":\"%s@example.org\","
	               "\"password\":\"coin-coin-42\"}",
	               pseudo, pseudo);
	assert_http(r, 201);
	snprintf(out_token, SERVER_TOKEN_BYTES, "%s", http_text(&r, "tokens.access_token"));
	id = http_int(&r, "user.id");
	http_response_free(&r);
	return id;
}
