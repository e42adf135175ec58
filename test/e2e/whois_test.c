#include "test/e2e/e2e.h"

#include <string.h>

#include "test/e2e/sql.h"

static struct server      server;
static struct e2e_account roger, viewer;

static int start(void **state __attribute__((unused)))
{
	struct http_response r;

	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	viewer = e2e_register(&server, "viewer");
	r = http_post(
	        server.port, "/register", NULL,
	        "{\"pseudo\":\"pictured\",\"email\":\"p@example.org\",\"password\":\"" E2E_PASSWORD
	        "\",\"avatar\":\"https://example.org/p.png\"}");
	assert_http(r, 201);
	http_response_free(&r);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* ---- whois ---- */

TEST(whois_tells_what_anybody_may_know)
{
	struct http_response r = http_get(server.port, "/whois/viewer", NULL);

	assert_http(r, 200);
	assert_keys(r, "", "result");
	assert_keys(r, "result", "avatar channels last_seen pseudo roles status");
	assert_json_text(r, "result.pseudo", "viewer");
	assert_json_text(r, "result.status", "online");
	assert_json(r, "result.roles", "[\"user\"]");
	assert_time(r, "result.last_seen");
	http_response_free(&r);
}

TEST(whois_finds_a_name_in_any_form)
{
	static const struct {
		const char *path;
		long        status;
	} cases[] = {
	        {"/whois/roger", 200},    {"/whois/ROGER", 200},   {"/whois/@roger", 200},
	        {"/whois/%40Roger", 200}, {"/whois/roge", 404},    {"/whois/rogers", 404},
	        {"/whois/ro%2Fger", 404}, {"/whois/r%C3%A9", 404}, {"/whois/roger%27--", 404},
	        {"/whois/status", 404},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_get(server.port, cases[i].path, NULL);

		assert_http(r, cases[i].status);
		if (cases[i].status == 200)
			assert_json_text(r, "result.pseudo", "roger");
		else
			assert_http_error(r, 404, "NOT_FOUND");
		http_response_free(&r);
	}
}

TEST(who_gave_no_picture_gets_a_drawn_one)
{
	static const char    head[] = "data:image/svg+xml,";
	struct http_response r = http_get(server.port, "/whois/roger", NULL);

	assert_int_equal(strncmp(http_text(&r, "result.avatar"), head, strlen(head)), 0);
	assert_non_null(strstr(http_text(&r, "result.avatar"), "%3ER%3C/text"));
	http_response_free(&r);
	r = http_get(server.port, "/whois/pictured", NULL);
	assert_json_text(r, "result.avatar", "https://example.org/p.png");
	http_response_free(&r);
}

TEST(whois_shows_channels_that_the_caller_may_know_of)
{
	const struct {
		const char *token, *channels;
	} cases[] = {
	        {NULL, "[\"ducks\"]"},
	        {viewer.token, "[\"ducks\",\"shared\"]"},
	        {roger.token, "[\"cellar\",\"ducks\",\"shared\"]"},
	};
	struct sql sql;

	e2e_create_channel(&server, roger.token, "ducks", false);
	e2e_create_channel(&server, viewer.token, "shared", true);
	e2e_create_channel(&server, roger.token, "cellar", true);
	sql_open(&sql, server.db_url);
	sql_run(&sql, "INSERT INTO channels.invitations (channel_id, account_id)"
	              " SELECT c.id, a.id FROM channels.channels AS c, users.accounts AS a"
	              "  WHERE c.name = 'shared' AND a.pseudo = 'roger';");
	sql_close(&sql);
	e2e_join(&server, roger.token, "shared");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_get(server.port, "/whois/roger", cases[i].token);

		assert_http(r, 200);
		assert_json(r, "result.channels", cases[i].channels);
		http_response_free(&r);
	}
}

/* ---- seen ---- */

TEST(seen_tells_when)
{
	struct http_response r = http_get(server.port, "/seen/@Roger", NULL);

	assert_http(r, 200);
	assert_keys(r, "result", "last_seen pseudo");
	assert_json_text(r, "result.pseudo", "roger");
	assert_time(r, "result.last_seen");
	http_response_free(&r);
	r = http_get(server.port, "/seen/nobody", NULL);
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
}

TEST(signing_in_counts_as_being_seen)
{
	struct http_response before, after, r;

	e2e_register(&server, "sleeper");
	before = http_get(server.port, "/seen/sleeper", NULL);
	r = http_post(server.port, "/login", NULL,
	              "{\"pseudo\":\"sleeper\",\"password\":\"" E2E_PASSWORD "\"}");
	assert_http(r, 200);
	after = http_get(server.port, "/seen/sleeper", NULL);
	assert_true(strcmp(http_text(&after, "result.last_seen"),
	                   http_text(&before, "result.last_seen")) > 0);
	http_response_free(&before);
	http_response_free(&after);
	http_response_free(&r);
}

TEST_MAIN(start, stop)
