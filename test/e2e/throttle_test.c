#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"
#include "test/support/pg.h"

/* How often one may try. Each test comes from addresses of its own. */
static struct server server;

/* A cheap hash: what is tried here is how often. */
static const char *const env[] = {"TRUSTED_PROXIES=127.0.0.1", "PASSWORD_MEMORY_KIB=8",
                                  "PASSWORD_PASSES=1", "REGISTER_LIMIT=5", NULL};

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, env);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

struct visit {
	char                body[256], forwarded[64];
	const char         *headers[2];
	struct http_request request;
};

static const struct http_request *visit(struct visit *v, const char *address, const char *path)
{
	snprintf(v->forwarded, sizeof v->forwarded, "X-Forwarded-For: %s", address);
	v->headers[0] = v->forwarded;
	v->headers[1] = NULL;
	v->request = (struct http_request){
	        .method = "POST", .path = path, .body = v->body, .headers = v->headers};
	return &v->request;
}

static struct http_response login(uint16_t port, const char *address, const char *field,
                                  const char *name, const char *password)
{
	struct visit v;

	snprintf(v.body, sizeof v.body, "{\"%s\":\"%s\",\"password\":\"%s\"}", field, name,
	         password);
	return http_ask(port, visit(&v, address, "/login"));
}

static struct http_response enroll(const char *address, const char *pseudo)
{
	struct visit v;

	snprintf(v.body, sizeof v.body,
	         "{\"pseudo\":\"%s\",\"email\":\"%s@example.org\",\"password\":\"" E2E_PASSWORD
	         "\"}",
	         pseudo, pseudo);
	return http_ask(server.port, visit(&v, address, "/register"));
}

static void must_enroll(const char *address, const char *pseudo)
{
	struct http_response r = enroll(address, pseudo);

	assert_http(r, 201);
	http_response_free(&r);
}

static void assert_login(const char *address, const char *name, const char *password, long expected)
{
	struct http_response r = login(server.port, address, "pseudo", name, password);

	assert_http(r, expected);
	http_response_free(&r);
}

static void fail_logins(const char *address, const char *name, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_login(address, name, "wrong wrong", 401);
}

static void assert_refused(struct http_response r, const char *limit, long most_seconds)
{
	long seconds;

	assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
	assert_non_null(http_header(&r, "retry-after"));
	assert_non_null(http_header(&r, "ratelimit-limit"));
	assert_string_equal(http_header(&r, "ratelimit-limit"), limit);
	assert_string_equal(http_header(&r, "ratelimit-remaining"), "0");
	assert_string_equal(http_header(&r, "ratelimit-reset"), http_header(&r, "retry-after"));
	seconds = strtol(http_header(&r, "retry-after"), NULL, 10);
	assert_in_range(seconds, most_seconds - 120, most_seconds);
	http_response_free(&r);
}

/* ---- logging in ---- */

TEST(after_ten_failures_of_a_name_from_an_address_no_password_is_looked_at)
{
	must_enroll("10.1.0.1", "forgetful");
	must_enroll("10.1.0.1", "neighbour");
	fail_logins("10.1.0.2", "forgetful", 10);
	assert_refused(login(server.port, "10.1.0.2", "pseudo", "forgetful", "wrong wrong"), "10",
	               900);
	assert_refused(login(server.port, "10.1.0.2", "pseudo", "Forgetful", E2E_PASSWORD), "10",
	               900);
	assert_refused(login(server.port, "10.1.0.2", "handle", "@forgetful", E2E_PASSWORD), "10",
	               900);
	assert_login("10.1.0.2", "neighbour", E2E_PASSWORD, 200);
	assert_login("10.1.0.3", "forgetful", E2E_PASSWORD, 200);
}

