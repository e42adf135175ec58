#include "test/e2e/e2e.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/e2e/sql.h"

/* Connections that are open, but for the one that asks. */
static double connections(const struct server *s)
{
	return server_metric(s, "edge_connections");
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* The other side closed, in whatever way. */
static bool is_closed(int fd)
{
	char    chunk[4096];
	ssize_t n = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

TEST(past_its_requests_the_edge_refuses_at_once)
{
	enum { N = 3 };
	static const struct http_request login = {
	        .method = "POST",
	        .path = "/login",
	        .body = "{\"pseudo\":\"user\",\"password\":\"" E2E_PASSWORD "\"}"};
	static struct http_pending pending[N];
	struct server              server;
	struct http_response       r;
	struct sql                 sql;

	e2e_start(&server, (const char *[]){"MAX_REQUESTS=3", NULL});
	e2e_register(&server, "user");
	sql_open(&sql, server.db_url);
	sql_run(&sql, "BEGIN; SELECT FROM users.accounts FOR UPDATE;");
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port, &login);
	assert_soon(server_metric(&server, "edge_requests_in_flight") == N);
	r = http_get(server.port, "/health", NULL);
	assert_http_error(r, 503, "UNAVAILABLE");
	assert_non_null(http_header(&r, "retry-after"));
	http_response_free(&r);

	sql_run(&sql, "ROLLBACK;");
	for (size_t i = 0; i < N; i++) {
		r = http_finish(&pending[i]);
		assert_http(r, 200);
		http_response_free(&r);
	}
	assert_soon(server_metric(&server, "edge_requests_in_flight") == 0);
	r = http_get(server.port, "/health", NULL);
	assert_http(r, 200);
	http_response_free(&r);
	sql_close(&sql);
	server_stop(&server);
}

TEST(past_its_connections_newcomers_wait_for_one_to_go)
{
	struct server        server;
	struct http_pending  pending;
	struct http_response r;
	int                  fds[2];

	e2e_start(&server, (const char *[]){"MAX_CONNECTIONS=2", NULL});
	for (size_t i = 0; i < 2; i++)
		fds[i] = http_dial(server.port);
	assert_soon(connections(&server) == 2);
	http_start(&pending, server.port,
	           &(struct http_request){.method = "GET", .path = "/health"});
	r = http_ask(server.port,
	             &(struct http_request){.method = "GET", .path = "/health", .timeout_ms = 300});
	assert_http(r, 0);
	assert_false(r.is_refused);
	http_response_free(&r);
	close(fds[0]);
	r = http_finish(&pending);
	assert_http(r, 200);
	http_response_free(&r);
	close(fds[1]);
	assert_soon(connections(&server) == 0);
	server_stop(&server);
}

TEST(who_says_nothing_or_half_a_thing_is_hung_up_on)
{
	static const char *const texts[] = {
	        "", "GET /heal", "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
	        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n", /* and no second one */
	};
	enum { N = sizeof texts / sizeof *texts };
	struct server server;
	int           fds[N];

	e2e_start(&server, (const char *[]){"IDLE_TIMEOUT_MS=200", NULL});
	for (size_t i = 0; i < N; i++) {
		fds[i] = http_dial(server.port);
		send_text(fds[i], texts[i]);
	}
	for (size_t i = 0; i < N; i++) {
		assert_soon(is_closed(fds[i]));
		close(fds[i]);
	}
	assert_soon(connections(&server) == 0);
	server_stop(&server);
}

TEST(who_does_not_read_an_answer_is_cut_off)
{
	enum { MESSAGES = 200, CHARACTERS = 4000 };
	struct server      server;
	struct e2e_account user;
	char              *text = malloc(CHARACTERS * 4 + 1);
	int                fd, little = 4096;

	e2e_start(&server, (const char *[]){"SEND_TIMEOUT_MS=300", NULL});
	user = e2e_register(&server, "user");
	e2e_create_channel(&server, user.token, "long", false);
	for (size_t i = 0; i < CHARACTERS; i++)
		memcpy(text + 4 * i, "\xf0\x9f\xa6\x86", 5);
	for (size_t i = 0; i < MESSAGES; i++)
		e2e_send(&server, user.token, "long", text);
	free(text);

	fd = http_dial(server.port);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	/* More than the kernel keeps for a connection. */
	for (int i = 0; i < 10; i++)
		send_text(fd, "GET /msg?channel=long&limit=200 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_soon(connections(&server) == 1);
	assert_soon(connections(&server) == 0);
	close(fd);
	/* Who reads gets all of it. */
	{
		struct http_response r = http_get(server.port, "/msg?channel=long&limit=200", NULL);

		assert_http(r, 200);
		assert_int_equal(json_array_size(http_json(&r, "result")), MESSAGES);
		http_response_free(&r);
	}
	server_stop(&server);
}

TEST_MAIN()
