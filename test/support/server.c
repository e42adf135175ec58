#include "test/support/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/support/http.h"
#include "test/support/test.h"

enum { START_MS = 60000, MAX_ENV = 64, TOKEN_BYTES = 4096 };

/* Cheap hashes, few connections; what a test sets itself comes later and wins. */
static const char *const defaults[] = {
        "ENV=development",       "LOG_LEVEL=warn",         "PORT=0",
        "METRICS_PORT=0",        "PASSWORD_MEMORY_KIB=64", "PASSWORD_PASSES=1",
        "DB_READ_CONNECTIONS=2", "DB_WRITE_CONNECTIONS=2", "JWT_SECRET=" SERVER_JWT_SECRET,
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
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

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
	char state[512];
	struct pollfd p = {.fd = s->notify_fd, .events = POLLIN};
	int64_t until = clock_after_ms(START_MS);

	while (clock_now_ns() < until) {
		ssize_t n;

		if (waitpid(s->pid, NULL, WNOHANG) != 0)
			fail_msg("the server ended instead of getting ready");
		if (poll(&p, 1, 100) != 1)
			continue;
		n = recv(s->notify_fd, state, sizeof state - 1, 0);
		state[n > 0 ? n : 0] = '\0';
		if (sscanf(state, "READY=1\nSTATUS=listening on port %hu, metrics on port %hu",
		           &s->port, &s->metrics_port) == 2)
			return;
	}
	fail_msg("the server did not get ready");
}

void server_start(struct server *s, const char *db_url, const char *const *env)
{
	*s = (struct server){0};
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
	wait_ready(s);
}

void server_terminate(struct server *s)
{
	kill(s->pid, SIGTERM);
}

int server_wait(struct server *s)
{
	int64_t until = clock_after_ms(START_MS);
	const struct timespec tick = {.tv_nsec = 5000000};
	sigset_t children;
	int status;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	while (waitpid(s->pid, &status, WNOHANG) == 0) {
		if (clock_now_ns() > until) {
			kill(s->pid, SIGKILL);
			fail_msg("the server does not end");
		}
		sigtimedwait(&children, NULL, &tick);
	}
	close(s->notify_fd);
	unlink(s->notify_path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void server_stop(struct server *s)
{
	server_terminate(s);
	assert_int_equal(server_wait(s), 0);
}

int server_run(const char *const *argv, const char *db_url, const char *const *env, char *output,
               size_t size)
{
	int ends[2], status;
	size_t len = 0;
	pid_t pid;

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
		char chunk[4096];
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
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int64_t server_register(const struct server *s, const char *pseudo, char *out_token)
{
	struct http_response r;
	char body[512];
	int64_t id;

	snprintf(body, sizeof body,
	         "{\"pseudo\":\"%s\",\"email\":\"%s@example.org\",\"password\":\"coin-coin-42\"}",
	         pseudo, pseudo);
	r = http_post(s->port, "/register", NULL, body);
	assert_http(r, 201);
	snprintf(out_token, TOKEN_BYTES, "%s",
	         json_string_value(http_json(&r, "tokens.access_token")));
	id = json_integer_value(http_json(&r, "user.id"));
	http_response_free(&r);
	return id;
}
