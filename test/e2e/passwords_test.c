#include "test/e2e/e2e.h"

#include <string.h>

#include "test/e2e/sql.h"

/* How people change their own password, by the route of either dialect. */
static struct server server;

#define OTHER "another-duck-43"

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static struct http_response update(const char *token, const char *old, const char *new)
{
	return e2e_ask(&server, "PATCH", "/users/me/update-password", token,
	               "{\"old\":\"%s\",\"new\":\"%s\"}", old, new);
}

static struct http_response change(const char *pseudo, const char *token, const char *old,
                                   const char *new)
{
	char path[96];

	snprintf(path, sizeof path, "/user/%s/password", pseudo);
	return e2e_ask(&server, "PATCH", path, token,
	               "{\"old_password\":\"%s\",\"new_password\":\"%s\"}", old, new);
}

static void assert_login(const char *pseudo, const char *password, long expected)
{
	struct http_response r =
	        http_postf(server.port, "/login", NULL, "{\"pseudo\":\"%s\",\"password\":\"%s\"}",
	                   pseudo, password);

	assert_http(r, expected);
	http_response_free(&r);
}

static void assert_refresh(const char *token, long expected)
{
	struct http_response r =
	        e2e_ask(&server, "POST", "/refresh", NULL, "{\"token\":\"%s\"}", token);

	assert_http(r, expected);
	http_response_free(&r);
}

static void assert_sessions(const char *token, long expected)
{
	struct http_response r = http_get(server.port, "/users/me/sessions", token);

	assert_http(r, expected);
	http_response_free(&r);
}

TEST(update_password_answers_with_the_account_and_a_fresh_pair)
{
	struct e2e_session   s;
	struct http_response r, me;

	e2e_register(&server, "changer");
	s = e2e_login(&server, "changer");
	r = update(s.token, E2E_PASSWORD, OTHER);
	assert_http(r, 200);
	assert_keys(r, "",
	            "auth_provider created_at email handle id last_seen pseudo role roles status "
	            "tokens updated_at");
	assert_keys(r, "tokens", "access_token refresh_token");
	me = http_get(server.port, "/users/me", http_text(&r, "tokens.access_token"));
	assert_http(me, 200);
	assert_json_text(me, "pseudo", "changer");
	assert_refresh(http_text(&r, "tokens.refresh_token"), 200);
	assert_refresh(s.refresh_token, 401);
	assert_sessions(s.token, 200);
	assert_login("changer", E2E_PASSWORD, 401);
	assert_login("changer", OTHER, 200);
	http_response_free(&me);
	http_response_free(&r);
}

TEST(a_new_password_ends_the_other_sessions)
{
	struct e2e_session   own, other;
	struct http_response r;

	e2e_register(&server, "careful");
	own = e2e_login(&server, "careful");
	other = e2e_login(&server, "careful");
	r = update(own.token, E2E_PASSWORD, OTHER);
	assert_http(r, 200);
	http_response_free(&r);
	assert_refresh(other.refresh_token, 401);
	assert_sessions(other.token, 403);
	r = http_get(server.port, "/users/me/sessions", own.token);
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 1);
	assert_int_equal(http_int(&r, "0.id"), own.id);
	http_response_free(&r);
}

TEST(canaduck_s_route_answers_with_the_pseudo_and_leaves_the_tokens)
{
	struct e2e_session   own, other;
	struct http_response r;

	e2e_register(&server, "duck");
	own = e2e_login(&server, "duck");
	other = e2e_login(&server, "duck");
	r = change("Duck", own.token, E2E_PASSWORD, OTHER);
	assert_http(r, 200);
	assert_json(r, "", "{\"result\":{\"pseudo\":\"duck\"}}");
	http_response_free(&r);
	assert_refresh(own.refresh_token, 200);
	assert_sessions(own.token, 200);
	assert_refresh(other.refresh_token, 401);
	assert_sessions(other.token, 403);
	assert_login("duck", OTHER, 200);
	r = e2e_ask(&server, "PATCH", "/user/duck/password", own.token,
	            "{\"old\":\"" OTHER "\",\"new\":\"" E2E_PASSWORD "\"}");
	assert_http(r, 200);
	http_response_free(&r);
	assert_login("duck", E2E_PASSWORD, 200);
}

