#include "test/e2e/e2e.h"

#include <stdlib.h>

#include "test/e2e/sql.h"
#include "test/support/pg.h"

static struct pg_cluster *cluster;
static char               url[PG_URL_BYTES];
static struct server      server;
static struct e2e_account user;

/* A request waits no longer than this: less than for a lock. */
#define TIMEOUT_MS 1500

static int start(void **state __attribute__((unused)))
{
	cluster = pg_cluster_new();
	e2e_durable_database(cluster, url);
	server_start(&server, url, (const char *[]){"REQUEST_TIMEOUT_MS=1500", NULL});
	user = e2e_register(&server, "user");
	e2e_create_channel(&server, user.token, "room", false);
	e2e_send(&server, user.token, "room", "before");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	pg_cluster_free(cluster);
	return 0;
}

static bool is_ready(void)
{
	struct http_response r = http_get(server.port, "/readyz", NULL);
	bool                 ready = r.status == 200;

	http_response_free(&r);
	return ready;
}

static const struct http_request requests[] = {
        {.method = "GET", .path = "/whois/user"},
        {.method = "GET", .path = "/channel/room/config"},
        {.method = "GET", .path = "/msg?channel=room"},
        {.method = "GET", .path = "/users/me", .token = user.token},
        {.method = "GET", .path = "/fullinfo?user=user&channel=room"},
        {.method = "GET", .path = "/ison?users=user"},
        {.method = "GET", .path = "/user/roles/user"},
        {.method = "GET", .path = "/user/avatar/user"},
        {.method = "GET", .path = "/users/me/routes", .token = user.token},
        {.method = "POST",
         .path = "/users/me/routes",
         .token = user.token,
         .body = "{\"name\":\"lost\",\"route\":[{\"lat\":1,\"lon\":1}]}"},
        {.method = "POST",
         .path = "/user/status",
         .token = user.token,
         .body = "{\"status\":\"lost\"}"},
        {.method = "POST",
         .path = "/msg",
         .token = user.token,
         .body = "{\"channel\":\"room\",\"text\":\"lost\"}"},
        {.method = "POST", .path = "/channel", .token = user.token, .body = "{\"name\":\"lost\"}"},
        {.method = "POST", .path = "/channel/room/join", .token = user.token},
        {.method = "POST",
         .path = "/login",
         .body = "{\"pseudo\":\"user\",\"password\":\"" E2E_PASSWORD "\"}"},
};

enum { N_REQUESTS = sizeof requests / sizeof *requests };

static void assert_all_work(void)
{
	for (size_t i = 0; i < N_REQUESTS; i++) {
		struct http_response r = http_ask(server.port, &requests[i]);

		if (r.status / 100 != 2 && r.status != 409)
			fail_msg("%s %s: %ld %s", requests[i].method, requests[i].path, r.status,
			         r.body);
		http_response_free(&r);
	}
}

static void assert_all_unavailable(void)
{
	for (size_t i = 0; i < N_REQUESTS; i++) {
		struct http_response r = http_ask(server.port, &requests[i]);
		const char          *after;

		if (r.status != 503)
			print_error("%s %s:\n", requests[i].method, requests[i].path);
		assert_http_error(r, 503, "UNAVAILABLE");
		after = http_header(&r, "retry-after");
		assert_non_null(after);
		assert_in_range(strtol(after, NULL, 10), 1, 60);
		http_response_free(&r);
	}
}

TEST(without_its_database_the_product_says_so_fast_and_comes_back_by_itself)
{
	static const bool    crashes[] = {true, false};
	struct http_response r;

	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
		int64_t before;

		assert_soon(is_ready());
		pg_cluster_stop(cluster, crashes[i]);
		before = clock_now_ns();
		/* The first to notice may have been under way: one round for each connection. */
		assert_soon(!is_ready());
		assert_all_unavailable();
		assert_true(clock_now_ns() - before < 5 * CLOCK_NS_PER_S);

		/* The process lives, and a token is still a token. */
		r = http_get(server.port, "/health", NULL);
		assert_http(r, 200);
		http_response_free(&r);
		r = http_get(server.port, "/users/me", NULL);
		assert_http(r, 401);
		http_response_free(&r);

		pg_cluster_start(cluster);
		assert_soon(is_ready());
		assert_all_work();
	}
}

