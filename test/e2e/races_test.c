#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* Two who do things to the same row at once: a session of the test's own is one of them. */
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

/* Runs the request into what the session holds, then lets go. */
static struct http_response collide(struct sql *holder, const struct http_request *request)
{
	struct http_pending pending;
	struct sql          watcher;

	sql_open(&watcher, server.db_url);
	http_start(&pending, server.port, request);
	assert_soon(sql_number(&watcher, "SELECT count(*) FROM pg_stat_activity"
	                                 " WHERE datname = current_database()"
	                                 "   AND wait_event_type = 'Lock';") == 1);
	sql_run(holder, "COMMIT;");
	sql_close(&watcher);
	return http_finish(&pending);
}

TEST(who_is_banned_while_joining_does_not_get_in)
{
	struct e2e_account   owner = e2e_register(&server, "owner");
	struct e2e_account   guest = e2e_register(&server, "guest");
	struct sql           sql;
	struct http_response r;

	e2e_create_channel(&server, owner.token, "contested", false);
	sql_open(&sql, server.db_url);
	sql_run(&sql, "BEGIN;"
	              "SELECT FROM channels.channels WHERE name = 'contested' FOR NO KEY UPDATE;"
	              "INSERT INTO channels.bans (channel_id, account_id)"
	              " SELECT c.id, a.id FROM channels.channels AS c, users.accounts AS a"
	              "  WHERE c.name = 'contested' AND a.pseudo = 'guest';");
	r = collide(&sql, &(struct http_request){.method = "POST",
	                                         .path = "/channel/contested/join",
	                                         .token = guest.token});
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	sql_close(&sql);
}

TEST(a_password_that_is_changed_during_a_login_opens_no_session)
{
	struct e2e_account   account = e2e_register(&server, "changer");
	struct sql           sql;
	struct http_response r;
	char                 statements[256];

	snprintf(statements, sizeof statements,
	         "BEGIN; UPDATE users.accounts SET password_hash = 'another' WHERE id = %" PRId64
	         ";",
	         account.id);
	sql_open(&sql, server.db_url);
	sql_run(&sql, statements);
	r = collide(&sql, &(struct http_request){.method = "POST",
	                                         .path = "/login",
	                                         .body = "{\"pseudo\":\"changer\",\"password\":"
	                                                 "\"" E2E_PASSWORD "\"}"});
	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
	sql_close(&sql);
}

/* Does it to the account in a session of its own, which then holds the account's row. */
static void hold(struct sql *sql, int64_t account_id, const char *statement)
{
	char statements[512];

	snprintf(statements, sizeof statements,
	         "BEGIN; SELECT FROM users.accounts WHERE id = %1$" PRId64 " FOR UPDATE; %2$s"
	         " %1$" PRId64 ";",
	         account_id, statement);
	sql_open(sql, server.db_url);
	sql_run(sql, statements);
}

static const char give_admin[] =
        "INSERT INTO users.roles (account_id, role) SELECT id, 'admin' FROM users.accounts"
        " WHERE id =";

static void assert_is_admin(const char *token)
{
	struct http_response r = http_get(server.port, "/users?limit=1", token);

	assert_http(r, 200);
	http_response_free(&r);
}

TEST(a_token_has_the_roles_that_are_given_while_it_is_made)
{
	struct e2e_account a = e2e_register(&server, "promoted"),
	                   b = e2e_register(&server, "raised");
	struct e2e_session   s = e2e_login(&server, "raised");
	struct sql           sql;
	struct http_response r;
	char                 body[128];

	hold(&sql, a.id, give_admin);
	r = collide(&sql, &(struct http_request){.method = "POST",
	                                         .path = "/login",
	                                         .body = "{\"pseudo\":\"promoted\",\"password\":"
	                                                 "\"" E2E_PASSWORD "\"}"});
	assert_http(r, 200);
	assert_is_admin(http_text(&r, "access_token"));
	http_response_free(&r);
	sql_close(&sql);
	hold(&sql, b.id, give_admin);
	snprintf(body, sizeof body, "{\"token\":\"%s\"}", s.refresh_token);
	r = collide(&sql,
	            &(struct http_request){.method = "POST", .path = "/refresh", .body = body});
	assert_http(r, 200);
	assert_is_admin(http_text(&r, "access_token"));
	http_response_free(&r);
	sql_close(&sql);
}

TEST(a_refresh_while_the_session_ends_gives_nothing)
{
	struct e2e_account   a = e2e_register(&server, "late");
	struct e2e_session   s = e2e_login(&server, "late");
	struct sql           sql;
	struct http_response r;
	char                 body[128];

	hold(&sql, a.id, "DELETE FROM users.sessions WHERE account_id =");
	snprintf(body, sizeof body, "{\"token\":\"%s\"}", s.refresh_token);
	r = collide(&sql,
	            &(struct http_request){.method = "POST", .path = "/refresh", .body = body});
	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
	sql_close(&sql);
}

TEST(a_login_while_the_account_is_deleted_opens_no_session)
{
	struct e2e_account   a = e2e_register(&server, "vanishing");
	struct sql           sql;
	struct http_response r;

	hold(&sql, a.id, "DELETE FROM users.accounts WHERE id =");
	r = collide(&sql, &(struct http_request){.method = "POST",
	                                         .path = "/login",
	                                         .body = "{\"pseudo\":\"vanishing\",\"password\":"
	                                                 "\"" E2E_PASSWORD "\"}"});
	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
	sql_close(&sql);
}

TEST(who_logs_out_meanwhile_changes_nothing)
{
	static const struct {
		const char *method, *path, *body;
	} cases[] = {
	        {"PATCH", "/users/me", "{\"handle\":\"undead\"}"},
	        {"DELETE", "/user/leaving", NULL},
	        {"PATCH", "/users/me/update-password",
	         "{\"old\":\"" E2E_PASSWORD "\",\"new\":\"another password\"}"},
	};
	struct e2e_account a = e2e_register(&server, "leaving");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct e2e_session   s = e2e_login(&server, "leaving");
		struct sql           sql;
		struct http_response r;

		hold(&sql, a.id, "DELETE FROM users.sessions WHERE account_id =");
		r = collide(&sql, &(struct http_request){.method = cases[i].method,
		                                         .path = cases[i].path,
		                                         .token = s.token,
		                                         .body = cases[i].body});
		assert_http_error(r, 403, "PERMISSION_DENIED");
		http_response_free(&r);
		sql_close(&sql);
	}
	assert_true(e2e_login(&server, "leaving").id > 0);
}

TEST_MAIN(start, stop)
