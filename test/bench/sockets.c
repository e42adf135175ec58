/*
 * Many WebSockets on one edge: what each costs in memory, and how long a message takes from one
 * person's socket to all of both people's while messages are spread over all of them.
 *
 *     sockets_bench [SOCKETS [MESSAGES [MESSAGES_A_SECOND]]]
 *
 * The edge is a process with one loop; the client is this one, on the same machine.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "test/e2e/chatter.h"
#include "test/support/pg.h"

enum { OF_ONE = 20, MAX_EVENTS = 512, SPARE_FILES = 512, OF_ONE_ADDRESS = 20000, DRAIN_S = 30 };

static int n_sockets = 10000, n_messages = 4000, per_second = 200;

struct person {
	struct e2e_account account;
	int64_t            conversation; /* with the next one */
};

static struct server  server;
static struct person *people;
static struct ws     *sockets;
static int            n_people, epoll_fd;
static int64_t       *sent_ns;
static uint32_t      *latency_us;
static uint8_t       *heard; /* by socket and message */
static size_t         n_heard, n_doubled, n_errors, n_over;

/* ---- the stage ---- */

/* The edge and this process hold a descriptor for each. */
static void need_files(void)
{
	struct rlimit files;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < (rlim_t)(n_sockets + SPARE_FILES))
		fail_msg("%d sockets want %d descriptors (ulimit -n); there are %lu", n_sockets,
		         n_sockets + SPARE_FILES, (unsigned long)files.rlim_cur);
}

static void gather_people(void)
{
	n_people = (n_sockets + OF_ONE - 1) / OF_ONE;
	people = calloc((size_t)n_people, sizeof *people);
	for (int i = 0; i < n_people; i++) {
		char pseudo[33];

		snprintf(pseudo, sizeof pseudo, "person-%d", i);
		people[i].account = e2e_register(&server, pseudo);
	}
	for (int i = 0; i < n_people; i++)
		people[i].conversation = chat_open(&server, people[i].account.token,
		                                   people[(i + 1) % n_people].account.id);
}

static double edge_kib(void)
{
	char   path[64], line[256];
	double kib = 0;
	FILE  *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)server_part(&server, "edge", 0)->pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtod(line + 6, NULL);
	fclose(f);
	return kib;
}

static double edge_cpu_s(void)
{
	char          path[64], text[1024];
	unsigned long user = 0, system = 0;
	size_t        n;
	FILE         *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)server_part(&server, "edge", 0)->pid);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	/* proc(5): fields 14 and 15; the second, in parentheses, may hold anything. */
	if (sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
	           &user, &system) != 2)
		fail_msg("/proc has no figures");
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static struct person *owner_of(int socket)
{
	return &people[socket % n_people];
}

/* Addresses of the loopback network have ports of their own each. */
static void connect_all(void)
{
	sockets = calloc((size_t)n_sockets, sizeof *sockets);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < n_sockets; i++) {
		struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
		char               source[32];

		snprintf(source, sizeof source, "127.0.0.%d", 2 + i / OF_ONE_ADDRESS);
		if (!ws_open(&sockets[i], server.port,
		             &(struct ws_request){.path = CHATTER_PATH,
		                                  .token = owner_of(i)->account.token,
		                                  .source = source}))
			fail_msg("socket %d: %s %s", i, sockets[i].head, strerror(errno));
		assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, sockets[i].fd, &e), 0);
	}
}

/* ---- the play ---- */

static void hear(int socket, const char *text, int64_t now_ns)
{
	const char *message = strstr(text, "\"message\":\"m");
	int         number = message ? (int)strtol(message + 12, NULL, 10) : -1;
	uint8_t    *mark;

	if (number < 0 || number >= n_messages || strncmp(text, "{\"type\":\"new_message\"", 21)) {
		n_errors += strncmp(text, "{\"type\":\"error\"", 15) == 0;
		return;
	}
	mark = &heard[(size_t)socket * (size_t)n_messages + (size_t)number];
	if ((*mark)++ > 0) {
		n_doubled++;
		return;
	}
	latency_us[n_heard++] = (uint32_t)((now_ns - sent_ns[number]) / CLOCK_NS_PER_US);
}

static void listen_for(int timeout_ms)
{
	struct epoll_event events[MAX_EVENTS];
	int                n = epoll_wait(epoll_fd, events, MAX_EVENTS, timeout_ms);
	int64_t            now_ns = clock_now_ns();

	for (int i = 0; i < n; i++) {
		int             at = (int)events[i].data.u32;
		struct ws_event e;

		if (!ws_fill(&sockets[at])) {
			n_over++;
			epoll_ctl(epoll_fd, EPOLL_CTL_DEL, sockets[at].fd, NULL);
		}
		while ((e = ws_take(&sockets[at])).kind != WS_NOTHING)
			if (e.kind == WS_MESSAGE)
				hear(at, e.text, now_ns);
	}
}

