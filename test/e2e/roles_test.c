#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <string.h>

#include "test/e2e/sql.h"

/* Who gives and takes roles, and what that changes. */
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

static struct http_response add(const char *token, const char *pseudo, const char *role)
{
	char path[96];

	snprintf(path, sizeof path, "/user/roles/%s", pseudo);
	return e2e_ask(&server, "POST", path, token, "{\"role\":\"%s\"}", role);
}

static struct http_response take(const char *token, const char *pseudo, const char *role)
{
	char path[160];

	snprintf(path, sizeof path, "/user/roles/%s/%s", pseudo, role);
	return e2e_ask(&server, "DELETE", path, token, "%s", "");
}

static struct http_response make_admin(const char *token, const char *pseudo)
{
	char path[96];

	snprintf(path, sizeof path, "/make-admin/%s", pseudo);
	return e2e_ask(&server, "POST", path, token, "%s", "");
}

static void assert_result(struct http_response r, const char *expected)
{
	assert_http(r, 200);
	assert_json(r, "result", expected);
	http_response_free(&r);
}

static void assert_refused(struct http_response r, long expected, const char *code)
{
	assert_http_error(r, expected, code);
	http_response_free(&r);
}

static int64_t count_admins(void)
{
	struct sql sql;
	int64_t    n;

	sql_open(&sql, server.db_url);
	n = sql_number(&sql, "SELECT count(*) FROM users.roles WHERE role = 'admin';");
	sql_close(&sql);
	return n;
}

TEST(an_admin_gives_and_takes_roles)
{
	e2e_register(&server, "worker");
	assert_result(add(admin.token, "worker", "pilot"), "[\"user\",\"pilot\"]");
	assert_result(add(admin.token, "Worker", "a_b-9"), "[\"user\",\"a_b-9\",\"pilot\"]");
	assert_result(add(admin.token, "worker", "pilot"), "[\"user\",\"a_b-9\",\"pilot\"]");
	assert_result(take(admin.token, "worker", "pilot"), "[\"user\",\"a_b-9\"]");
	assert_result(take(admin.token, "worker", "pilot"), "[\"user\",\"a_b-9\"]");
	assert_result(take(admin.token, "worker", "a_b-9"), "[\"user\"]");
}

TEST(make_admin_gives_the_role_admin)
{
	struct e2e_session   s;
	struct http_response r;

	e2e_register(&server, "chosen");
	assert_result(make_admin(admin.token, "chosen"), "[\"user\",\"admin\"]");
	assert_result(make_admin(admin.token, "chosen"), "[\"user\",\"admin\"]");
	s = e2e_login(&server, "chosen");
	r = http_get(server.port, "/users/me", s.token);
	assert_json(r, "role", "{\"id\":1,\"name\":\"ROLE_ADMIN\"}");
	assert_json(r, "roles", "[\"user\",\"admin\"]");
	http_response_free(&r);
	assert_result(take(s.token, "chosen", "admin"), "[\"user\"]");
}

TEST(roles_are_for_admins_to_give)
{
	struct e2e_account a = e2e_register(&server, "upstart");

	assert_refused(add(a.token, "upstart", "pilot"), 403, "PERMISSION_DENIED");
	assert_refused(take(a.token, "boss", "admin"), 403, "PERMISSION_DENIED");
	assert_refused(make_admin(a.token, "upstart"), 403, "PERMISSION_DENIED");
	assert_refused(add(NULL, "upstart", "pilot"), 401, "UNAUTHENTICATED");
	assert_refused(take(NULL, "upstart", "pilot"), 401, "UNAUTHENTICATED");
	assert_refused(make_admin(NULL, "upstart"), 401, "UNAUTHENTICATED");
	/* Role before name: who may not do it learns nothing of names. */
	assert_refused(make_admin(a.token, "no-such-duck"), 403, "PERMISSION_DENIED");
}

TEST(a_role_has_a_name_of_few_characters)
{
	static const char *const wrong[] = {
	        "", "Pilot", "a b", "\\u00e9", "a.b", "@a", "123456789012345678901234567890123"};

	e2e_register(&server, "namesake");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct http_response r = add(admin.token, "namesake", wrong[i]);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "role");
		http_response_free(&r);
	}
	assert_refused(take(admin.token, "namesake", "Pilot"), 422, "INVALID_ARGUMENT");
	assert_result(add(admin.token, "namesake", "12345678901234567890123456789012"),
	              "[\"user\",\"12345678901234567890123456789012\"]");
}

