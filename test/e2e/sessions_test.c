#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <string.h>

#include "test/e2e/sql.h"

/* How sessions begin, go on and end. */
static struct server server;

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

static struct http_response refresh(const char *token)
{
	return e2e_ask(&server, "POST", "/refresh", NULL, "{\"token\":\"%s\"}", token);
}

static struct http_response logout(const char *access_token, const char *refresh_token)
{
	return e2e_ask(&server, "POST", "/logout", access_token, "{\"token\":\"%s\"}",
	               refresh_token);
}

static struct http_response end_session(const char *token, int64_t id)
{
	char path[64];

	snprintf(path, sizeof path, "/users/me/sessions/%" PRId64, id);
	return e2e_ask(&server, "DELETE", path, token, "%s", "");
}

static struct http_response list_sessions(const char *token)
{
	return http_get(server.port, "/users/me/sessions", token);
}

static void assert_refresh(const char *token, long status_code)
{
	struct http_response r = refresh(token);

	if (status_code == 401)
		assert_http_error(r, 401, "UNAUTHENTICATED");
	else
		assert_http(r, status_code);
	http_response_free(&r);
}

static void assert_session_ended(const char *token)
{
	struct http_response r = list_sessions(token);

	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
}

/* ---- refresh ---- */

TEST(refresh_gives_a_new_access_token_and_the_same_refresh_token)
{
	static const char *const names[] = {"token", "refresh_token", "refreshToken"};
	struct e2e_session       s;

	e2e_register(&server, "fresh");
	s = e2e_login(&server, "fresh");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct http_response r = e2e_ask(&server, "POST", "/refresh", NULL,
		                                 "{\"%s\":\"%s\"}", names[i], s.refresh_token);
		struct http_response me;

		assert_http(r, 200);
		assert_keys(r, "", "access_token refresh_token");
		assert_json_text(r, "refresh_token", s.refresh_token);
		me = http_get(server.port, "/users/me", http_text(&r, "access_token"));
		assert_http(me, 200);
		assert_json_text(me, "pseudo", "fresh");
		http_response_free(&me);
		http_response_free(&r);
	}
}

TEST(refresh_stays_in_its_session)
{
	struct e2e_session   s;
	struct http_response r, list;

	e2e_register(&server, "same");
	s = e2e_login(&server, "same");
	r = refresh(s.refresh_token);
	assert_http(r, 200);
	list = list_sessions(http_text(&r, "access_token"));
	assert_http(list, 200);
	assert_int_equal(json_array_size(list.json), 2); /* register's, login's */
	assert_int_equal(http_int(&list, "0.id"), s.id);
	assert_json(list, "0.current", "true");
	http_response_free(&list);
	http_response_free(&r);
}

TEST(refresh_ignores_an_access_token_that_is_sent_along)
{
	struct e2e_session   s;
	struct http_response r;

	e2e_register(&server, "along");
	s = e2e_login(&server, "along");
	r = e2e_ask(&server, "POST", "/refresh", "expired or garbage", "{\"token\":\"%s\"}",
	            s.refresh_token);
	assert_http(r, 200);
	http_response_free(&r);
}

TEST(refresh_refuses_what_is_no_live_refresh_token)
{
	struct e2e_session s;
	struct sql         sql;
	char               statement[128];

	e2e_register(&server, "stale");
	s = e2e_login(&server, "stale");
	assert_refresh("unknown", 401);
	assert_refresh(s.token, 401);
	snprintf(statement, sizeof statement,
	         "UPDATE users.sessions SET expire_time = now() WHERE id = %" PRId64 ";", s.id);
	sql_open(&sql, server.db_url);
	sql_run(&sql, statement);
	sql_close(&sql);
	assert_refresh(s.refresh_token, 401);
}

TEST(refresh_and_logout_without_a_token_say_so)
{
	struct e2e_account   account = e2e_register(&server, "without");
	struct http_response r = e2e_ask(&server, "POST", "/refresh", NULL, "{}");

	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "token");
	http_response_free(&r);
	r = e2e_ask(&server, "POST", "/logout", account.token, "{\"token\":\"\"}");
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "token");
	http_response_free(&r);
	r = e2e_ask(&server, "POST", "/refresh", NULL, "{\"token\":7}");
	assert_http_error(r, 400, "INVALID_ARGUMENT");
	http_response_free(&r);
}

