#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>

static struct server      server;
static struct e2e_account user, outsider;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	user = e2e_register(&server, "user");
	outsider = e2e_register(&server, "outsider");
	e2e_create_channel(&server, user.token, "open", false);
	e2e_create_channel(&server, user.token, "shut", true);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* ---- 400 ---- */

TEST(a_body_that_is_no_json_of_the_right_kind_is_malformed)
{
	static const char *const bodies[] = {
	        "{",
	        "nothing",
	        "null",
	        "[]",
	        "\"text\"",
	        "42",
	        "{}{}",
	        "{\"name\":\"a\",}",
	        "{'name':'a'}",
	        "{\"name\":\"a\"} x",
	        "{\"name\":5}",
	        "{\"name\":{}}",
	        "{\"name\":[\"a\"]}",
	        "{\"name\":true}",
	        "{\"name\":\"a\",\"private\":\"perhaps\"}",
	        "{\"name\":\"a\",\"private\":1}",
	        "{\"name\":\"a\",\"name\":\"b\"}",
	        "{\"name\":NaN}",
	        "\xef\xbb\xbf{}",
	};

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct http_response r = http_post(server.port, "/channel", user.token, bodies[i]);

		if (r.status != 400)
			print_error("%s:\n", bodies[i]);
		assert_http_error(r, 400, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
}

TEST(a_body_as_deep_as_a_well_is_refused_not_followed)
{
	enum { DEPTH = 100000 };
	char                *body = malloc(2 * DEPTH + 64);
	struct http_response r;

	snprintf(body, 64, "{\"unknown\":");
	memset(body + 11, '[', DEPTH);
	memset(body + 11 + DEPTH, ']', DEPTH);
	memcpy(body + 11 + 2 * DEPTH, "}", 2);
	r = http_post(server.port, "/channel", user.token, body);
	assert_http_error(r, 400, "INVALID_ARGUMENT");
	http_response_free(&r);
	free(body);
}

TEST(a_path_with_a_bad_percent_code_is_malformed)
{
	static const char *const paths[] = {
	        "/whois/%zz", "/whois/%", "/whois/%4", "/whois/%ff", "/whois/a%00", "/whois/%c0%80",
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct http_response r = http_get(server.port, paths[i], NULL);

		if (r.status != 400)
			print_error("%s:\n", paths[i]);
		assert_http_error(r, 400, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
}

/* ---- 404, 405 ---- */

TEST(no_such_route_is_not_found)
{
	static const char *const paths[] = {
	        "/",
	        "/nothing",
	        "/whois",
	        "/whois/",
	        "/whois/a/b",
	        "/channel/open/door",
	        "//whois/user",
	        "/whois//user",
	        "/users/me/",
	        "/Users/me",
	        "/metrics",
	        "/internal",
	        "/internal/users",
	        "/users/./me",
	        "/whois/../users/me",
	        "/users%2Fme",
	        "/canaduck.users.v1.Users/Resolve",
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct http_response r = http_get(server.port, paths[i], user.token);

		if (r.status != 404)
			print_error("%s:\n", paths[i]);
		assert_http_error(r, 404, "NOT_FOUND");
		http_response_free(&r);
	}
}

TEST(another_method_than_the_routes_is_told_which_there_are)
{
	static const struct {
		const char *method, *path, *allow;
	} cases[] = {
	        {"POST", "/users/me", "DELETE, GET, PATCH"},
	        {"DELETE", "/whois/user", "GET"},
	        {"GET", "/register", "POST"},
	        {"HEAD", "/login", "POST"},
	        {"PUT", "/msg", "GET, POST"},
	        {"BREW", "/channel", "GET, POST"},
	        {"GET", "/channel/a", "DELETE, PATCH"},
	        {"POST", "/fullinfo", "GET"},
	        {"get", "/health", "GET"},
	        {"GET", "/channel/a/join", "POST"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        http_ask(server.port, &(struct http_request){.method = cases[i].method,
		                                                     .path = cases[i].path});

		if (r.status != 405)
			print_error("%s %s:\n", cases[i].method, cases[i].path);
		assert_http(r, 405);
		if (strcmp(cases[i].method, "HEAD") != 0)
			assert_http_error(r, 405, "UNIMPLEMENTED");
		assert_non_null(http_header(&r, "allow"));
		assert_string_equal(http_header(&r, "allow"), cases[i].allow);
		http_response_free(&r);
	}
}

/* ---- 413, 415 ---- */

/* {"name":"...","filler":"xxx"} of that many bytes. */
static char *body_of(const char *name, size_t bytes)
{
	char  *body = malloc(bytes + 1);
	size_t head = (size_t)snprintf(body, bytes, "{\"name\":\"%s\",\"filler\":\"", name);

	memset(body + head, 'x', bytes - head);
	memcpy(body + bytes - 2, "\"}", 3);
	return body;
}

TEST(a_body_over_one_mebibyte_is_too_large)
{
	static const struct {
		const char *name;
		size_t      bytes;
		long        status;
	} cases[] = {
	        {"just-fits", 1024 * 1024, 201},
	        {"just-not", 1024 * 1024 + 1, 413},
	        {"far-not", 4 * 1024 * 1024, 413},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char                *body = body_of(cases[i].name, cases[i].bytes);
		struct http_response r = http_post(server.port, "/channel", user.token, body);

		free(body);
		if (cases[i].status == 413)
			assert_http_error(r, 413, "RESOURCE_EXHAUSTED");
		assert_http(r, cases[i].status);
		http_response_free(&r);
	}
}

/* h2o answers or hangs up by itself, whichever the client sees first; it never takes it. */
TEST(a_body_over_four_mebibytes_is_not_even_read)
{
	char                *body = body_of("monster", 4 * 1024 * 1024 + 1);
	struct http_response r = http_post(server.port, "/channel", user.token, body);

	free(body);
	assert_true(r.status == 413 || r.status == 0);
	assert_false(r.is_refused);
	http_response_free(&r);
	r = http_get(server.port, "/channel/monster/config", NULL);
	assert_http(r, 404);
	http_response_free(&r);
}

TEST(a_body_must_say_that_it_is_json)
{
	static const struct {
		const char *type;
		bool        is_json;
	} cases[] = {
	        {"application/json", true},
	        {"application/json; charset=utf-8", true},
	        {"application/json;charset=UTF-8", true},
	        {"Application/JSON", true},
	        {"application/vnd.canaduck+json", true},
	        {"", false},
	        {"text/plain", false},
	        {"text/json-not", false},
	        {"application/jsonx", false},
	        {"application/x-www-form-urlencoded", false},
	        {"multipart/form-data; boundary=json", false},
	        {"application", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_ask(
		        server.port, &(struct http_request){.method = "POST",
		                                            .path = "/login",
		                                            .body = "{}",
		                                            .content_type = cases[i].type});

		if (r.status != (cases[i].is_json ? 422 : 415))
			print_error("%s:\n", cases[i].type);
		assert_http_error(r, cases[i].is_json ? 422 : 415, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
}

/* ---- what goes before what ---- */

TEST(of_several_faults_the_first_in_order_is_told)
{
	static char large[1024 * 1024 + 2];
	const struct {
		const char *method, *path, *token, *body, *type;
		long        status;
	} cases[] = {
	        {"PUT", "/msg", NULL, "{", "text/plain", 405},
	        {"POST", "/msg", NULL, large, "text/plain", 401},
	        {"POST", "/msg", "garbage", "{", "text/plain", 401},
	        {"POST", "/msg", NULL, "{\"text\":7}", NULL, 401},
	        {"POST", "/msg", user.token, large, "text/plain", 413},
	        {"POST", "/msg", user.token, "{", "text/plain", 415},
	        {"POST", "/msg", user.token, "{\"text\":\"\",\"channel\":7}", NULL, 400},
	        {"POST", "/msg", user.token, "{\"text\":\"\",\"channel\":\"none\"}", NULL, 404},
	        {"POST", "/msg", NULL, "{\"text\":\"\",\"channel\":\"shut\"}", NULL, 404},
	        {"POST", "/msg", NULL, "{\"text\":\"\",\"channel\":\"open\"}", NULL, 401},
	        {"POST", "/msg", user.token, "{\"text\":\"\",\"channel\":\"open\"}", NULL, 422},
	        {"POST", "/msg", outsider.token,
	         "{\"text\":\"x\",\"channel\":\"shut\",\"reply_to\":1}", NULL, 404},
	        {"POST", "/msg", outsider.token,
	         "{\"text\":\"x\",\"channel\":\"open\",\"reply_to\":987654}", NULL, 404},
	        {"POST", "/msg", outsider.token, "{\"text\":\"x\",\"channel\":\"open\"}", NULL,
	         403},
	        {"GET", "/whois/%zz", "garbage", NULL, NULL, 400},
	};

	memset(large, 'x', sizeof large - 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_ask(
		        server.port, &(struct http_request){.method = cases[i].method,
		                                            .path = cases[i].path,
		                                            .token = cases[i].token,
		                                            .body = cases[i].body,
		                                            .content_type = cases[i].type});

		if (r.status != cases[i].status)
			print_error("case %zu:\n", i);
		assert_http(r, cases[i].status);
		/* Of what was not looked at yet nothing is said. */
		if (r.status != 400 && r.status != 422)
			assert_details(r, "");
		http_response_free(&r);
	}
}

TEST(what_is_unknown_in_a_body_or_query_is_passed_over)
{
	struct http_response r =
	        http_post(server.port, "/channel?name=other&x", user.token,
	                  "{\"name\":\"lenient\",\"colour\":{\"deep\":[1,null,\"\\u00e9\"]},"
	                  "\"members_count\":12}");

	assert_http(r, 201);
	assert_json_text(r, "result.name", "lenient");
	assert_int_equal(http_int(&r, "result.members_count"), 1);
	http_response_free(&r);
	r = http_get(server.port, "/channel/lenient/config?name=open&colour=red&a[]=1&=&&", NULL);
	assert_http(r, 200);
	assert_json_text(r, "result.name", "lenient");
	http_response_free(&r);
}

TEST_MAIN(start, stop)
