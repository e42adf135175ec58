#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <string.h>

#include "test/e2e/sql.h"

/* Accounts under the hands of admins, and of their owners. */
static struct server      server;
static struct e2e_session admin;

#define PASSWORD "\"password\":\"" E2E_PASSWORD "\""
#define PNG      "data:image/png;base64,iVBORw0KGgoAAAAA"

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

static struct http_response at_user(const char *method, int64_t id, const char *token,
                                    const char *body)
{
	char path[64];

	snprintf(path, sizeof path, "/users/%" PRId64, id);
	return e2e_ask(&server, method, path, token, "%s", body);
}

static struct http_response patch(int64_t id, const char *body)
{
	return at_user("PATCH", id, admin.token, body);
}

static struct http_response patch_me(const char *token, const char *body)
{
	return e2e_ask(&server, "PATCH", "/users/me", token, "%s", body);
}

static struct http_response create(const char *token, const char *body)
{
	return http_post(server.port, "/users", token, body);
}

static void assert_refused(struct http_response r, long expected, const char *code)
{
	assert_http_error(r, expected, code);
	http_response_free(&r);
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

/* ---- who may ---- */

TEST(accounts_are_for_admins)
{
	struct e2e_account plain = e2e_register(&server, "plain");

	assert_refused(http_get(server.port, "/users", plain.token), 403, "PERMISSION_DENIED");
	assert_refused(create(plain.token, "{}"), 403, "PERMISSION_DENIED");
	assert_refused(at_user("GET", plain.id, plain.token, ""), 403, "PERMISSION_DENIED");
	assert_refused(at_user("PATCH", plain.id, plain.token, "{}"), 403, "PERMISSION_DENIED");
	assert_refused(http_get(server.port, "/users", NULL), 401, "UNAUTHENTICATED");
	assert_refused(create(NULL, "{}"), 401, "UNAUTHENTICATED");
	assert_refused(at_user("GET", plain.id, NULL, ""), 401, "UNAUTHENTICATED");
	assert_refused(at_user("PATCH", plain.id, NULL, "{}"), 401, "UNAUTHENTICATED");
	assert_refused(at_user("DELETE", plain.id, NULL, ""), 401, "UNAUTHENTICATED");
	assert_refused(patch_me(NULL, "{}"), 401, "UNAUTHENTICATED");
}

/* ---- lists ---- */

TEST(accounts_are_listed_greatest_number_first)
{
	struct e2e_account   a = e2e_register(&server, "list1");
	struct e2e_account   b = e2e_register(&server, "list2");
	struct e2e_account   c = e2e_register(&server, "list3");
	struct http_response r = http_get(server.port, "/users", admin.token);
	char                 path[64];

	assert_http(r, 200);
	assert_true(json_is_array(r.json));
	assert_int_equal(http_int(&r, "0.id"), c.id);
	assert_int_equal(http_int(&r, "1.id"), b.id);
	assert_int_equal(http_int(&r, "2.id"), a.id);
	assert_keys(r, "0",
	            "auth_provider created_at email handle id last_seen pseudo role roles status "
	            "updated_at");
	http_response_free(&r);
	r = http_get(server.port, "/users?limit=1&offset=1", admin.token);
	assert_int_equal(json_array_size(r.json), 1);
	assert_int_equal(http_int(&r, "0.id"), b.id);
	http_response_free(&r);
	snprintf(path, sizeof path, "/users?limit=1&before=%" PRId64, b.id);
	r = http_get(server.port, path, admin.token);
	assert_int_equal(json_array_size(r.json), 1);
	assert_int_equal(http_int(&r, "0.id"), a.id);
	http_response_free(&r);
	snprintf(path, sizeof path, "/users?limit=1&after=%" PRId64, a.id);
	r = http_get(server.port, path, admin.token);
	assert_int_equal(json_array_size(r.json), 1);
	assert_int_equal(http_int(&r, "0.id"), b.id);
	http_response_free(&r);
}

TEST(a_list_of_accounts_takes_sane_pages_only)
{
	assert_refused(http_get(server.port, "/users?limit=0", admin.token), 422,
	               "INVALID_ARGUMENT");
	assert_refused(http_get(server.port, "/users?limit=201", admin.token), 422,
	               "INVALID_ARGUMENT");
	assert_refused(http_get(server.port, "/users?limit=many", admin.token), 400,
	               "INVALID_ARGUMENT");
}

TEST(a_list_leaves_data_uris_out)
{
	struct e2e_account a = e2e_register(&server, "pictured"),
	                   b = e2e_register(&server, "linked");
	struct http_response r = patch(a.id, "{\"avatar\":\"" PNG "\"}");

	assert_http(r, 200);
	assert_json_text(r, "user.profile_picture", PNG);
	http_response_free(&r);
	r = patch(b.id, "{\"avatar\":\"https://example.org/b.png\"}");
	assert_http(r, 200);
	http_response_free(&r);
	r = http_get(server.port, "/users?limit=2", admin.token);
	assert_json_text(r, "0.profile_picture", "https://example.org/b.png");
	assert_null(http_json(&r, "1.profile_picture"));
	http_response_free(&r);
	r = at_user("GET", a.id, admin.token, "");
	assert_json_text(r, "profile_picture", PNG);
	http_response_free(&r);
}

TEST(without_a_limit_ten_thousand_accounts_are_listed)
{
	struct http_response r;
	struct sql           sql;

	sql_open(&sql, server.db_url);
	sql_run(&sql, "INSERT INTO users.accounts (pseudo, email, password_hash, profile_picture)"
	              " SELECT 'crowd' || i, 'crowd' || i || '@example.org', 'none',"
	              "        'https://example.org/' || i FROM generate_series(1, 10001) AS i;"
	              "INSERT INTO users.roles (account_id, role)"
	              " SELECT id, 'user' FROM users.accounts WHERE pseudo LIKE 'crowd%';");
	r = http_get(server.port, "/users", admin.token);
	assert_http(r, 200);
	assert_int_equal(json_array_size(r.json), 10000);
	http_response_free(&r);
	sql_run(&sql, "DELETE FROM users.accounts WHERE pseudo LIKE 'crowd%';");
	sql_close(&sql);
}

/* ---- one ---- */

TEST(an_admin_looks_an_account_up)
{
	struct e2e_account   a = e2e_register(&server, "looked-up");
	struct http_response r = at_user("GET", a.id, admin.token, "");

	assert_http(r, 200);
	assert_json_text(r, "pseudo", "looked-up");
	assert_json_text(r, "email", "looked-up@example.org");
	http_response_free(&r);
	assert_refused(at_user("GET", 987654321, admin.token, ""), 404, "NOT_FOUND");
	assert_refused(at_user("GET", 0, admin.token, ""), 404, "NOT_FOUND");
	assert_refused(http_get(server.port, "/users/first", admin.token), 400, "INVALID_ARGUMENT");
}

/* ---- created ---- */

TEST(an_admin_opens_an_account_for_somebody)
{
	struct http_response r =
	        create(admin.token, "{\"handle\":\"Opened\",\"email\":\"opened@example.org\","
	                            "\"role\":\"ROLE_USER\"," PASSWORD "}");

	assert_http(r, 201);
	assert_json_text(r, "handle", "@opened");
	assert_json(r, "role", "{\"id\":2,\"name\":\"ROLE_USER\"}");
	assert_null(http_json(&r, "tokens"));
	http_response_free(&r);
	assert_login("opened", E2E_PASSWORD, 200);
	r = create(admin.token, "{\"pseudo\":\"deputy\",\"email\":\"deputy@example.org\","
	                        "\"role\":\"ROLE_ADMIN\"," PASSWORD "}");
	assert_http(r, 201);
	assert_json(r, "roles", "[\"user\",\"admin\"]");
	http_response_free(&r);
	r = http_get(server.port, "/users?limit=1", e2e_login(&server, "deputy").token);
	assert_http(r, 200);
	http_response_free(&r);
}

TEST(what_an_admin_opens_follows_the_rules_of_registering)
{
	static const struct {
		const char *body;
		long        status;
		const char *details;
	} cases[] = {
	        {"{}", 422, "email pseudo password role"},
	        {"{\"pseudo\":\"fine\",\"email\":\"fine@example.org\",\"role\":\"ROLE_KING\"," PASSWORD
	         "}",
	         422, "role"},
	        {"{\"pseudo\":\"fine\",\"email\":\"fine\",\"role\":\"ROLE_USER\",\"password\":"
	         "\"short\"}",
	         422, "email password"},
	        {"{\"pseudo\":\"boss\",\"email\":\"fine@example.org\",\"role\":\"ROLE_USER\"," PASSWORD
	         "}",
	         409, "pseudo"},
	        {"{\"pseudo\":\"fine\",\"email\":\"BOSS@example.org\",\"role\":\"ROLE_USER\"," PASSWORD
	         "}",
	         409, "email"},
	        {"{\"pseudo\":\"deleted\",\"email\":\"fine@example.org\",\"role\":\"ROLE_USER\"," PASSWORD
	         "}",
	         409, "pseudo"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = create(admin.token, cases[i].body);

		assert_http_error(r, cases[i].status,
		                  cases[i].status == 409 ? "ALREADY_EXISTS" : "INVALID_ARGUMENT");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

/* ---- changed by an admin ---- */

TEST(an_admin_changes_an_account_and_gets_none_of_its_tokens)
{
	struct e2e_account   a = e2e_register(&server, "changed");
	struct http_response r =
	        patch(a.id, "{\"handle\":\"Renamed\",\"email\":\"renamed@example.org\"}");

	assert_http(r, 200);
	assert_keys(r, "", "tokens user");
	assert_json_text(r, "user.pseudo", "renamed");
	assert_json_text(r, "user.handle", "@renamed");
	assert_json_text(r, "user.email", "renamed@example.org");
	assert_json(r, "tokens", "{\"access_token\":\"\",\"refresh_token\":\"\"}");
	http_response_free(&r);
	assert_login("changed", E2E_PASSWORD, 401);
	assert_login("renamed", E2E_PASSWORD, 200);
	r = http_get(server.port, "/users/me/sessions", a.token);
	assert_http(r, 200);
	http_response_free(&r);
}

TEST(a_password_from_an_admin_ends_all_sessions)
{
	struct e2e_account   a = e2e_register(&server, "locked");
	struct e2e_session   s = e2e_login(&server, "locked");
	struct http_response r = patch(a.id, "{\"password\":\"from the admin\"}");

	assert_http(r, 200);
	assert_json_text(r, "tokens.refresh_token", "");
	http_response_free(&r);
	assert_refresh(s.refresh_token, 401);
	assert_refused(http_get(server.port, "/users/me/sessions", s.token), 403,
	               "PERMISSION_DENIED");
	assert_login("locked", E2E_PASSWORD, 401);
	assert_login("locked", "from the admin", 200);
}

TEST(an_admin_makes_and_unmakes_admins)
{
	struct e2e_account   a = e2e_register(&server, "risen");
	struct http_response r = patch(a.id, "{\"role\":\"ROLE_ADMIN\"}");

	assert_http(r, 200);
	assert_json(r, "user.roles", "[\"user\",\"admin\"]");
	http_response_free(&r);
	r = patch(a.id, "{\"role\":\"ROLE_USER\"}");
	assert_http(r, 200);
	assert_json(r, "user.role", "{\"id\":2,\"name\":\"ROLE_USER\"}");
	http_response_free(&r);
}

TEST(an_admin_who_changes_the_own_account_gets_a_fresh_pair)
{
	struct e2e_session   s, other;
	struct http_response r;
	int64_t              id = e2e_register(&server, "vain").id;

	s = e2e_login_as_admin(&server, "vain");
	other = e2e_login(&server, "vain");
	r = at_user("PATCH", id, s.token, "{\"password\":\"my new password\"}");
	assert_http(r, 200);
	assert_refresh(http_text(&r, "tokens.refresh_token"), 200);
	http_response_free(&r);
	assert_refresh(s.refresh_token, 401);
	assert_refresh(other.refresh_token, 401);
	r = at_user("PATCH", id, s.token, "{\"role\":\"ROLE_USER\"}");
	assert_http(r, 200);
	http_response_free(&r);
}

TEST(a_change_that_cannot_be_made_is_not_made_in_part)
{
	struct e2e_account   a = e2e_register(&server, "whole"), b = e2e_register(&server, "half");
	struct http_response r;

	assert_refused(patch(a.id, "{\"email\":\"new@example.org\",\"handle\":\"half\"}"), 409,
	               "ALREADY_EXISTS");
	assert_refused(patch(a.id, "{\"email\":\"new@example.org\",\"role\":\"ROLE_KING\"}"), 422,
	               "INVALID_ARGUMENT");
	r = at_user("GET", a.id, admin.token, "");
	assert_json_text(r, "email", "whole@example.org");
	http_response_free(&r);
	assert_true(b.id > a.id);
}

TEST(a_change_follows_the_rules)
{
	static const struct {
		const char *body;
		long        status;
		const char *details;
	} cases[] = {
	        {"{\"email\":\"\"}", 422, "email"},
	        {"{\"email\":\"no\"}", 422, "email"},
	        {"{\"pseudo\":\"\"}", 422, "pseudo"},
	        {"{\"handle\":\"a b\"}", 422, "pseudo"},
	        {"{\"password\":\"\"}", 422, "password"},
	        {"{\"password\":\"short\"}", 422, "password"},
	        {"{\"role\":\"admin\"}", 422, "role"},
	        {"{\"role\":\"\",\"email\":\"\"}", 422, "email role"},
	        {"{\"avatar\":\"data:image/svg+xml;base64,PHN2\"}", 422, "profile_picture"},
	        {"{\"pseudo\":\"boss\"}", 409, "pseudo"},
	        {"{\"pseudo\":\"@Boss\"}", 409, "pseudo"},
	        {"{\"email\":\"Boss@example.org\"}", 409, "email"},
	        {"{\"pseudo\":\"deleted\"}", 409, "pseudo"},
	        {"{\"email\":7}", 400, "email"},
	};
	struct e2e_account a = e2e_register(&server, "bound");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = patch(a.id, cases[i].body);

		assert_http_error(r, cases[i].status,
		                  cases[i].status == 409 ? "ALREADY_EXISTS" : "INVALID_ARGUMENT");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
	assert_refused(patch(987654321, "{\"email\":\"a@example.org\"}"), 404, "NOT_FOUND");
	assert_refused(e2e_ask(&server, "PATCH", "/users/me", a.token, "[]"), 400,
	               "INVALID_ARGUMENT");
}

/* ---- changed by its owner ---- */

TEST(what_a_patch_does_not_name_stays_and_null_takes_the_picture_away)
{
	static const struct {
		const char *body, *picture;
	} steps[] = {
	        {"{\"avatar\":\"https://example.org/1.png\"}", "https://example.org/1.png"},
	        {"{}", "https://example.org/1.png"},
	        {"{\"email\":null,\"handle\":null}", "https://example.org/1.png"},
	        {"{\"handle\":\"steady\"}", "https://example.org/1.png"},
	        {"{\"profile_picture\":null}", ""},
	        {"{\"profilePicture\":\"" PNG "\"}", PNG},
	        {"{\"profile_picture\":\"\"}", ""},
	        {"{\"profile_picture\":\"https://example.org/2.png\",\"update_mask\":\"email\"}",
	         "https://example.org/2.png"},
	        {"{\"avatar\":null}", ""},
	};
	struct e2e_account a = e2e_register(&server, "steady");

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct http_response r = patch_me(a.token, steps[i].body);

		assert_http(r, 200);
		assert_string_equal(http_text(&r, "user.profile_picture"), steps[i].picture);
		assert_json_text(r, "user.pseudo", "steady");
		assert_json_text(r, "user.email", "steady@example.org");
		http_response_free(&r);
	}
}

TEST(a_patch_of_one_s_own_gives_a_fresh_pair_in_the_same_session)
{
	struct e2e_session   s, other;
	struct http_response r, list;

	e2e_register(&server, "pair");
	s = e2e_login(&server, "pair");
	other = e2e_login(&server, "pair");
	r = patch_me(s.token, "{\"handle\":\"paired\"}");
	assert_http(r, 200);
	assert_keys(r, "", "tokens user");
	assert_json_text(r, "user.handle", "@paired");
	assert_refresh(s.refresh_token, 401);
	assert_refresh(other.refresh_token, 200);
	assert_refresh(http_text(&r, "tokens.refresh_token"), 200);
	list = http_get(server.port, "/users/me/sessions", http_text(&r, "tokens.access_token"));
	assert_int_equal(json_array_size(list.json), 3);
	assert_int_equal(http_int(&list, "1.id"), s.id);
	assert_json(list, "1.current", "true");
	http_response_free(&list);
	list = http_get(server.port, "/users/me/sessions", s.token);
	assert_http(list, 200);
	http_response_free(&list);
	http_response_free(&r);
}

TEST(one_s_own_password_and_role_are_not_changed_by_patch)
{
	struct e2e_account   a = e2e_register(&server, "sneaky");
	struct http_response r = patch_me(a.token, "{\"role\":\"ROLE_ADMIN\",\"roles\":[\"admin\"],"
	                                           "\"password\":\"no old one\",\"id\":1}");

	assert_http(r, 200);
	assert_json(r, "user.roles", "[\"user\"]");
	assert_int_equal(http_int(&r, "user.id"), a.id);
	http_response_free(&r);
	assert_login("sneaky", E2E_PASSWORD, 200);
}

TEST(a_patch_names_what_is_taken)
{
	struct e2e_account   a = e2e_register(&server, "envious");
	struct http_response r;

	e2e_register(&server, "envied");
	r = patch_me(a.token, "{\"handle\":\"Envied\",\"email\":\"ENVIED@example.org\"}");
	assert_http_error(r, 409, "ALREADY_EXISTS");
	assert_details(r, "email pseudo");
	http_response_free(&r);
	r = patch_me(a.token, "{\"handle\":\"Envious\",\"email\":\"ENVIOUS@example.org\"}");
	assert_http(r, 200);
	assert_json_text(r, "user.email", "ENVIOUS@example.org");
	http_response_free(&r);
}

TEST(of_many_who_take_one_name_at_once_one_gets_it)
{
	enum { N = 16 };
	static struct http_pending pending[N];
	static struct e2e_account  accounts[N];
	struct http_response       answers[N];

	for (int i = 0; i < N; i++) {
		char name[24];

		snprintf(name, sizeof name, "runner%d", i);
		accounts[i] = e2e_register(&server, name);
	}
	for (int i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "PATCH",
		                                  .path = "/users/me",
		                                  .token = accounts[i].token,
		                                  .body = "{\"handle\":\"prize\"}"});
	for (int i = 0; i < N; i++)
		answers[i] = http_finish(&pending[i]);
	assert_int_equal(e2e_count(answers, N, 200), 1);
	assert_int_equal(e2e_count(answers, N, 409), N - 1);
	for (int i = 0; i < N; i++) {
		if (answers[i].status == 409)
			assert_details(answers[i], "pseudo");
		http_response_free(&answers[i]);
	}
}

TEST(an_ended_session_changes_nothing)
{
	struct e2e_session   s;
	struct http_response r;

	e2e_register(&server, "over");
	s = e2e_login(&server, "over");
	r = e2e_ask(&server, "POST", "/logout", s.token, "{\"token\":\"%s\"}", s.refresh_token);
	assert_http(r, 204);
	http_response_free(&r);
	assert_refused(patch_me(s.token, "{\"handle\":\"undead\"}"), 403, "PERMISSION_DENIED");
	assert_refused(e2e_ask(&server, "DELETE", "/user/over", s.token, "%s", ""), 403,
	               "PERMISSION_DENIED");
	assert_login("over", E2E_PASSWORD, 200);
}

/* ---- deleted ---- */

TEST(an_account_is_deleted_by_its_owner_or_an_admin)
{
	static const char *const names[] = {"leave1", "leave2", "leave3", "leave4"};

	for (int i = 0; i < 4; i++) {
		struct e2e_account   a = e2e_register(&server, names[i]);
		const char          *token = i % 2 ? a.token : admin.token;
		char                 path[64];
		struct http_response r;

		if (i < 2)
			snprintf(path, sizeof path, "/users/%" PRId64, a.id);
		else
			snprintf(path, sizeof path, "/user/%s", names[i]);
		r = e2e_ask(&server, "DELETE", path, token, "%s", "");
		assert_http(r, 204);
		assert_int_equal(r.body_len, 0);
		http_response_free(&r);
		assert_refused(e2e_ask(&server, "DELETE", path, admin.token, "%s", ""), 404,
		               "NOT_FOUND");
		assert_refused(at_user("GET", a.id, admin.token, ""), 404, "NOT_FOUND");
		assert_refused(http_get(server.port, "/users/me", a.token), 403,
		               "PERMISSION_DENIED");
		assert_login(names[i], E2E_PASSWORD, 401);
	}
}

TEST(the_account_of_somebody_else_is_not_deleted)
{
	struct e2e_account a = e2e_register(&server, "hostile"), b = e2e_register(&server, "safe");

	assert_refused(at_user("DELETE", b.id, a.token, ""), 403, "PERMISSION_DENIED");
	assert_refused(e2e_ask(&server, "DELETE", "/user/safe", a.token, "%s", ""), 403,
	               "PERMISSION_DENIED");
	assert_refused(at_user("DELETE", 987654321, a.token, ""), 404, "NOT_FOUND");
	assert_refused(e2e_ask(&server, "DELETE", "/user/no-such-duck", a.token, "%s", ""), 404,
	               "NOT_FOUND");
	assert_refused(e2e_ask(&server, "DELETE", "/user/safe", NULL, "%s", ""), 401,
	               "UNAUTHENTICATED");
	assert_login("safe", E2E_PASSWORD, 200);
}

TEST(a_name_used_again_inherits_nothing)
{
	struct e2e_account   first = e2e_register(&server, "phoenix"), second;
	struct e2e_session   s;
	struct http_response r =
	        patch(first.id, "{\"role\":\"ROLE_ADMIN\",\"avatar\":\"" PNG "\"}");

	assert_http(r, 200);
	http_response_free(&r);
	s = e2e_login(&server, "phoenix");
	e2e_create_channel(&server, s.token, "ashes", true);
	r = e2e_ask(&server, "DELETE", "/user/phoenix", s.token, "%s", "");
	assert_http(r, 204);
	http_response_free(&r);
	second = e2e_register(&server, "phoenix");
	assert_true(second.id > first.id);
	r = http_get(server.port, "/users/me", second.token);
	assert_json(r, "roles", "[\"user\"]");
	assert_null(http_json(&r, "profile_picture"));
	http_response_free(&r);
	assert_refresh(s.refresh_token, 401);
	assert_refused(http_get(server.port, "/users/me/sessions", s.token), 403,
	               "PERMISSION_DENIED");
	assert_refused(http_get(server.port, "/channel/ashes/config", second.token), 404,
	               "NOT_FOUND");
}

TEST(nothing_of_a_deleted_account_is_left_but_its_number)
{
	struct e2e_account   a = e2e_register(&server, "forgotten");
	struct sql           sql;
	char                 statement[512];
	struct http_response r = e2e_ask(&server, "DELETE", "/user/forgotten", a.token, "%s", "");

	assert_http(r, 204);
	http_response_free(&r);
	sql_open(&sql, server.db_url);
	snprintf(statement, sizeof statement,
	         "SELECT (SELECT count(*) FROM users.accounts WHERE id = %1$" PRId64 ")"
	         "     + (SELECT count(*) FROM users.sessions WHERE account_id = %1$" PRId64 ")"
	         "     + (SELECT count(*) FROM users.roles WHERE account_id = %1$" PRId64 ");",
	         a.id);
	assert_int_equal(sql_number(&sql, statement), 0);
	snprintf(statement, sizeof statement,
	         "SELECT count(*) FROM users.outbox WHERE topic = 'users.account.%" PRId64 "'"
	         "   AND type = 'canaduck.users.v1.AccountDeleted'"
	         "   AND position('forgotten' IN encode(event, 'escape')) = 0;",
	         a.id);
	assert_int_equal(sql_number(&sql, statement), 1);
	sql_close(&sql);
}

TEST_MAIN(start, stop)
