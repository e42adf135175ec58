#include "test/support/server.h"

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
static void set_environment(const char *db_url, const char *const *env)
{
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		set(defaults[i]);
	setenv("DB_URL", db_url, 1);
	for (size_t i = 0; env && env[i]; i++)
		set(env[i]);
}

static int listen_for_notify(struct server *s)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(s->notify_path, sizeof s->notify_path, "/tmp/canaduck-test-%d-%p.sock", getpid(),
	         (void *)s);
	unlink(s->notify_path);
	memcpy(at.sun_path, s->notify_path, strlen(s->notify_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void wait_ready(struct server *s)
{
	struct pollfd fds[] = {{.fd = s->notify_fd, .events = POLLIN},
	                       {.fd = s->pid_fd, .events = POLLIN}};
	char          state[512];
	ssize_t       n;

	if (poll(fds, 2, START_MS) <= 0)
		fail_msg("the server does not get ready");
	if (fds[0].revents == 0)
		fail_msg("the server ended instead of getting ready");
	n = recv(s->notify_fd, state, sizeof state - 1, 0);
	state[n > 0 ? n : 0] = '\0';
	if (sscanf(state, "READY=1\nSTATUS=listening on port %hu, metrics on port %hu", &s->port,
	           &s->metrics_port) != 2)
		fail_msg("the server says \"%s\" instead of being ready", state);
}

void server_start(struct server *s, const char *db_url, const char *const *env)
{
	*s = (struct server){0};
	snprintf(s->db_url, sizeof s->db_url, "%s", db_url);
	s->notify_fd = listen_for_notify(s);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("NOTIFY_SOCKET", s->notify_path, 1);
		set_environment(db_url, env);
		execl(CANADUCK_EXECUTABLE, "canaduck", "serve", "all", (char *)NULL);
		_exit(127);
	}
	s->pid_fd = pidfd_open(s->pid, 0);
	assert_true(s->pid_fd >= 0);
	wait_ready(s);
}

void server_terminate(struct server *s)
{
	kill(s->pid, SIGTERM);
}

static int exit_status(int outcome)
{
	return WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 128 + WTERMSIG(outcome);
}

int server_wait(struct server *s)
{
	struct pollfd end = {.fd = s->pid_fd, .events = POLLIN};
	int           outcome;

	if (poll(&end, 1, START_MS) != 1) {
		kill(s->pid, SIGKILL);
		fail_msg("the server does not end");
	}
	assert_int_equal(waitpid(s->pid, &outcome, 0), s->pid);
	close(s->pid_fd);
	close(s->notify_fd);
	unlink(s->notify_path);
	return exit_status(outcome);
}

void server_kill(struct server *s)
{
	kill(s->pid, SIGKILL);
	assert_int_equal(server_wait(s), 128 + SIGKILL);
}

void server_stop(struct server *s)
{
	server_terminate(s);
	assert_int_equal(server_wait(s), 0);
}

int server_run(const char *const *argv, const char *db_url, const char *const *env, char *output,
               size_t size)
{
	int    ends[2], outcome;
	size_t len = 0;
	pid_t  pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		set_environment(db_url, env);
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