TEST(a_name_that_does_not_exist_counts_like_one_that_does)
{
	static const char *const names[] = {"known", "unknown"};
	char                    *bodies[2];

	must_enroll("10.2.0.1", "known");
	for (int i = 0; i < 2; i++) {
		struct http_response r;

		fail_logins("10.2.0.2", names[i], 10);
		r = login(server.port, "10.2.0.2", "pseudo", names[i], "wrong wrong");
		assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
		json_object_del(r.json, "request_id");
		bodies[i] = json_dumps(r.json, JSON_SORT_KEYS);
		http_response_free(&r);
	}
	assert_string_equal(bodies[0], bodies[1]);
	free(bodies[0]);
	free(bodies[1]);
}

TEST(nine_failures_let_the_tenth_try_in)
{
	must_enroll("10.3.0.1", "lucky");
	fail_logins("10.3.0.2", "lucky", 9);
	assert_login("10.3.0.2", "lucky", E2E_PASSWORD, 200);
	fail_logins("10.3.0.2", "lucky", 1);
	assert_login("10.3.0.2", "lucky", E2E_PASSWORD, 429);
}

TEST(after_a_hundred_failures_an_address_may_not_try_any_name)
{
	must_enroll("10.4.0.1", "bystander");
	for (int i = 0; i < 10; i++) {
		char name[24];

		snprintf(name, sizeof name, "target%d", i);
		fail_logins("10.4.0.2", name, 10);
	}
	assert_refused(login(server.port, "10.4.0.2", "pseudo", "bystander", E2E_PASSWORD), "100",
	               900);
	assert_login("10.4.0.3", "bystander", E2E_PASSWORD, 200);
}

TEST(of_many_wrong_passwords_at_once_ten_are_told)
{
	enum { N = 32 };
	static struct http_pending pending[N];
	static struct visit        visits[N];
	struct http_response       answers[N];

	must_enroll("10.5.0.1", "besieged");
	for (int i = 0; i < N; i++) {
		snprintf(visits[i].body, sizeof visits[i].body,
		         "{\"pseudo\":\"besieged\",\"password\":\"guess %d\"}", i);
		http_start(&pending[i], server.port, visit(&visits[i], "10.5.0.2", "/login"));
	}
	for (int i = 0; i < N; i++)
		answers[i] = http_finish(&pending[i]);
	assert_int_equal(e2e_count(answers, N, 401), 10);
	assert_int_equal(e2e_count(answers, N, 429), N - 10);
	for (int i = 0; i < N; i++)
		http_response_free(&answers[i]);
}

TEST(many_right_passwords_at_once_all_get_in)
{
	enum { N = 32 };
	static struct http_pending pending[N];
	static struct visit        visits[N];

	must_enroll("10.6.0.1", "everywhere");
	for (int i = 0; i < N; i++) {
		snprintf(visits[i].body, sizeof visits[i].body,
		         "{\"pseudo\":\"everywhere\",\"password\":\"" E2E_PASSWORD "\"}");
		http_start(&pending[i], server.port, visit(&visits[i], "10.6.0.2", "/login"));
	}
	for (int i = 0; i < N; i++) {
		struct http_response r = http_finish(&pending[i]);

		assert_http(r, 200);
		http_response_free(&r);
	}
}

TEST(a_failure_is_forgotten_after_fifteen_minutes)
{
	struct sql sql;

	must_enroll("10.7.0.1", "patient");
	fail_logins("10.7.0.2", "patient", 10);
	assert_login("10.7.0.2", "patient", E2E_PASSWORD, 429);
	sql_open(&sql, server.db_url);
	sql_run(&sql, "UPDATE users.throttles SET times ="
	              "  ARRAY(SELECT x - interval '15 minutes' FROM unnest(times) AS x)"
	              " WHERE key = sha256('login 10.7.0.2 patient');");
	sql_close(&sql);
	assert_login("10.7.0.2", "patient", E2E_PASSWORD, 200);
}

