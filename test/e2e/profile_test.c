#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

static struct server      server;
static struct e2e_account roger, ginette;

static int start(void **state __attribute__((unused)))
{
	struct http_response r;

	e2e_start(&server, (const char *[]){"REQUEST_TIMEOUT_MS=4000", NULL});
	roger = e2e_register(&server, "roger");
	ginette = e2e_register(&server, "ginette");
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

/* ---- what anybody may read ---- */

static const char *const public_paths[] = {"/whois/", "/seen/", "/user/roles/", "/user/avatar/"};

enum { N_PUBLIC = sizeof public_paths / sizeof *public_paths };

static struct http_response look(const char *path, const char *name, const char *token)
{
	char whole[128];

	snprintf(whole, sizeof whole, "%s%s", path, name);
	return http_get(server.port, whole, token);
}

TEST(who_is_unknown_is_404_to_everybody)
{
	for (size_t i = 0; i < N_PUBLIC; i++) {
		const char *const tokens[] = {NULL, roger.token};

		for (size_t k = 0; k < 2; k++) {
			struct http_response r = look(public_paths[i], "nobody", tokens[k]);

			assert_http_error(r, 404, "NOT_FOUND");
			http_response_free(&r);
		}
	}
}

TEST(a_name_is_found_in_any_form_and_a_bad_code_is_malformed)
{
	static const struct {
		const char *name;
		long        status;
	} cases[] = {
	        {"roger", 200},    {"ROGER", 200},         {"@roger", 200}, {"%40Roger", 200},
	        {"ro%2Fger", 404}, {"roger%27%3B--", 404}, {"%ff", 400},    {"roger%00", 400},
	};

	for (size_t i = 0; i < N_PUBLIC; i++)
		for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
			struct http_response r = look(public_paths[i], cases[k].name, NULL);

			assert_http(r, cases[k].status);
			http_response_free(&r);
		}
}

TEST(a_token_that_is_sent_must_be_valid_though_none_is_needed)
{
	for (size_t i = 0; i < N_PUBLIC; i++) {
		struct http_response r = look(public_paths[i], "roger", "no.such.token");

		assert_http_error(r, 401, "UNAUTHENTICATED");
		http_response_free(&r);
	}
}

TEST(a_name_of_more_than_64_characters_is_no_name)
{
	static const char long_name[] =
	        "0123456789012345678901234567890123456789012345678901234567890123x";

	for (size_t i = 0; i < N_PUBLIC; i++) {
		struct http_response r = look(public_paths[i], long_name, NULL);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "pseudo");
		http_response_free(&r);
	}
}

TEST(the_roles_of_an_account_are_a_list)
{
	struct http_response r = look("/user/roles/", "ginette", NULL);
	struct sql           sql;
	char                 query[128];

	assert_http(r, 200);
	assert_json(r, "", "{\"result\":[\"user\"]}");
	http_response_free(&r);

	sql_open(&sql, server.db_url);
	snprintf(query, sizeof query,
	         "INSERT INTO users.roles VALUES (%" PRId64 ", 'admin'), (%" PRId64 ", 'cook');",
	         ginette.id, ginette.id);
	sql_run(&sql, query);
	sql_close(&sql);
	r = look("/user/roles/", "ginette", NULL);
	assert_json(r, "", "{\"result\":[\"user\",\"admin\",\"cook\"]}");
	http_response_free(&r);
}

TEST(an_avatar_is_what_was_given_or_drawn)
{
	struct http_response r = look("/user/avatar/", "pictured", NULL), whois;

	assert_http(r, 200);
	assert_json(r, "",
	            "{\"result\":{\"pseudo\":\"pictured\","
	            "\"avatar\":\"https://example.org/p.png\"}}");
	http_response_free(&r);

	r = look("/user/avatar/", "Roger", NULL);
	whois = look("/whois/", "roger", NULL);
	assert_http(r, 200);
	assert_keys(r, "result", "avatar pseudo");
	assert_json_text(r, "result.pseudo", "roger");
	assert_int_equal(strncmp(http_text(&r, "result.avatar"), "data:image/svg+xml", 18), 0);
	assert_json_text(r, "result.avatar", http_text(&whois, "result.avatar"));
	http_response_free(&r);
	http_response_free(&whois);
}

/* ---- status ---- */

static struct http_response set_status(const char *token, const char *text)
{
	return http_postf(server.port, "/user/status", token, "{\"status\":\"%s\"}", text);
}

