#include "test/e2e/e2e.h"

#include <string.h>

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

static struct http_response ask(const char *method, const char *path, const char *header)
{
	return http_ask(server.port,
	                &(struct http_request){.method = method,
	                                       .path = path,
	                                       .headers = (const char *[]){header, NULL}});
}

static void assert_is_page(const struct http_response *r)
{
	assert_http(*r, 200);
	assert_true(r->body_len > 0);
	assert_non_null(http_header(r, "etag"));
	assert_non_null(http_header(r, "x-request-id"));
	assert_string_equal(http_header(r, "cache-control"), "no-cache");
	assert_string_equal(http_header(r, "x-content-type-options"), "nosniff");
	assert_string_equal(http_header(r, "referrer-policy"), "no-referrer");
	assert_non_null(strstr(http_header(r, "content-security-policy"), "default-src 'self'"));
	assert_null(strstr(http_header(r, "content-security-policy"), "unsafe"));
}

TEST(pages_come_with_their_type_and_their_policy)
{
	static const struct {
		const char *path, *type, *part;
	} cases[] = {
	        {"/chat", "text/html; charset=utf-8", "<!doctype html>"},
	        {"/assets/chat/chat.js", "text/javascript; charset=utf-8", "import "},
	        {"/assets/shared/theme.css", "text/css; charset=utf-8", ":root"},
	        {"/assets/shared/duck.svg", "image/svg+xml", "<svg "},
	        {"/map", "text/html; charset=utf-8", "<!doctype html>"},
	        {"/assets/leaflet/leaflet.js", "text/javascript; charset=utf-8", "Leaflet"},
	        {"/assets/leaflet/license.txt", "text/plain; charset=utf-8", "BSD 2-Clause"},
	        {"/assets/world/countries-50m.json", "application/json", "\"Topology\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_get(server.port, cases[i].path, NULL);

		assert_is_page(&r);
		assert_string_equal(http_header(&r, "content-type"), cases[i].type);
		assert_non_null(strstr(r.body, cases[i].part));
		http_response_free(&r);
	}
}

TEST(what_a_browser_has_is_not_sent_again)
{
	struct http_response r = http_get(server.port, "/chat", NULL);
	char                 header[128];

	snprintf(header, sizeof header, "If-None-Match: \"other\", W/%s", http_header(&r, "etag"));
	http_response_free(&r);
	r = ask("GET", "/chat", header);
	assert_int_equal(r.status, 304);
	assert_int_equal(r.body_len, 0);
	assert_non_null(http_header(&r, "etag"));
	assert_null(http_header(&r, "content-type"));
	http_response_free(&r);
	r = ask("GET", "/chat", "If-None-Match: \"other\"");
	assert_is_page(&r);
	http_response_free(&r);
}

TEST(a_page_has_a_head_and_is_only_read)
{
	static const char    head[] = "HEAD /chat HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct http_response page = http_get(server.port, "/chat", NULL), r;
	char                 length[16];

	r = http_send_bytes(server.port, head, strlen(head));
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body_len, 0);
	snprintf(length, sizeof length, "%zu", page.body_len);
	assert_string_equal(http_header(&r, "content-length"), length);
	assert_string_equal(http_header(&r, "etag"), http_header(&page, "etag"));
	http_response_free(&r);
	http_response_free(&page);
	r = ask("POST", "/chat", NULL);
	assert_http_error(r, 405, "UNIMPLEMENTED");
	assert_string_equal(http_header(&r, "allow"), "GET");
	http_response_free(&r);
}

TEST(a_page_asks_for_no_token_and_minds_none)
{
	struct http_response r = http_get(server.port, "/chat", "garbage");

	assert_is_page(&r);
	http_response_free(&r);
}

TEST(no_other_file_is_served)
{
	static const char *const paths[] = {
	        "/chat/",
	        "/shared",
	        "/assets",
	        "/assets/chat/chat.html",
	        "/assets/chat/%2e%2e/CMakeLists.txt",
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct http_response r = http_get(server.port, paths[i], NULL);

		assert_http_error(r, 404, "NOT_FOUND");
		http_response_free(&r);
	}
}

TEST_MAIN(start, stop)