TEST(a_wrong_old_password_is_forbidden)
{
	struct e2e_account   account = e2e_register(&server, "wrong");
	struct http_response r = update(account.token, "wrong wrong", OTHER);

	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	r = change("wrong", account.token, "wrong wrong", OTHER);
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	assert_login("wrong", E2E_PASSWORD, 200);
}

TEST(a_new_password_has_rules)
{
	static const struct {
		const char *old, *new, *supmap, *canaduck;
	} cases[] = {
	        {E2E_PASSWORD, E2E_PASSWORD, "new", "new_password"},
	        {"wrong wrong", "wrong wrong", "new", "new_password"},
	        {E2E_PASSWORD, "short", "new", "new_password"},
	        {E2E_PASSWORD, "", "new", "new_password"},
	        {"", OTHER, "old", "old_password"},
	        {"", "", "old new", "old_password new_password"},
	};
	struct e2e_account account = e2e_register(&server, "ruled");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = update(account.token, cases[i].old, cases[i].new);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, cases[i].supmap);
		http_response_free(&r);
		r = change("ruled", account.token, cases[i].old, cases[i].new);
		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, cases[i].canaduck);
		http_response_free(&r);
	}
}

TEST(the_password_of_somebody_else_is_theirs)
{
	struct e2e_account   account = e2e_register(&server, "meddler");
	struct e2e_session   admin;
	struct http_response r;

	e2e_register(&server, "minded");
	e2e_register(&server, "mighty");
	admin = e2e_login_as_admin(&server, "mighty");
	r = change("minded", account.token, E2E_PASSWORD, OTHER);
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	r = change("minded", admin.token, E2E_PASSWORD, OTHER);
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	r = change("no-such-duck", account.token, E2E_PASSWORD, OTHER);
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
	r = change("minded", NULL, E2E_PASSWORD, OTHER);
	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
	assert_login("minded", E2E_PASSWORD, 200);
}

TEST(an_ended_session_changes_no_password)
{
	struct e2e_session   s;
	struct http_response r;

	e2e_register(&server, "ended");
	s = e2e_login(&server, "ended");
	r = e2e_ask(&server, "POST", "/logout", s.token, "{\"token\":\"%s\"}", s.refresh_token);
	assert_http(r, 204);
	http_response_free(&r);
	r = update(s.token, E2E_PASSWORD, OTHER);
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	r = change("ended", s.token, E2E_PASSWORD, OTHER);
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	assert_login("ended", E2E_PASSWORD, 200);
}

TEST(of_many_changes_from_one_password_at_once_one_is_made)
{
	enum { N = 8 };
	static struct http_pending pending[N];
	static char                bodies[N][128];
	struct http_response       answers[N];
	struct e2e_account         account = e2e_register(&server, "torn");

	for (int i = 0; i < N; i++) {
		snprintf(bodies[i], sizeof bodies[i],
		         "{\"old\":\"" E2E_PASSWORD "\",\"new\":\"a new password %d\"}", i);
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "PATCH",
		                                  .path = "/users/me/update-password",
		                                  .token = account.token,
		                                  .body = bodies[i]});
	}
	for (int i = 0; i < N; i++)
		answers[i] = http_finish(&pending[i]);
	assert_int_equal(e2e_count(answers, N, 200), 1);
	assert_int_equal(e2e_count(answers, N, 403), N - 1);
	for (int i = 0; i < N; i++)
		http_response_free(&answers[i]);
}

TEST(only_a_hash_of_a_password_is_kept)
{
	struct e2e_account account = e2e_register(&server, "argon");
	struct sql         sql;

	(void)account;
	sql_open(&sql, server.db_url);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM users.accounts"
	                                  " WHERE pseudo = 'argon'"
	                                  "   AND password_hash LIKE '$argon2id$%';"),
	                 1);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM users.accounts AS a"
	                                  " WHERE position('" E2E_PASSWORD "' IN a::text) > 0;"),
	                 0);
	sql_close(&sql);
}

TEST_MAIN(start, stop)