TEST(a_name_that_nobody_has_gets_no_role)
{
	assert_refused(add(admin.token, "no-such-duck", "pilot"), 404, "NOT_FOUND");
	assert_refused(take(admin.token, "no-such-duck", "pilot"), 404, "NOT_FOUND");
	assert_refused(make_admin(admin.token, "no-such-duck"), 404, "NOT_FOUND");
}

TEST(the_role_user_stays)
{
	e2e_register(&server, "constant");
	assert_refused(take(admin.token, "constant", "user"), 409, "FAILED_PRECONDITION");
}

TEST(an_account_has_so_many_roles)
{
	char role[16];

	e2e_register(&server, "collector");
	for (int i = 0; i < 31; i++) {
		struct http_response r;

		snprintf(role, sizeof role, "role%d", i % 100);
		r = add(admin.token, "collector", role);
		assert_http(r, 200);
		http_response_free(&r);
	}
	assert_refused(add(admin.token, "collector", "one-more"), 409, "FAILED_PRECONDITION");
	assert_true(e2e_login(&server, "collector").id > 0);
}

TEST(the_last_admin_stays)
{
	struct http_response me = http_get(server.port, "/users/me", admin.token);
	char                 path[64];

	assert_int_equal(count_admins(), 1);
	snprintf(path, sizeof path, "/users/%" PRId64, http_int(&me, "id"));
	http_response_free(&me);
	assert_refused(take(admin.token, "boss", "admin"), 409, "FAILED_PRECONDITION");
	assert_refused(e2e_ask(&server, "DELETE", "/user/boss", admin.token, "%s", ""), 409,
	               "FAILED_PRECONDITION");
	assert_refused(e2e_ask(&server, "DELETE", path, admin.token, "%s", ""), 409,
	               "FAILED_PRECONDITION");
	assert_refused(e2e_ask(&server, "PATCH", path, admin.token, "{\"role\":\"ROLE_USER\"}"),
	               409, "FAILED_PRECONDITION");
	assert_int_equal(count_admins(), 1);
}

/* Two who take each other's role at the same moment: one of them is left. */
TEST(of_the_last_two_admins_one_stays_whatever_they_do_at_once)
{
	enum { ROUNDS = 6 };

	e2e_register(&server, "rival");
	for (int i = 0; i < ROUNDS; i++) {
		struct http_response r = make_admin(admin.token, "rival");
		struct e2e_session   rival;
		struct http_pending  mine, theirs;
		bool                 i_stayed;

		assert_http(r, 200);
		http_response_free(&r);
		rival = e2e_login(&server, "rival");
		http_start(&mine, server.port,
		           &(struct http_request){.method = "DELETE",
		                                  .path = "/user/roles/rival/admin",
		                                  .token = admin.token});
		http_start(&theirs, server.port,
		           &(struct http_request){.method = "DELETE",
		                                  .path = "/user/roles/boss/admin",
		                                  .token = rival.token});
		r = http_finish(&mine);
		i_stayed = r.status == 200;
		http_response_free(&r);
		r = http_finish(&theirs);
		assert_true(i_stayed != (r.status == 200));
		http_response_free(&r);
		assert_int_equal(count_admins(), 1);
		if (!i_stayed)
			assert_result(make_admin(rival.token, "boss"), "[\"user\",\"admin\"]");
		admin = e2e_login(&server, "boss");
		if (!i_stayed)
			assert_result(take(admin.token, "rival", "admin"), "[\"user\"]");
	}
}

TEST(who_lost_the_role_administers_nothing_with_a_token_from_before)
{
	struct e2e_session before;

	e2e_register(&server, "fallen");
	assert_result(make_admin(admin.token, "fallen"), "[\"user\",\"admin\"]");
	before = e2e_login(&server, "fallen");
	assert_result(take(admin.token, "fallen", "admin"), "[\"user\"]");
	assert_refused(make_admin(before.token, "fallen"), 403, "PERMISSION_DENIED");
	assert_refused(http_get(server.port, "/users", before.token), 403, "PERMISSION_DENIED");
	assert_refused(http_get(server.port, "/users/1", before.token), 403, "PERMISSION_DENIED");
	assert_refused(e2e_ask(&server, "DELETE", "/user/boss", before.token, "%s", ""), 403,
	               "PERMISSION_DENIED");
}

TEST_MAIN(start, stop)
