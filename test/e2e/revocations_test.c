#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* What edges and other services are told of sessions and roles. */
static struct server      server;
static struct e2e_session admin;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	e2e_register(&server, "boss");
	admin = e2e_login_as_admin(&server, "boss");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* ---- asking as a service ---- */

static char output[1024 * 1024];

static int call(const char *method, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Exit status; the answer or the error is in output. */
static int call(const char *method, const char *format, ...)
{
	char    name[96], json[SERVER_TOKEN_BYTES + 64];
	va_list ap;

	va_start(ap, format);
	vsnprintf(json, sizeof json, format, ap);
	va_end(ap);
	snprintf(name, sizeof name, "/canaduck.users.v1.Users/%s", method);
	return server_run((const char *[]){"canaduck", "call", name, json, NULL}, &server, NULL,
	                  output, sizeof output);
}

/* On a busy machine there may be warnings beside it. */
static json_t *parsed(void)
{
	const char *start = strchr(output, '{');
	json_t     *json = start ? json_loads(start, JSON_DISABLE_EOF_CHECK, NULL) : NULL;

	if (json == NULL)
		fail_msg("no JSON: %s", output);
	return json;
}

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static json_t *list_of(const json_t *object, const char *key)
{
	return json_object_get(object, key);
}

struct change {
	unsigned n; /* how many of this account were told */
	int64_t  ended_below, kept_session_id, roles_version, expire_time;
	size_t   n_roles;
	bool     names_session; /* the one that was asked about */
};

static void note(struct change *c, const json_t *item, int64_t session_id)
{
	int64_t ended_below = number(item, "ended_below");
	int64_t version = number(item, "roles_version");

	c->n++;
	if (ended_below > c->ended_below) {
		c->ended_below = ended_below;
		c->kept_session_id = number(item, "kept_session_id");
	}
	if (version > c->roles_version) {
		c->roles_version = version;
		c->n_roles = json_array_size(list_of(item, "roles"));
	}
	c->expire_time = number(item, "expire_time");
	c->names_session |= session_id != 0 && number(item, "session_id") == session_id;
}

/* What the snapshot has of an account, taken page by page. */
static struct change snapshot(int64_t account_id, int64_t session_id, unsigned page_size)
{
	struct change c = {0};
	char          token[64] = "";
	size_t        n;

	do {
		json_t *page, *item;

		assert_int_equal(call("ListRevocations", "{\"page_token\":\"%s\",\"page_size\":%u}",
		                      token, page_size),
		                 0);
		page = parsed();
		json_array_foreach(list_of(page, "changes"), n,
		                   item) if (number(item, "account_id") == account_id)
		        note(&c, item, session_id);
		assert_true(json_array_size(list_of(page, "changes")) <= page_size);
		item = json_object_get(page, "next_page_token");
		snprintf(token, sizeof token, "%s", json_string_value(item));
		json_decref(page);
	} while (*token);
	return c;
}

/* What the stream of events had of an account, up to so many. */
static struct change stream(int64_t account_id, int64_t session_id, const char *count)
{
	struct change c = {0};
	char          topic[64];
	char         *line, *rest = output;

	snprintf(topic, sizeof topic, "users.sessions.%" PRId64, account_id);
	assert_int_equal(server_run((const char *[]){"canaduck", "sub", "--after", "0", "--count",
	                                             count, topic, NULL},
	                            &server, NULL, output, sizeof output),
	                 0);
	while ((line = strsep(&rest, "\n"))) {
		json_t *event, *change;

		if (*line != '{')
			continue;
		event = json_loads(line, 0, NULL);
		assert_non_null(event);
		change = json_object_get(json_object_get(event, "payload"), "change");
		assert_non_null(change);
		note(&c, change, session_id);
		json_decref(event);
	}
	return c;
}

static void assert_gone(struct http_response r, long expected)
{
	assert_http(r, expected);
	http_response_free(&r);
}

/* ---- who a token is of ---- */

TEST(check_auth_says_who_a_token_is_of)
{
	struct e2e_account account = e2e_register(&server, "checked");
	struct e2e_session s = e2e_login(&server, "checked");
	json_t            *answer;

	assert_int_equal(call("CheckAuth", "{\"token\":\"%s\"}", s.token), 0);
	answer = parsed();
	assert_int_equal(number(answer, "account_id"), account.id);
	assert_int_equal(number(answer, "session_id"), s.id);
	assert_string_equal(json_string_value(json_object_get(answer, "pseudo")), "checked");
	assert_int_equal(json_array_size(list_of(answer, "roles")), 1);
	json_decref(answer);
	assert_gone(
	        e2e_ask(&server, "POST", "/logout", s.token, "{\"token\":\"%s\"}", s.refresh_token),
	        204);
	assert_int_equal(call("CheckAuth", "{\"token\":\"%s\"}", s.token), 1);
	assert_non_null(strstr(output, "session was ended"));
	assert_int_equal(call("CheckAuth", "{\"token\":\"a.b.c\"}"), 1);
	assert_non_null(strstr(output, "token is invalid"));
}

TEST(check_auth_is_not_for_the_outside)
{
	static const char *const paths[] = {"/internal/users/check-auth", "/internal",
	                                    "/check-auth", "/canaduck.users.v1.Users/CheckAuth"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct http_response r = http_get(server.port, paths[i], admin.token);

		assert_http_error(r, 404, "NOT_FOUND");
		http_response_free(&r);
	}
}

TEST(check_session_says_whether_it_lives_and_what_its_account_may)
{
	struct e2e_account account = e2e_register(&server, "asked");
	struct e2e_session s = e2e_login(&server, "asked");
	json_t            *before, *after;

	assert_int_equal(call("CheckSession",
	                      "{\"account_id\":%" PRId64 ",\"session_id\":%" PRId64 "}", account.id,
	                      s.id),
	                 0);
	before = parsed();
	assert_int_equal(json_array_size(list_of(before, "roles")), 1);
	assert_gone(http_post(server.port, "/make-admin/asked", admin.token, NULL), 200);
	assert_int_equal(call("CheckSession",
	                      "{\"account_id\":%" PRId64 ",\"session_id\":%" PRId64 "}", account.id,
	                      s.id),
	                 0);
	after = parsed();
	assert_int_equal(json_array_size(list_of(after, "roles")), 2);
	assert_true(number(after, "roles_version") > number(before, "roles_version"));
	json_decref(after);
	json_decref(before);
	/* Of another account it is not. */
	assert_int_equal(call("CheckSession",
	                      "{\"account_id\":%" PRId64 ",\"session_id\":%" PRId64 "}",
	                      account.id + 1, s.id),
	                 0);
	after = parsed();
	assert_int_equal(json_array_size(list_of(after, "roles")), 0);
	json_decref(after);
}

/* ---- what is not to be believed any more ---- */

TEST(a_session_that_ended_is_told_until_its_last_token_is_over)
{
	struct e2e_account account = e2e_register(&server, "one");
	struct e2e_session s = e2e_login(&server, "one");
	char               path[64];

	snprintf(path, sizeof path, "/users/me/sessions/%" PRId64, s.id);
	assert_gone(e2e_ask(&server, "DELETE", path, account.token, "%s", ""), 204);
	for (int i = 0; i < 2; i++) {
		struct change c = i ? stream(account.id, s.id, "1") : snapshot(account.id, s.id, 1);

		assert_int_equal(c.n, 1);
		assert_true(c.names_session);
		assert_int_equal(c.ended_below, 0);
		assert_in_range(c.expire_time, time(NULL) + 86400 - 60, time(NULL) + 86400 + 120);
	}
}

TEST(a_log_out_is_told_as_all_sessions_up_to_now)
{
	struct e2e_account account = e2e_register(&server, "all");
	struct e2e_session s = e2e_login(&server, "all"), later;

	assert_gone(
	        e2e_ask(&server, "POST", "/logout", s.token, "{\"token\":\"%s\"}", s.refresh_token),
	        204);
	later = e2e_login(&server, "all");
	for (int i = 0; i < 2; i++) {
		struct change c = i ? stream(account.id, 0, "1") : snapshot(account.id, 0, 1000);

		assert_true(c.ended_below > s.id);
		assert_true(c.ended_below <= later.id);
		assert_int_equal(c.kept_session_id, 0);
	}
}

TEST(a_new_password_is_told_with_the_session_that_stays)
{
	struct e2e_account account = e2e_register(&server, "kept");
	struct e2e_session own = e2e_login(&server, "kept"), other = e2e_login(&server, "kept");

	assert_gone(e2e_ask(&server, "PATCH", "/users/me/update-password", own.token,
	                    "{\"old\":\"" E2E_PASSWORD "\",\"new\":\"another password\"}"),
	            200);
	for (int i = 0; i < 2; i++) {
		struct change c = i ? stream(account.id, 0, "1") : snapshot(account.id, 0, 1000);

		assert_true(c.ended_below > other.id);
		assert_int_equal(c.kept_session_id, own.id);
	}
}

TEST(roles_are_told_as_they_are_now)
{
	struct e2e_account account = e2e_register(&server, "roles");
	struct change      told, streamed;

	assert_gone(http_post(server.port, "/make-admin/roles", admin.token, NULL), 200);
	told = snapshot(account.id, 0, 1000);
	assert_int_equal(told.n_roles, 2);
	assert_gone(e2e_ask(&server, "DELETE", "/user/roles/roles/admin", admin.token, "%s", ""),
	            200);
	streamed = snapshot(account.id, 0, 1000);
	assert_int_equal(streamed.n_roles, 1);
	assert_true(streamed.roles_version > told.roles_version);
	told = streamed;
	streamed = stream(account.id, 0, "2");
	assert_int_equal(streamed.n, 2);
	assert_int_equal(streamed.n_roles, 1);
	assert_int_equal(streamed.roles_version, told.roles_version);
}

TEST(a_role_from_the_command_line_is_told_too)
{
	struct e2e_account account = e2e_register(&server, "granted");

	e2e_login_as_admin(&server, "granted");
	assert_int_equal(snapshot(account.id, 0, 1000).n_roles, 2);
	assert_int_equal(stream(account.id, 0, "1").n_roles, 2);
}

TEST(a_deleted_account_is_told_as_all_its_sessions)
{
	struct e2e_account account = e2e_register(&server, "gone");
	struct e2e_session s = e2e_login(&server, "gone");

	assert_gone(e2e_ask(&server, "DELETE", "/user/gone", s.token, "%s", ""), 204);
	for (int i = 0; i < 2; i++) {
		struct change c = i ? stream(account.id, 0, "1") : snapshot(account.id, 0, 1000);

		assert_true(c.ended_below > s.id);
		assert_int_equal(c.kept_session_id, 0);
	}
}

TEST(a_change_that_was_refused_is_not_told)
{
	struct e2e_account account = e2e_register(&server, "refused");
	char               path[64];

	snprintf(path, sizeof path, "/users/%" PRId64, account.id);
	/* The password would end sessions; the name is taken. */
	assert_gone(e2e_ask(&server, "PATCH", path, admin.token,
	                    "{\"password\":\"another password\",\"handle\":\"boss\"}"),
	            409);
	assert_int_equal(snapshot(account.id, 0, 1000).n, 0);
}

TEST(an_account_s_life_is_told_by_its_number)
{
	struct e2e_account account = e2e_register(&server, "biography");
	char               topic[64];
	const char        *told;

	assert_gone(e2e_ask(&server, "PATCH", "/users/me", account.token,
	                    "{\"handle\":\"autobiography\"}"),
	            200);
	assert_gone(e2e_ask(&server, "DELETE", "/user/autobiography", account.token, "%s", ""),
	            204);
	snprintf(topic, sizeof topic, "users.account.%" PRId64, account.id);
	assert_int_equal(server_run((const char *[]){"canaduck", "sub", "--after", "0", "--count",
	                                             "3", topic, NULL},
	                            &server, NULL, output, sizeof output),
	                 0);
	told = strstr(output, "AccountCreated");
	assert_non_null(told);
	assert_non_null(strstr(told, "\"biography\""));
	told = strstr(told, "AccountChanged");
	assert_non_null(told);
	assert_non_null(strstr(told, "\"autobiography\""));
	told = strstr(told, "AccountDeleted");
	assert_non_null(told);
	assert_null(strstr(told, "biography"));
}

TEST(what_is_over_is_forgotten)
{
	struct e2e_account account = e2e_register(&server, "old");
	struct e2e_session s = e2e_login(&server, "old");
	struct sql         sql;
	char               statement[160];

	assert_gone(
	        e2e_ask(&server, "POST", "/logout", s.token, "{\"token\":\"%s\"}", s.refresh_token),
	        204);
	snprintf(statement, sizeof statement,
	         "UPDATE users.revocations SET expire_time = '2000-01-01'"
	         " WHERE account_id = %" PRId64 ";",
	         account.id);
	sql_open(&sql, server.db_url);
	sql_run(&sql, statement);
	assert_int_equal(snapshot(account.id, 0, 1000).n, 0);
	s = e2e_login(&server, "boss");
	snprintf(statement, sizeof statement, "/users/me/sessions/%" PRId64, s.id);
	assert_gone(e2e_ask(&server, "DELETE", statement, admin.token, "%s", ""), 204);
	assert_int_equal(sql_number(&sql, "SELECT count(*) FROM users.revocations"
	                                  " WHERE expire_time < now() - interval '1 year';"),
	                 0);
	sql_close(&sql);
}

TEST(a_page_token_of_somebody_else_s_making_is_refused)
{
	static const char *const wrong[] = {"17",   "a.b", "1.2.3",
	                                    "-1.0", ".",   "99999999999999999999.1"};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(call("ListRevocations", "{\"page_token\":\"%s\"}", wrong[i]), 1);
		assert_non_null(strstr(output, "not valid"));
	}
}

TEST_MAIN(start, stop)
