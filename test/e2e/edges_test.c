#include "test/e2e/e2e.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/pg.h"
#include "test/support/port.h"
#include "test/support/proxy.h"

/*
 * Access tokens are believed without asking; what ends one early holds at once. Two edges, users
 * once, and the events of users by way of a proxy that can stall them and cut them off.
 */
static struct server server;
static struct proxy  proxy;
static uint16_t      first, second; /* the edges' ports */
static char          env_listen[64], env_url[64];

static const char *const env[] = {env_listen, env_url, NULL};

static int start(void **state __attribute__((unused)))
{
	char     url[PG_URL_BYTES];
	uint16_t port = port_free();

	pg_shared_database(url);
	proxy_start(&proxy, port);
	snprintf(env_listen, sizeof env_listen, "USERS_EVENTS_LISTEN=tcp://127.0.0.1:%u", port);
	snprintf(env_url, sizeof env_url, "USERS_EVENTS_URL=tcp://127.0.0.1:%u", proxy.port);
	server_start_edges(&server, url, env, "ipc", 2);
	first = server_part(&server, "edge", 0)->port;
	second = server_part(&server, "edge", 1)->port;
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	proxy_stop(&proxy);
	return 0;
}

static long status_of(uint16_t port, const char *path, const char *token)
{
	struct http_response r = http_get(port, path, token);
	long                 result = r.status;

	http_response_free(&r);
	return result;
}

/* A route that users does not see, so that the edge alone decides. */
static long try_token(uint16_t port, const char *token)
{
	return status_of(port, "/channel/nowhere/config", token);
}

static bool is_good(uint16_t port, const char *token)
{
	return try_token(port, token) == 404;
}

static bool has_ended(uint16_t port, const char *token)
{
	return try_token(port, token) == 403;
}

static void logout(uint16_t port, const struct e2e_session *s)
{
	struct http_response r =
	        http_postf(port, "/logout", s->token, "{\"token\":\"%s\"}", s->refresh_token);

	assert_http(r, 204);
	http_response_free(&r);
}

static double metric(unsigned edge, const char *name)
{
	struct server asked = {.metrics_port = server_part(&server, "edge", edge)->metrics_port};

	return server_metric(&asked, name);
}

static bool knows(unsigned edge)
{
	return metric(edge, "edge_sessions_known") == 1;
}

static struct e2e_session sign_in(const char *pseudo)
{
	e2e_register(&server, pseudo);
	return e2e_login(&server, pseudo);
}

static int by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* ---- at once ---- */

TEST(a_logout_holds_at_once_here_and_within_a_tenth_of_a_second_elsewhere)
{
	enum { N = 15 };
	int64_t took_ms[N];

	e2e_register(&server, "leaver");
	for (int i = 0; i < N; i++) {
		struct e2e_session s = e2e_login(&server, "leaver");
		int64_t            at_ns;

		assert_true(is_good(first, s.token));
		assert_true(is_good(second, s.token));
		logout(first, &s);
		at_ns = clock_now_ns();
		assert_true(has_ended(first, s.token));
		assert_soon(has_ended(second, s.token));
		took_ms[i] = (clock_now_ns() - at_ns) / CLOCK_NS_PER_MS;
	}
	/* The middle one: a machine that does much besides may hold up any of them. */
	qsort(took_ms, N, sizeof *took_ms, by_size);
	if (took_ms[N / 2] > 100)
		fail_msg("it took %ld ms", (long)took_ms[N / 2]);
}

TEST(a_new_sign_in_does_not_wake_old_tokens)
{
	struct e2e_session before = sign_in("returner"), after;

	logout(second, &before);
	after = e2e_login(&server, "returner");
	assert_soon(has_ended(first, before.token));
	assert_true(is_good(first, after.token));
	assert_true(is_good(second, after.token));
	assert_true(has_ended(second, before.token));
}

TEST(a_new_password_ends_all_sessions_but_the_one_that_set_it)
{
	struct e2e_session   other = sign_in("changer"), own = e2e_login(&server, "changer");
	struct http_response r = e2e_ask(&server, "PATCH", "/users/me/update-password", own.token,
	                                 "{\"old\":\"" E2E_PASSWORD "\",\"new\":\"coin-coin-43\"}");

	assert_http(r, 200);
	http_response_free(&r);
	assert_true(has_ended(first, other.token));
	assert_soon(has_ended(second, other.token));
	assert_true(is_good(first, own.token));
	assert_true(is_good(second, own.token));
}

TEST(a_deleted_account_is_out_everywhere)
{
	struct e2e_session   s = sign_in("goner");
	struct http_response r = e2e_ask(&server, "DELETE", "/user/goner", s.token, "%s", "");

	assert_http(r, 204);
	http_response_free(&r);
	assert_true(has_ended(first, s.token));
	assert_soon(has_ended(second, s.token));
}