TEST(only_the_hash_of_a_refresh_token_is_kept)
{
	struct e2e_session s;
	struct sql         sql;
	char               statement[512];

	e2e_register(&server, "hashed");
	s = e2e_login(&server, "hashed");
	sql_open(&sql, server.db_url);
	snprintf(statement, sizeof statement,
	         "SELECT count(*) FROM users.sessions"
	         " WHERE id = %" PRId64 " AND refresh_hash = sha256('%s');",
	         s.id, s.refresh_token);
	assert_int_equal(sql_number(&sql, statement), 1);
	snprintf(statement, sizeof statement,
	         "SELECT count(*) FROM users.sessions AS s WHERE position('%s' IN s::text) > 0;",
	         s.refresh_token);
	assert_int_equal(sql_number(&sql, statement), 0);
	sql_close(&sql);
}

/* ---- logout ---- */

TEST(logout_ends_every_session_of_the_account_and_no_other)
{
	struct e2e_account other = e2e_register(&server, "stayer");
	struct e2e_account account = e2e_register(&server, "leaver");
	struct e2e_session first = e2e_login(&server, "leaver"),
	                   second = e2e_login(&server, "leaver");
	struct http_response r = logout(first.token, second.refresh_token);

	assert_http(r, 204);
	assert_int_equal(r.body_len, 0);
	http_response_free(&r);
	assert_refresh(first.refresh_token, 401);
	assert_refresh(second.refresh_token, 401);
	assert_session_ended(account.token);
	assert_session_ended(first.token);
	assert_session_ended(second.token);
	r = logout(first.token, first.refresh_token);
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	r = list_sessions(other.token);
	assert_http(r, 200);
	http_response_free(&r);
}

TEST(what_ended_stays_ended_after_a_new_login)
{
	struct e2e_session   before, after;
	struct http_response r;

	e2e_register(&server, "again");
	before = e2e_login(&server, "again");
	r = logout(before.token, before.refresh_token);
	assert_http(r, 204);
	http_response_free(&r);
	after = e2e_login(&server, "again");
	assert_true(after.id > before.id);
	assert_refresh(after.refresh_token, 200);
	assert_refresh(before.refresh_token, 401);
	assert_session_ended(before.token);
}

TEST(logout_takes_a_refresh_token_of_the_account_only)
{
	struct e2e_session   theirs, own;
	const char          *wrong[3];
	struct http_response r;

	e2e_register(&server, "victim");
	e2e_register(&server, "rascal");
	theirs = e2e_login(&server, "victim");
	own = e2e_login(&server, "rascal");
	wrong[0] = theirs.refresh_token;
	wrong[1] = "unknown";
	wrong[2] = own.token;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		r = logout(own.token, wrong[i]);
		assert_http_error(r, 403, "PERMISSION_DENIED");
		http_response_free(&r);
	}
	assert_refresh(theirs.refresh_token, 200);
	assert_refresh(own.refresh_token, 200);
}

/* ---- the list ---- */

TEST(sessions_are_listed_with_what_they_are_known_by)
{
	struct e2e_account   account = e2e_register(&server, "lister");
	struct http_response r = http_ask(
	        server.port,
	        &(struct http_request){.method = "POST",
	                               .path = "/login",
	                               .body = "{\"pseudo\":\"lister\",\"password\":\"" E2E_PASSWORD
	                                       "\"}",
	                               .headers = (const char *[]){"User-Agent: a phone", NULL}});
	struct http_response list;

	assert_http(r, 200);
	list = list_sessions(account.token);
	assert_http(list, 200);
	assert_int_equal(json_array_size(list.json), 2);
	assert_keys(list, "0", "address created_at current id last_used_at user_agent");
	assert_json_text(list, "0.user_agent", "a phone");
	assert_json_text(list, "0.address", "127.0.0.1");
	assert_time(list, "0.created_at");
	assert_time(list, "0.last_used_at");
	assert_json(list, "0.current", "false");
	assert_json(list, "1.current", "true");
	assert_true(http_int(&list, "0.id") > http_int(&list, "1.id"));
	http_response_free(&list);
	http_response_free(&r);
}

