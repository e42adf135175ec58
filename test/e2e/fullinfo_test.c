#include "test/e2e/e2e.h"

#include <string.h>

static struct server      server;
static struct e2e_account roger, outsider;

static int start(void **state __attribute__((unused)))
{
	char text[16];

	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	outsider = e2e_register(&server, "outsider");
	e2e_create_channel(&server, roger.token, "tech", false);
	e2e_create_channel(&server, roger.token, "quiet", false);
	e2e_create_channel(&server, roger.token, "cellar", true);
	for (int i = 0; i < 12; i++) {
		snprintf(text, sizeof text, "m%d", i);
		e2e_send(&server, roger.token, "tech", text);
	}
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

TEST(fullinfo_joins_the_person_the_channel_and_its_last_messages)
{
	struct http_response r, config, messages;

	r = http_get(server.port, "/fullinfo?user=Roger&channel=%23Tech", NULL);
	assert_http(r, 200);
	assert_keys(r, "", "channel last_messages user");
	assert_keys(r, "user", "avatar last_seen pseudo roles status");
	assert_json_text(r, "user.pseudo", "roger");
	assert_json(r, "user.roles", "[\"user\"]");
	assert_time(r, "user.last_seen");

	config = http_get(server.port, "/channel/tech/config", NULL);
	assert_true(json_equal(http_json(&r, "channel"), http_json(&config, "result")));
	messages = http_get(server.port, "/msg?channel=tech&limit=10", NULL);
	assert_true(json_equal(http_json(&r, "last_messages"), http_json(&messages, "result")));
	assert_int_equal(json_array_size(http_json(&r, "last_messages")), 10);
	assert_json_text(r, "last_messages.0.text", "m11");
	assert_json_text(r, "last_messages.9.text", "m2");
	http_response_free(&config);
	http_response_free(&messages);
	http_response_free(&r);
}

TEST(fullinfo_of_a_quiet_channel_has_no_messages)
{
	struct http_response r = http_get(server.port, "/fullinfo?channel=quiet&user=roger", NULL);

	assert_http(r, 200);
	assert_json(r, "last_messages", "[]");
	http_response_free(&r);
}

/* A character more than names have room for. */
#define TOO_LONG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefg"

TEST(fullinfo_follows_the_rules_of_its_parts)
{
	const struct {
		const char *token, *query;
		long        status;
		const char *details;
	} cases[] = {
	        {NULL, "", 422, "user channel"},
	        {NULL, "?", 422, "user channel"},
	        {NULL, "?user=roger", 422, "channel"},
	        {NULL, "?channel=tech", 422, "user"},
	        {NULL, "?user=&channel=", 422, "user channel"},
	        {NULL, "?user&channel", 422, "user channel"},
	        {NULL, "?user=nobody&channel=tech", 404, ""},
	        {NULL, "?user=roger&channel=none", 404, ""},
	        {NULL, "?user=nobody&channel=none", 404, ""},
	        {NULL, "?user=roger&channel=cellar", 404, ""},
	        {outsider.token, "?user=roger&channel=cellar", 404, ""},
	        {roger.token, "?user=roger&channel=cellar", 200, ""},
	        {roger.token, "?user=roger&channel=tech&more=1", 200, ""},
	        {"garbage", "?user=roger&channel=tech", 401, ""},
	        {NULL, "?user=%zz&channel=tech", 400, ""},
	        {NULL, "?user=%ff&channel=tech", 400, ""},
	        {NULL, "?user=a%00b&channel=tech", 400, ""},
	        {NULL, "?user=" TOO_LONG "&channel=tech", 422, "user"},
	        {NULL, "?user=roger&channel=" TOO_LONG, 422, "channel"},
	        {NULL, "?user=" TOO_LONG "&channel=" TOO_LONG, 422, "user channel"},
	        {NULL, "?user=" TOO_LONG, 422, "user channel"},
	        {NULL, "?user=roger&channel=tech&user=outsider", 400, "user"},
	        {NULL, "?channel=tech&user=roger&channel=tech", 400, "channel"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char                 path[256];
		struct http_response r;

		snprintf(path, sizeof path, "/fullinfo%s", cases[i].query);
		r = http_get(server.port, path, cases[i].token);
		if (r.status != cases[i].status)
			print_error("%s:\n", cases[i].query);
		assert_http(r, cases[i].status);
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

TEST_MAIN(start, stop)
