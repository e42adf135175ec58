#include "test/support/server_part.h"

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

#include "test/support/test.h"

enum { WAIT_MS = 60000 };

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
        ("LSAN_OPTIONS=print_suppressions=0:suppressions=" SERVER_SUPPRESSIONS "/lsan.supp"),
        ("TSAN_OPTIONS=suppressions=" SERVER_SUPPRESSIONS "/tsan.supp"),
};

const struct server_service server_services[SERVER_SERVICES] = {
        {"users", "USERS"}, {"channels", "CHANNELS"},   {"messages", "MESSAGES"},
        {"stats", "STATS"}, {"incidents", "INCIDENTS"},
};

static void set(const char *assignment)
{
	char name[128];

	snprintf(name, sizeof name, "%.*s", (int)strcspn(assignment, "="), assignment);
	setenv(name, assignment + strcspn(assignment, "=") + 1, 1);
}

static void set_variable(const char *service, const char *rest, const char *value)
{
	char name[128];

	snprintf(name, sizeof name, "%s_%s", service, rest);
	setenv(name, value, 1);
}

/* Where all replicas are, and where this one listens, if it is one; nothing without addresses. */
static void set_urls(const char *service, const char *url, const char *listen,
                     const char urls[SERVER_REPLICAS][SERVER_URL_BYTES], const char *own)
{
	char   all[SERVER_REPLICAS * (SERVER_URL_BYTES + 1)];
	size_t len = 0;

	for (unsigned k = 0; k < SERVER_REPLICAS && urls[k][0]; k++)
		len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", k ? "," : "", urls[k]);
	if (len > 0)
		set_variable(service, url, all);
	if (len > 0 && own)
		set_variable(service, listen, own);
}

static void set_addresses(const struct server *s, const struct server_process *p)
{
	for (unsigned i = 0; i < SERVER_SERVICES; i++) {
		const char *name = server_services[i].variable;
		const bool  is_own = p && strcmp(p->part, server_services[i].name) == 0;

		set_urls(name, "URL", "LISTEN", s->urls[i], is_own ? s->urls[i][p->replica] : NULL);
		set_urls(name, "EVENTS_URL", "EVENTS_LISTEN", s->events[i],
		         is_own ? s->events[i][p->replica] : NULL);
	}
}

static void set_certificates(const struct server *s)
{
	static const char *const files[][2] = {{"RPC_TLS_CA_FILE", "ca.pem"},
	                                       {"RPC_TLS_CERT_FILE", "all.pem"},
	                                       {"RPC_TLS_KEY_FILE", "all-key.pem"}};
	char                     path[128];

	for (size_t i = 0; s->has_certificates && i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", s->run_dir, files[i][1]);
		setenv(files[i][0], path, 1);
	}
}

void server_set_environment(const struct server *s, const struct server_process *p,
                            const char *const *env)
{
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
		set(defaults[i]);
	/* What a command prints stands alone, however slow it is. */
	if (p == NULL)
		set("LOG_LEVEL=error");
	setenv("DB_URL", s->db_url, 1);
	setenv("RUN_DIR", s->run_dir, 1);
	set_addresses(s, p);
	set_certificates(s);
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

void server_start_part(const struct server *s, struct server_process *p)
{
	p->notify_fd = listen_for_notify(p);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		server_set_environment(s, p, s->env);
		setenv("NOTIFY_SOCKET", p->notify_path, 1);
		execl(CANADUCK_EXECUTABLE, "canaduck", "serve", p->part, (char *)NULL);
		_exit(127);
	}
	p->pid_fd = pidfd_open(p->pid, 0);
	assert_true(p->pid_fd >= 0);
}

void server_wait_part_ready(struct server_process *p)
{
	struct pollfd fds[] = {{.fd = p->notify_fd, .events = POLLIN},
	                       {.fd = p->pid_fd, .events = POLLIN}};
	char          state[512];
	ssize_t       n;

	if (poll(fds, 2, WAIT_MS) <= 0)
		fail_msg("%s does not get ready", p->part);
	if (fds[0].revents == 0)
		fail_msg("%s ended instead of getting ready", p->part);
	n = recv(p->notify_fd, state, sizeof state - 1, 0);
	state[n > 0 ? n : 0] = '\0';
	if (sscanf(state, "READY=1\nSTATUS=listening on port %hu, metrics on port %hu", &p->port,
	           &p->metrics_port) != 2)
		fail_msg("%s says \"%s\" instead of being ready", p->part, state);
}

void server_restart_part(const struct server *s, struct server_process *p)
{
	server_start_part(s, p);
	server_wait_part_ready(p);
}

struct server_process *server_part(struct server *s, const char *part, unsigned replica)
{
	for (unsigned i = 0; i < s->n_parts; i++)
		if (strcmp(s->parts[i].part, part) == 0 && s->parts[i].replica == replica)
			return &s->parts[i];
	fail_msg("there is no %s %u", part, replica);
	return NULL;
}

void server_signal_part(const struct server_process *p, int number)
{
	kill(p->pid, number);
}

int server_exit_status(int outcome)
{
	return WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 128 + WTERMSIG(outcome);
}

int server_wait_part(struct server_process *p)
{
	struct pollfd end = {.fd = p->pid_fd, .events = POLLIN};
	int           outcome;

	if (poll(&end, 1, WAIT_MS) != 1) {
		kill(p->pid, SIGKILL);
		fail_msg("%s does not end", p->part);
	}
	assert_int_equal(waitpid(p->pid, &outcome, 0), p->pid);
	close(p->pid_fd);
	close(p->notify_fd);
	unlink(p->notify_path);
	p->pid = 0;
	return server_exit_status(outcome);
}
