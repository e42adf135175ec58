#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/e2e/sql.h"

/* Two pages of other origins may call it. */
static struct server server;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server,
	          (const char *[]){"CORS_ALLOW_ORIGINS=https://app.example, https://b.example",
	                           "EDGE_LOOPS=2", NULL});
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

TEST(an_empty_line_in_front_hides_no_second_length)
{
	static const char request[] = "\r\nPOST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
	                              "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	                              "GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n";
	struct http_response r = http_send_bytes(server.port, request, sizeof request - 1);

	assert_http_error(r, 400, "INVALID_ARGUMENT");
	assert_null(strstr(r.body, "HTTP/1.1"));
	http_response_free(&r);
}

TEST(white_space_around_the_media_type_does_not_matter)
{
	static const char *const types[] = {"application/json ", "application/json ; charset=utf-8",
	                                    "\tapplication/json\t"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char                 request[256];
		struct http_response r;

		snprintf(request, sizeof request,
		         "POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		         "Content-Type: %s\r\nContent-Length: 2\r\n\r\n{}",
		         types[i]);
		r = http_send_bytes(server.port, request, strlen(request));
		assert_http_error(r, 422, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
}

TEST(options_of_a_malformed_path_is_malformed)
{
	struct http_response r = http_ask(
	        server.port, &(struct http_request){.method = "OPTIONS", .path = "/whois/%zz"});

	assert_http_error(r, 400, "INVALID_ARGUMENT");
	http_response_free(&r);
}

/* Or a cache gives the answer without its headers to the page that may read it. */
TEST(every_answer_varies_by_origin_when_some_are_listed)
{
	static const char *const origins[] = {NULL, "Origin: https://evil.example",
	                                      "Origin: https://b.example"};

	for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
		struct http_response r = http_ask(
		        server.port,
		        &(struct http_request){.method = "GET",
		                               .path = "/health",
		                               .headers = (const char *[]){origins[i], NULL}});

		assert_http(r, 200);
		assert_non_null(http_header(&r, "vary"));
		assert_string_equal(http_header(&r, "vary"), "origin");
		http_response_free(&r);
	}
}

TEST(the_connections_of_all_loops_are_counted)
{
	int fds[16];

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		fds[i] = http_dial(server.port);
	assert_soon(server_metric(&server, "edge_connections") == 16);
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		close(fds[i]);
	assert_soon(server_metric(&server, "edge_connections") == 0);
}

/* Of all threads, in ticks. */
static long cpu_of(const struct server *s)
{
	char  path[64], line[1024];
	long  user, system;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)s->parts[s->n_parts - 1].pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	assert_int_equal(sscanf(strrchr(line, ')'),
	                        ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
	                        " %ld %ld",
	                        &user, &system),
	                 2);
	return user + system;
}

TEST(whoever_comes_past_the_limit_waits_and_costs_nothing)
{
	struct server        small;
	struct http_response r;
	int                  fds[4];
	long                 before;

	e2e_start(&small, (const char *[]){"MAX_CONNECTIONS=3", "IDLE_TIMEOUT_MS=1500", NULL});
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		fds[i] = http_dial(small.port);
	assert_soon(server_metric(&small, "edge_connections") == 3);
	before = cpu_of(&small);
	/* Answered once the idle ones were sent away. */
	r = http_get(small.port, "/health", NULL);
	assert_http(r, 200);
	assert_true(cpu_of(&small) - before < sysconf(_SC_CLK_TCK) / 2);
	http_response_free(&r);
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		close(fds[i]);
	server_stop(&small);
}

/* ---- an answer under way when the server is told to end ---- */

static size_t read_to_the_end(int fd)
{
	static char bytes[65536];
	size_t      total = 0;
	ssize_t     n;

	while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)
		total += (size_t)n;
	return total;
}

TEST(an_answer_under_way_is_read_to_its_end_before_the_server_ends)
{
	static const char  request[] = "GET /msg?channel=long&limit=200 HTTP/1.1\r\nHost: x\r\n"
	                               "Connection: close\r\n\r\n";
	struct server      own;
	struct e2e_account writer;
	struct sql         sql;
	int                fd, room = 65536;
	char               byte;

	e2e_start(&own, NULL);
	writer = e2e_register(&own, "writer");
	e2e_create_channel(&own, writer.token, "long", false);
	sql_open(&sql, own.db_url);
	sql_run(&sql,
	        "INSERT INTO messages.messages (channel_id, account_id, text)"
	        " SELECT c.id, m.account_id, repeat('x', 40000)"
	        " FROM channels.channels AS c JOIN channels.members AS m ON m.channel_id = c.id,"
	        " generate_series(1, 200) WHERE c.name = 'long';");
	sql_close(&sql);

	fd = http_dial(own.port);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
	assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
	assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
	server_terminate(&own);
	/* Longer than idle connections are given. */
	poll(NULL, 0, 1000);
	assert_true(read_to_the_end(fd) > 200 * 40000);
	close(fd);
	assert_int_equal(server_wait(&own), 0);
}

TEST_MAIN(start, stop)
