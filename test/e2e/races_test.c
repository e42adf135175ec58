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

TEST_MAIN(start, stop)