TEST(a_failure_clears_away_what_is_over)
{
	struct sql sql;

	sql_open(&sql, server.db_url);
	sql_run(&sql, "INSERT INTO users.throttles (key, times, is_taken, expire_time)"
	              " VALUES ('over', '{2000-01-01}', true, '2000-01-02');");
	fail_logins("10.8.0.1", "whoever", 1);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM users.throttles"
	                                  " WHERE expire_time < now() - interval '1 year';"),
	                 0);
	sql_close(&sql);
}

TEST(what_was_typed_for_a_name_is_not_kept)
{
	struct sql sql;

	fail_logins("10.9.0.1", "my password", 1);
	sql_open(&sql, server.db_url);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM users.throttles AS t"
	                                  " WHERE position('my password' IN t::text) > 0"
	                                  "    OR position('10.9.0.1' IN t::text) > 0;"),
	                 0);
	sql_close(&sql);
}

TEST(replicas_and_restarts_count_together)
{
	struct server first, second;
	char          url[PG_URL_BYTES];

	pg_shared_database(url);
	server_start(&first, url, env);
	server_start(&second, url, env);
	for (int i = 0; i < 10; i++) {
		struct http_response r = login(i % 2 ? first.port : second.port, "10.10.0.1",
		                               "pseudo", "shared", "wrong wrong");

		assert_http(r, 401);
		http_response_free(&r);
	}
	assert_refused(login(first.port, "10.10.0.1", "pseudo", "shared", "x"), "10", 900);
	assert_refused(login(second.port, "10.10.0.1", "pseudo", "shared", "x"), "10", 900);
	server_stop(&second);
	server_stop(&first);
	server_start(&first, url, env);
	assert_refused(login(first.port, "10.10.0.1", "pseudo", "shared", "x"), "10", 900);
	server_stop(&first);
}

/* ---- changing a password ---- */

TEST(a_wrong_old_password_counts_as_a_failure_of_the_account_s_name)
{
	static const struct {
		const char *path, *body;
	} ways[] = {
	        {"/users/me/update-password",
	         "{\"old\":\"wrong wrong\",\"new\":\"another password\"}"},
	        {"/user/changing/password",
	         "{\"old_password\":\"wrong wrong\",\"new_password\":\"another password\"}"},
	};
	struct http_response r = enroll("10.11.0.1", "changing");
	char                 token[SERVER_TOKEN_BYTES];
	struct visit         v;

	assert_http(r, 201);
	snprintf(token, sizeof token, "%s", http_text(&r, "tokens.access_token"));
	http_response_free(&r);
	fail_logins("10.11.0.2", "changing", 8);
	for (int i = 0; i < 4; i++) {
		struct http_request request = *visit(&v, "10.11.0.2", ways[i % 2].path);

		request.method = "PATCH";
		request.token = token;
		request.body = ways[i % 2].body;
		r = http_ask(server.port, &request);
		if (i < 2) {
			assert_http_error(r, 403, "PERMISSION_DENIED");
			http_response_free(&r);
		} else {
			assert_refused(r, "10", 900);
		}
	}
	assert_login("10.11.0.2", "changing", E2E_PASSWORD, 429);
}

/* ---- registering ---- */

TEST(an_address_registers_so_often_an_hour)
{
	for (int i = 0; i < 5; i++) {
		char name[24];

		snprintf(name, sizeof name, "serial%d", i);
		must_enroll("10.12.0.1", name);
	}
	assert_refused(enroll("10.12.0.1", "serial5"), "5", 3600);
	must_enroll("10.12.0.2", "serial5");
}

TEST(of_registrations_what_breaks_a_rule_does_not_count_and_what_is_taken_does)
{
	must_enroll("10.13.0.1", "original");
	for (int i = 0; i < 8; i++) {
		struct http_response r = enroll("10.13.0.2", "a b");

		assert_http(r, 422);
		http_response_free(&r);
	}
	for (int i = 0; i < 5; i++) {
		struct http_response r = enroll("10.13.0.2", "original");

		assert_http(r, 409);
		http_response_free(&r);
	}
	assert_refused(enroll("10.13.0.2", "copy"), "5", 3600);
}

TEST_MAIN(start, stop)
