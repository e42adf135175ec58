#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <string.h>

#include "test/e2e/sql.h"
#include "test/support/pg.h"

/* What channels and messages show of people whose accounts change. */
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

static bool shows(const struct server *s, const char *path, const char *at, const char *expected)
{
	struct http_response r = http_get(s->port, path, NULL);
	bool                 is_so;

	assert_http(r, 200);
	is_so = strcmp(http_text(&r, at), expected) == 0;
	http_response_free(&r);
	return is_so;
}

/* The channel's owner writes in it, and is seen under the name of then. */
static struct e2e_account write_as(const struct server *s, const char *pseudo, const char *channel)
{
	struct e2e_account a = e2e_register(s, pseudo);
	char               path[96];

	e2e_create_channel(s, a.token, channel, false);
	e2e_send(s, a.token, channel, "coin");
	snprintf(path, sizeof path, "/msg?channel=%s", channel);
	assert_true(shows(s, path, "result.0.from", pseudo));
	snprintf(path, sizeof path, "/channel/%s/config", channel);
	assert_true(shows(s, path, "result.owner", pseudo));
	return a;
}

TEST(what_was_written_is_shown_under_the_name_of_now)
{
	struct e2e_account   a = write_as(&server, "caterpillar", "garden");
	struct http_response r =
	        e2e_ask(&server, "PATCH", "/users/me", a.token, "{\"handle\":\"butterfly\"}");

	assert_http(r, 200);
	http_response_free(&r);
	assert_soon(shows(&server, "/msg?channel=garden", "result.0.from", "butterfly"));
	assert_soon(shows(&server, "/channel/garden/config", "result.owner", "butterfly"));
}

TEST(what_was_written_stays_under_deleted_whoever_takes_the_name)
{
	struct e2e_account   a = write_as(&server, "mayfly", "pond");
	struct e2e_account   heir = e2e_register(&server, "frog");
	struct http_response r;

	e2e_join(&server, heir.token, "pond");
	r = e2e_ask(&server, "DELETE", "/user/mayfly", a.token, "%s", "");
	assert_http(r, 204);
	http_response_free(&r);
	assert_soon(shows(&server, "/msg?channel=pond", "result.0.from", "deleted"));
	assert_soon(shows(&server, "/channel/pond/config", "result.owner", "frog"));
	a = e2e_register(&server, "mayfly");
	e2e_join(&server, a.token, "pond");
	e2e_send(&server, a.token, "pond", "bzzz");
	assert_true(shows(&server, "/msg?channel=pond", "result.0.from", "mayfly"));
	assert_true(shows(&server, "/msg?channel=pond", "result.1.from", "deleted"));
}

/* The stream began anew, or the service was away for too long: names are asked for again. */
TEST(who_cannot_follow_any_more_asks_about_everybody_again)
{
	char               url[PG_URL_BYTES], statement[512];
	struct server      own;
	struct e2e_account stays, goes, heir;
	struct sql         sql;

	pg_shared_database(url);
	server_start(&own, url, NULL);
	stays = write_as(&own, "stays", "one");
	goes = write_as(&own, "goes", "two");
	heir = e2e_register(&own, "heir");
	e2e_join(&own, heir.token, "two");
	server_stop(&own);
	sql_open(&sql, url);
	snprintf(statement, sizeof statement,
	         "UPDATE users.accounts SET pseudo = 'stayed' WHERE id = %" PRId64 ";"
	         "DELETE FROM users.accounts WHERE id = %" PRId64 ";"
	         "UPDATE messages.people SET version = 99;"
	         "UPDATE channels.people SET version = 99;"
	         "DELETE FROM messages.bookmarks; DELETE FROM channels.bookmarks;",
	         stays.id, goes.id);
	sql_run(&sql, statement);
	sql_close(&sql);
	server_start(&own, url, NULL);
	assert_soon(shows(&own, "/msg?channel=one", "result.0.from", "stayed"));
	assert_soon(shows(&own, "/channel/one/config", "result.owner", "stayed"));
	assert_soon(shows(&own, "/msg?channel=two", "result.0.from", "deleted"));
	assert_soon(shows(&own, "/channel/two/config", "result.owner", "heir"));
	server_stop(&own);
}

TEST_MAIN(start, stop)