TEST(the_list_of_sessions_has_pages)
{
	struct e2e_session   last;
	struct http_response all, r;
	char                 path[96];

	e2e_register(&server, "pages");
	for (int i = 0; i < 3; i++)
		last = e2e_login(&server, "pages");
	all = list_sessions(last.token);
	assert_int_equal(json_array_size(all.json), 4);
	r = http_get(server.port, "/users/me/sessions?limit=1&offset=1", last.token);
	assert_int_equal(json_array_size(r.json), 1);
	assert_int_equal(http_int(&r, "0.id"), http_int(&all, "1.id"));
	http_response_free(&r);
	snprintf(path, sizeof path, "/users/me/sessions?before=%" PRId64, http_int(&all, "1.id"));
	r = http_get(server.port, path, last.token);
	assert_int_equal(json_array_size(r.json), 2);
	assert_int_equal(http_int(&r, "0.id"), http_int(&all, "2.id"));
	http_response_free(&r);
	r = http_get(server.port, "/users/me/sessions?limit=201", last.token);
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	http_response_free(&r);
	http_response_free(&all);
}

TEST(a_session_is_ended_by_its_number)
{
	struct e2e_account   account = e2e_register(&server, "ender");
	struct e2e_session   other = e2e_login(&server, "ender");
	struct http_response r = end_session(account.token, other.id);

	assert_http(r, 204);
	http_response_free(&r);
	assert_refresh(other.refresh_token, 401);
	assert_session_ended(other.token);
	r = end_session(account.token, other.id);
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
	r = list_sessions(account.token);
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 1);
	http_response_free(&r);
}

TEST(one_may_end_the_session_that_one_is_in)
{
	struct e2e_session   s;
	struct http_response r;

	e2e_register(&server, "quitter");
	s = e2e_login(&server, "quitter");
	r = end_session(s.token, s.id);
	assert_http(r, 204);
	http_response_free(&r);
	assert_session_ended(s.token);
}

TEST(a_session_of_somebody_else_is_not_found)
{
	struct e2e_account   snoop = e2e_register(&server, "snoop");
	struct e2e_session   theirs;
	struct http_response r;

	e2e_register(&server, "private");
	theirs = e2e_login(&server, "private");
	r = end_session(snoop.token, theirs.id);
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
	assert_refresh(theirs.refresh_token, 200);
	r = e2e_ask(&server, "DELETE", "/users/me/sessions/first", snoop.token, "%s", "");
	assert_http_error(r, 400, "INVALID_ARGUMENT");
	http_response_free(&r);
}

TEST(sessions_are_for_who_is_signed_in)
{
	static const struct {
		const char *method, *path;
	} cases[] = {{"GET", "/users/me/sessions"},
	             {"DELETE", "/users/me/sessions/1"},
	             {"POST", "/logout"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        e2e_ask(&server, cases[i].method, cases[i].path, NULL, "%s", "");

		assert_http_error(r, 401, "UNAUTHENTICATED");
		http_response_free(&r);
	}
}

TEST(a_login_clears_away_sessions_that_are_over)
{
	struct e2e_session s;
	struct sql         sql;
	char               statement[256];

	e2e_register(&server, "tidy");
	s = e2e_login(&server, "tidy");
	sql_open(&sql, server.db_url);
	snprintf(statement, sizeof statement,
	         "UPDATE users.sessions SET expire_time = '2000-01-01',"
	         "   access_expire_time = '2000-01-01' WHERE id = %" PRId64 ";",
	         s.id);
	sql_run(&sql, statement);
	e2e_login(&server, "tidy");
	snprintf(statement, sizeof statement,
	         "SELECT count(*) FROM users.sessions WHERE id = %" PRId64 ";", s.id);
	assert_int_equal(sql_number(&sql, statement), 0);
	sql_close(&sql);
}

TEST_MAIN(start, stop)