TEST(a_status_is_what_its_owner_says)
{
	static const char *const texts[] = {
	        "away", "barbote dans son bain", "x", "\xf0\x9f\xa6\x86", "Offline", "online"};
	struct e2e_account bather = e2e_register(&server, "bather");

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct http_response r = set_status(bather.token, texts[i]), whois, me;

		assert_http(r, 200);
		assert_keys(r, "", "result");
		assert_keys(r, "result", "pseudo status");
		assert_json_text(r, "result.pseudo", "bather");
		assert_json_text(r, "result.status", texts[i]);
		whois = look("/whois/", "bather", NULL);
		assert_json_text(whois, "result.status", texts[i]);
		me = http_get(server.port, "/users/me", bather.token);
		assert_json_text(me, "status", texts[i]);
		http_response_free(&r);
		http_response_free(&whois);
		http_response_free(&me);
	}
}

TEST(a_status_has_1_to_50_characters_not_bytes)
{
	static const struct {
		const char *text;
		size_t      n;
		long        status;
	} cases[] = {
	        {"x", 0, 422},         {"x", 50, 200},        {"x", 51, 422},
	        {"\xc3\xa9", 50, 200}, {"\xc3\xa9", 51, 422},
	};
	struct e2e_account talker = e2e_register(&server, "talker");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char                 text[128] = "";
		size_t               len = 0;
		struct http_response r;

		for (size_t k = 0; k < cases[i].n; k++)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s", cases[i].text);
		r = set_status(talker.token, text);
		assert_http(r, cases[i].status);
		if (cases[i].status == 422)
			assert_details(r, "status");
		http_response_free(&r);
	}
}

TEST(a_status_that_is_none_is_refused)
{
	static const struct {
		const char *body, *type;
		long        status;
	} cases[] = {
	        {"{}", NULL, 422},
	        {NULL, NULL, 422},
	        {"{\"status\":null}", NULL, 422},
	        {"{\"status\":5}", NULL, 400},
	        {"{\"status\":\"a\\u0000b\"}", NULL, 400},
	        {"{\"status\":", NULL, 400},
	        {"status=away", "application/x-www-form-urlencoded", 415},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_ask(
		        server.port, &(struct http_request){.method = "POST",
		                                            .path = "/user/status",
		                                            .token = roger.token,
		                                            .body = cases[i].body,
		                                            .content_type = cases[i].type});

		assert_http_error(r, cases[i].status, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
}

TEST(a_status_is_its_owners_alone)
{
	struct http_response r = http_post(server.port, "/user/status", NULL,
	                                   "{\"status\":\"away\",\"pseudo\":\"roger\"}");

	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
	/* Whoever else is named, it is the caller's. */
	r = http_post(server.port, "/user/status", ginette.token,
	              "{\"status\":\"away\",\"pseudo\":\"roger\"}");
	assert_json_text(r, "result.pseudo", "ginette");
	http_response_free(&r);
	r = look("/whois/", "roger", NULL);
	assert_json_text(r, "result.status", "online");
	http_response_free(&r);
	r = http_get(server.port, "/user/status", roger.token);
	assert_http_error(r, 405, "UNIMPLEMENTED");
	assert_string_equal(http_header(&r, "allow"), "DELETE, POST");
	http_response_free(&r);
}

/* ---- whois beside the channels service ---- */

TEST(whois_does_without_the_channels_service)
{
	struct http_response r;
	struct sql           sql;

	e2e_create_channel(&server, roger.token, "pond", false);
	r = look("/whois/", "roger", NULL);
	assert_json(r, "result.channels", "[\"pond\"]");
	http_response_free(&r);

	/* It can do nothing, and says nothing: half of the request's time goes by. */
	sql_open(&sql, server.db_url);
	sql_run(&sql, "BEGIN; LOCK TABLE channels.members IN ACCESS EXCLUSIVE MODE;");
	r = look("/whois/", "roger", NULL);
	assert_http(r, 200);
	assert_json_text(r, "result.pseudo", "roger");
	assert_json(r, "result.channels", "[]");
	http_response_free(&r);
	sql_run(&sql, "ROLLBACK;");
	sql_close(&sql);
	r = look("/whois/", "roger", NULL);
	assert_json(r, "result.channels", "[\"pond\"]");
	http_response_free(&r);
}

TEST_MAIN(start, stop)