static void hold(struct sql *sql, const char *statement)
{
	sql_open(sql, url);
	sql_run(sql, "BEGIN;");
	sql_run(sql, statement);
}

TEST(a_write_that_gets_no_answer_in_time_is_not_called_retryable)
{
	static const struct {
		const char *held, *path, *body;
	} cases[] = {
	        /* Rows only: a whole table would hold up the preparing, and nothing would be sent.
	         */
	        {"INSERT INTO channels.channels (name) VALUES ('contested');", "/channel",
	         "{\"name\":\"contested\"}"},
	        {"SELECT FROM channels.channels FOR UPDATE;", "/channel/room/join", NULL},
	        {"SELECT FROM users.accounts FOR UPDATE;", "/user/status",
	         "{\"status\":\"unknown\"}"},
	        {"SELECT FROM users.accounts FOR UPDATE;", "/users/me/routes",
	         "{\"name\":\"unknown\",\"route\":[{\"lat\":1,\"lon\":1}]}"},
	        {"SELECT FROM users.accounts FOR UPDATE;", "/login",
	         "{\"pseudo\":\"user\",\"password\":\"" E2E_PASSWORD "\"}"},
	};

	assert_soon(is_ready());
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sql           sql;
		struct http_response r;
		int64_t              before;

		hold(&sql, cases[i].held);
		before = clock_now_ns();
		r = http_post(server.port, cases[i].path, user.token, cases[i].body);
		assert_http_error(r, 504, "DEADLINE_EXCEEDED");
		assert_null(http_header(&r, "retry-after"));
		assert_in_range(clock_now_ns() - before, TIMEOUT_MS * CLOCK_NS_PER_MS / 2,
		                5 * TIMEOUT_MS * CLOCK_NS_PER_MS);
		http_response_free(&r);
		sql_run(&sql, "ROLLBACK;");
		sql_close(&sql);
	}
	assert_soon(is_ready());
	assert_all_work();
}

TEST(who_does_not_need_what_is_locked_is_not_held_up)
{
	struct sql           sql;
	struct http_response r;

	assert_soon(is_ready());
	hold(&sql, "LOCK TABLE messages.messages;");
	r = http_get(server.port, "/msg?channel=room", NULL);
	assert_true(r.status == 504 || r.status == 503);
	http_response_free(&r);
	r = http_get(server.port, "/whois/user", NULL);
	assert_http(r, 200);
	http_response_free(&r);
	r = http_get(server.port, "/channel/room/config", NULL);
	assert_http(r, 200);
	http_response_free(&r);
	sql_close(&sql);
}

TEST(fullinfo_names_the_part_that_is_missing)
{
	struct sql           sql;
	struct http_response r;

	assert_soon(is_ready());
	hold(&sql, "LOCK TABLE messages.messages;");
	r = http_get(server.port, "/fullinfo?user=user&channel=room", NULL);
	assert_http(r, 200);
	assert_keys(r, "", "channel last_messages unavailable user");
	assert_json_text(r, "user.pseudo", "user");
	assert_json_text(r, "channel.name", "room");
	assert_json(r, "last_messages", "null");
	assert_json(r, "unavailable", "[\"messages\"]");
	http_response_free(&r);
	sql_close(&sql);

	hold(&sql, "LOCK TABLE users.accounts;");
	r = http_get(server.port, "/fullinfo?user=user&channel=room", NULL);
	assert_http(r, 200);
	assert_json(r, "user", "null");
	assert_json_text(r, "channel.name", "room");
	assert_true(json_array_size(http_json(&r, "last_messages")) > 0);
	assert_json(r, "unavailable", "[\"users\"]");
	http_response_free(&r);
	sql_close(&sql);
}

TEST_MAIN(start, stop)
