#include "test/support/server.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/support/http.h"
#include "test/support/port.h"
#include "test/support/server_part.h"
#include "test/support/test.h"

enum { REACH_MS = 60000, MAX_CHUNK = 4096 };

/* One of each on one machine needs no addresses: RUN_DIR is enough, as for a user. */
static void choose_urls(struct server *s, const char *transport, unsigned replicas)
{
	bool        is_tls = strcmp(transport, "tls") == 0;
	bool        is_tcp = is_tls || strcmp(transport, "tcp") == 0;
	const char *scheme = is_tls ? "tls+tcp" : "tcp";

	for (unsigned i = 0; i < SERVER_SERVICES && (is_tcp || replicas > 1); i++)
		for (unsigned k = 0; k < replicas; k++) {
			if (is_tcp) {
				snprintf(s->urls[i][k], SERVER_URL_BYTES, "%s://127.0.0.1:%u",
				         scheme, port_free());
				snprintf(s->events[i][k], SERVER_URL_BYTES, "%s://127.0.0.1:%u",
				         scheme, port_free());
			} else {
				snprintf(s->urls[i][k], SERVER_URL_BYTES, "ipc://%s/%s-%u.sock",
				         s->run_dir, server_services[i].name, k);
			}
		}
}

/* One certificate for all of them, in run_dir. */
static void make_certificates(struct server *s)
{
	const char *const argv[] = {"canaduck", "certs", s->run_dir, "all,127.0.0.1", NULL};
	char              output[4096];

	if (server_run(argv, s, NULL, output, sizeof output) != 0)
		fail_msg("no certificates: %s", output);
	s->has_certificates = true;
}

/* Ready means that a part listens; that all is within reach the first edge says. */
static void wait_in_reach(const struct server *s)
{
	int64_t until_ns = clock_after_ms(REACH_MS);
	long    answer = 0;

	while (answer != 200 && clock_now_ns() < until_ns) {
		struct http_response r = http_get(s->port, "/readyz", NULL);

		answer = r.status;
		http_response_free(&r);
	}
	if (answer != 200)
		fail_msg("the parts do not find each other");
}

static void start_parts(struct server *s, const char *part, unsigned replicas)
{
	for (unsigned k = 0; k < replicas; k++) {
		struct server_process *p = &s->parts[s->n_parts++];

		*p = (struct server_process){.part = part, .replica = k};
		server_start_part(s, p);
	}
}

static void begin(struct server *s, const char *db_url, const char *const *env)
{
	*s = (struct server){.run_dir = "/tmp/canaduck-run-XXXXXX", .env = env};
	snprintf(s->db_url, sizeof s->db_url, "%s", db_url);
	assert_non_null(mkdtemp(s->run_dir));
}

/* The first of n edges is who is asked. */
static void wait_ready(struct server *s, unsigned n_edges)
{
	for (unsigned i = 0; i < s->n_parts; i++)
		server_wait_part_ready(&s->parts[i]);
	s->port = s->parts[s->n_parts - n_edges].port;
	s->metrics_port = s->parts[s->n_parts - n_edges].metrics_port;
}

static void start_all(struct server *s, const char *transport, unsigned replicas, unsigned edges)
{
	choose_urls(s, transport, replicas);
	if (strcmp(transport, "tls") == 0)
		make_certificates(s);
	for (size_t i = 0; i < SERVER_SERVICES; i++)
		start_parts(s, server_services[i].name, replicas);
	start_parts(s, "edge", edges);
	wait_ready(s, edges);
	wait_in_reach(s);
}

void server_start_many(struct server *s, const char *db_url, const char *const *env,
                       const char *transport, unsigned replicas)
{
	begin(s, db_url, env);
	start_all(s, transport, replicas, replicas);
}

void server_start_edges(struct server *s, const char *db_url, const char *const *env,
                        const char *transport, unsigned edges)
{
	begin(s, db_url, env);
	start_all(s, transport, 1, edges);
}

void server_start(struct server *s, const char *db_url, const char *const *env)
{
	const char *topology = getenv("TEST_TOPOLOGY");

	if (topology && strcmp(topology, "one") != 0) {
		server_start_many(s, db_url, env, topology, 1);
		return;
	}
	begin(s, db_url, env);
	start_parts(s, "all", 1);
	wait_ready(s, 1);
}

static bool is_edge(const struct server_process *p)
{
	return strcmp(p->part, "edge") == 0 || strcmp(p->part, "all") == 0;
}

static void signal_parts(const struct server *s, bool edges, int number)
{
	for (unsigned i = 0; i < s->n_parts; i++)
		if (is_edge(&s->parts[i]) == edges && s->parts[i].pid != 0)
			server_signal_part(&s->parts[i], number);
}

void server_terminate(struct server *s)
{
	signal_parts(s, true, SIGTERM);
}

static int wait_parts(struct server *s, bool edges)
{
	int worst = 0;

	for (unsigned i = 0; i < s->n_parts; i++) {
		int ended = 0;

		if (is_edge(&s->parts[i]) == edges && s->parts[i].pid != 0)
			ended = server_wait_part(&s->parts[i]);
		worst = ended > worst ? ended : worst;
	}
	return worst;
}

static void remove_run_dir(const struct server *s)
{
	DIR           *dir = opendir(s->run_dir);
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(s->run_dir);
}

int server_wait(struct server *s)
{
	int edges = wait_parts(s, true), others;

	signal_parts(s, false, SIGTERM);
	others = wait_parts(s, false);
	remove_run_dir(s);
	return others > edges ? others : edges;
}

void server_kill(struct server *s)
{
	signal_parts(s, false, SIGKILL);
	signal_parts(s, true, SIGKILL);
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
		server_set_environment(s, NULL, env);
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
	return server_exit_status(outcome);
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