TEST(a_role_is_had_at_once_with_the_token_from_before)
{
	struct e2e_session   s = sign_in("climber"), admin;
	struct http_response r;

	e2e_register(&server, "boss");
	admin = e2e_login_as_admin(&server, "boss");
	assert_int_equal(status_of(first, "/users", s.token), 403);
	assert_int_equal(status_of(second, "/users", s.token), 403);
	r = e2e_ask(&server, "POST", "/make-admin/climber", admin.token, "%s", "");
	assert_http(r, 200);
	http_response_free(&r);
	assert_int_equal(status_of(first, "/users", s.token), 200);
	assert_soon(status_of(second, "/users", s.token) == 200);
	r = e2e_ask(&server, "DELETE", "/user/roles/climber/admin", admin.token, "%s", "");
	assert_http(r, 200);
	http_response_free(&r);
	assert_int_equal(status_of(first, "/users", s.token), 403);
	assert_soon(status_of(second, "/users", s.token) == 403);
}

TEST(the_command_line_is_heard_too)
{
	static const char *const argv[] = {"canaduck", "admin", "grant", "clerk", NULL};
	struct e2e_session       s = sign_in("clerk");
	char                     output[4096];

	assert_int_equal(server_run(argv, &server, NULL, output, sizeof output), 0);
	assert_soon(status_of(first, "/users", s.token) == 200);
	assert_soon(status_of(second, "/users", s.token) == 200);
}

/* ---- without the stream ---- */

static void begin_outage(enum proxy_mode mode)
{
	assert_soon(knows(0) && knows(1));
	proxy_set(&proxy, mode);
	assert_soon(!knows(0) && !knows(1));
}

static void end_outage(void)
{
	proxy_set(&proxy, PROXY_PASS);
	assert_soon(knows(0) && knows(1));
}

static void assert_asked_until_the_stream_is_back(enum proxy_mode mode, const char *pseudo)
{
	struct e2e_session s = sign_in(pseudo), other = e2e_login(&server, pseudo);
	double             asked;

	begin_outage(mode);
	asked = metric(1, "edge_session_asks_total");
	assert_true(is_good(second, s.token));
	assert_true(metric(1, "edge_session_asks_total") > asked);
	logout(first, &s);
	assert_true(has_ended(second, s.token));
	assert_true(has_ended(second, other.token));

	end_outage();
	asked = metric(1, "edge_session_asks_total");
	assert_true(has_ended(second, s.token));
	assert_true(has_ended(second, other.token));
	assert_true(metric(1, "edge_session_asks_total") == asked);
}

TEST(a_stream_that_is_cut_off_is_made_up_for_by_asking)
{
	assert_asked_until_the_stream_is_back(PROXY_CUT, "cutter");
}

TEST(a_stream_that_stalls_is_made_up_for_by_asking)
{
	assert_asked_until_the_stream_is_back(PROXY_STALL, "staller");
}

TEST(roles_are_asked_for_as_well)
{
	static const char *const argv[] = {"canaduck", "admin", "grant", "asker", NULL};
	struct e2e_session       s = sign_in("asker");
	char                     output[4096];

	begin_outage(PROXY_CUT);
	assert_int_equal(server_run(argv, &server, NULL, output, sizeof output), 0);
	assert_int_equal(status_of(second, "/users", s.token), 200);
	end_outage();
	assert_int_equal(status_of(second, "/users", s.token), 200);
}

/* Closed, not open: what cannot be known is not believed. */
TEST(without_stream_and_users_no_token_is_believed)
{
	struct e2e_session     s = sign_in("believer");
	struct server_process *users = server_part(&server, "users", 0);

	begin_outage(PROXY_CUT);
	server_signal_part(users, SIGKILL);
	assert_int_equal(server_wait_part(users), 128 + SIGKILL);
	assert_soon(try_token(second, s.token) == 503);
	assert_int_equal(status_of(second, "/channel/nowhere/config", NULL), 404);
	server_restart_part(&server, users);
	assert_soon(is_good(second, s.token));
	end_outage();
	assert_true(is_good(second, s.token));
}

TEST(a_crowd_is_asked_for_too)
{
	enum { N = 40 };
	static struct http_pending pending[N];
	struct e2e_session         s = sign_in("crowd");
	const struct http_request  request = {
	         .method = "GET", .path = "/channel/nowhere/config", .token = s.token};

	begin_outage(PROXY_CUT);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], second, &request);
	for (size_t i = 0; i < N; i++) {
		struct http_response r = http_finish(&pending[i]);

		assert_http(r, 404);
		http_response_free(&r);
	}
	end_outage();
}

/* ---- starts ---- */

TEST(an_edge_that_starts_knows_what_ended_before)
{
	struct e2e_session     s = sign_in("early");
	struct server_process *edge = server_part(&server, "edge", 1);

	logout(first, &s);
	server_signal_part(edge, SIGKILL);
	assert_int_equal(server_wait_part(edge), 128 + SIGKILL);
	server_restart_part(&server, edge);
	second = edge->port;
	assert_true(has_ended(second, s.token));
	assert_true(knows(1));
}

TEST_MAIN(start, stop)