static void listen_until(int64_t until_ns)
{
	int64_t left_ns;

	while ((left_ns = until_ns - clock_now_ns()) > 0)
		listen_for((int)(left_ns / CLOCK_NS_PER_MS));
}

/* From another person's socket each time. */
static void send_one(int number)
{
	int sender = (int)((int64_t)number * 7919 % n_sockets);

	sent_ns[number] = clock_now_ns();
	assert_true(
	        ws_text(&sockets[sender],
	                "{\"type\":\"send_message\",\"conversation_id\":%ld,\"content\":\"m%d\"}",
	                (long)owner_of(sender)->conversation, number));
}

static size_t expected(void)
{
	size_t n = 0;

	for (int i = 0; i < n_messages; i++) {
		int sender = (int)((int64_t)i * 7919 % n_sockets) % n_people;

		for (int k = 0; k < n_sockets; k++)
			n += k % n_people == sender || k % n_people == (sender + 1) % n_people;
	}
	return n;
}

static void play(size_t awaited)
{
	int64_t began_ns = clock_now_ns(), give_up_ns;

	for (int i = 0; i < n_messages; i++) {
		listen_until(began_ns + i * (CLOCK_NS_PER_S / per_second));
		send_one(i);
	}
	give_up_ns = clock_after_ms(DRAIN_S * 1000);
	while (n_heard < awaited && clock_now_ns() < give_up_ns)
		listen_for(100);
	listen_for(100); /* what comes twice comes now */
}

static int by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double percentile_ms(double p)
{
	return n_heard ? latency_us[(size_t)((double)(n_heard - 1) * p)] / 1e3 : 0;
}

TEST(many_sockets_hear_all_that_is_written)
{
	struct pg_cluster *cluster = pg_cluster_new();
	char               url[PG_URL_BYTES];
	double             kib, cpu_s;
	int64_t            began_ns;
	size_t             awaited;

	need_files();
	pg_database_new(cluster, url);
	server_start_edges(&server, url,
	                   (const char *[]){"MAX_CONNECTIONS=1000000", "MAX_SOCKETS=1000000",
	                                    "PASSWORD_MEMORY_KIB=8192", "PASSWORD_PASSES=1",
	                                    "REGISTER_LIMIT=0", "LOG_LEVEL=warn", NULL},
	                   "ipc", 1);
	gather_people();
	sent_ns = calloc((size_t)n_messages, sizeof *sent_ns);
	heard = calloc((size_t)n_sockets, (size_t)n_messages);
	awaited = expected();
	latency_us = calloc(awaited + 1, sizeof *latency_us);
	kib = edge_kib();
	began_ns = clock_now_ns();
	connect_all();
	printf("%d sockets of %d people opened in %.1f s\n", n_sockets, n_people,
	       (double)(clock_now_ns() - began_ns) / 1e9);
	listen_until(clock_after_ms(500));
	printf("memory of the edge: %.1f KiB a socket (%.0f MiB in all)\n",
	       (edge_kib() - kib) / n_sockets, edge_kib() / 1024);
	cpu_s = edge_cpu_s();
	play(awaited);
	cpu_s = edge_cpu_s() - cpu_s;
	qsort(latency_us, n_heard, sizeof *latency_us, by_size);
	printf("%d messages, %d a second, heard %zu times: p50 %.2f ms, p99 %.2f ms, max %.2f ms\n",
	       n_messages, per_second, n_heard, percentile_ms(0.5), percentile_ms(0.99),
	       percentile_ms(1));
	printf("CPU of the edge: %.1f us for each that heard\n",
	       n_heard ? cpu_s * 1e6 / (double)n_heard : 0);
	printf("lost %zu, doubled %zu, errors %zu, connections lost %zu\n", awaited - n_heard,
	       n_doubled, n_errors, n_over);
	assert_true(n_heard == awaited && n_doubled == 0 && n_errors == 0 && n_over == 0);
	for (int i = 0; i < n_sockets; i++)
		ws_close(&sockets[i]);
	free(sockets);
	free(people);
	free(sent_ns);
	free(heard);
	free(latency_us);
	close(epoll_fd);
	server_stop(&server);
	pg_cluster_free(cluster);
}

int main(int argc, char **argv)
{
	n_sockets = argc > 1 ? (int)strtol(argv[1], NULL, 10) : n_sockets;
	n_messages = argc > 2 ? (int)strtol(argv[2], NULL, 10) : n_messages;
	per_second = argc > 3 ? (int)strtol(argv[3], NULL, 10) : per_second;
	if (n_sockets < 3 * OF_ONE || n_messages < 1 || per_second < 1) {
		fprintf(stderr,
		        "usage: %s [SOCKETS [MESSAGES [MESSAGES_A_SECOND]]]; %d sockets at "
		        "least\n",
		        argv[0], 3 * OF_ONE);
		return 2;
	}
	return test_run(1, argv, NULL, NULL);
}
