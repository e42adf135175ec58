#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* One as it comes, one that pages of other origins may call and that trusts a proxy. */
static struct server server, open_server;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	e2e_start(&open_server,
	          (const char *[]){"CORS_ALLOW_ORIGINS=https://app.example, http://localhost:3000",
	                           "TRUSTED_PROXIES=10.0.0.0/8,127.0.0.1", NULL});
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&open_server);
	server_stop(&server);
	return 0;
}

static struct http_response ask(const struct server *s, const char *method, const char *path,
                                const char *const *headers)
{
	return http_ask(s->port,
	                &(struct http_request){.method = method, .path = path, .headers = headers});
}

static struct http_response send_text(const char *text)
{
	return http_send_bytes(server.port, text, strlen(text));
}

/* ---- headers of every answer ---- */

TEST(a_sane_request_id_is_echoed_and_another_replaced)
{
	static char long_id[160], longest_id[160];
	const struct {
		const char *header;
		bool        is_sane;
	} cases[] = {
	        {"X-Request-Id: abc-123", true},
	        {"x-request-id: 7", true},
	        {longest_id, true},
	        {long_id, false},
	        {"X-Request-Id: two words", false},
	        {"X-Request-Id: \"quoted\"", false},
	        {"X-Request-Id: caf\xc3\xa9", false},
	        {"X-Request-Id;", false},
	        {"X-Other: 1", false},
	};

	snprintf(longest_id, sizeof longest_id, "X-Request-Id: %0128d", 1);
	snprintf(long_id, sizeof long_id, "X-Request-Id: %0129d", 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = ask(&server, "GET", "/no-such-route",
		                             (const char *[]){cases[i].header, NULL});
		const char          *id = http_header(&r, "x-request-id");

		assert_http_error(r, 404, "NOT_FOUND");
		if (cases[i].is_sane) {
			assert_string_equal(id, strchr(cases[i].header, ' ') + 1);
		} else {
			assert_int_equal(strlen(id), 32);
			assert_int_equal(strspn(id, "0123456789abcdef"), 32);
		}
		http_response_free(&r);
	}
}

TEST(no_two_requests_get_the_same_id)
{
	struct http_response a = http_get(server.port, "/health", NULL);
	struct http_response b = http_get(server.port, "/health", NULL);

	assert_string_not_equal(http_header(&a, "x-request-id"), http_header(&b, "x-request-id"));
	http_response_free(&a);
	http_response_free(&b);
}

TEST(every_answer_has_its_headers)
{
	static const struct {
		const char *method, *path;
		long        status;
	} cases[] = {
	        {"GET", "/health", 200},   {"GET", "/nothing", 404},   {"PUT", "/health", 405},
	        {"GET", "/users/me", 401}, {"POST", "/login", 422},    {"OPTIONS", "/msg", 204},
	        {"HEAD", "/health", 200},  {"GET", "/whois/%zz", 400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = ask(&server, cases[i].method, cases[i].path, NULL);

		assert_http(r, cases[i].status);
		assert_non_null(http_header(&r, "x-request-id"));
		assert_string_equal(http_header(&r, "x-content-type-options"), "nosniff");
		assert_string_equal(http_header(&r, "cache-control"), "no-store");
		assert_null(http_header(&r, "server"));
		if (cases[i].status != 204)
			assert_string_equal(http_header(&r, "content-type"), "application/json");
		http_response_free(&r);
	}
}

/* ---- methods that go with every route ---- */

TEST(head_is_get_without_the_body)
{
	struct http_response r =
	        send_text("HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

	assert_http(r, 200);
	assert_string_equal(http_header(&r, "content-length"), "15");
	assert_int_equal(r.body_len, 0);
	http_response_free(&r);
}

TEST(options_tells_the_methods_of_a_route)
{
	static const struct {
		const char *path, *allow;
	} cases[] = {
	        {"/msg", "GET, POST"},
	        {"/users/me", "DELETE, GET, PATCH"},
	        {"/channel/any/join", "POST"},
	};
	struct http_response r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		r = ask(&server, "OPTIONS", cases[i].path, NULL);
		assert_http(r, 204);
		assert_string_equal(http_header(&r, "allow"), cases[i].allow);
		assert_null(http_header(&r, "access-control-allow-origin"));
		assert_null(http_header(&r, "access-control-allow-methods"));
		http_response_free(&r);
	}
	r = ask(&server, "OPTIONS", "/nothing", NULL);
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
}

/* ---- CORS ---- */

TEST(a_page_of_a_listed_origin_may_ask_first)
{
	struct http_response r =
	        ask(&open_server, "OPTIONS", "/msg",
	            (const char *[]){
	                    "Origin: https://app.example", "Access-Control-Request-Method: POST",
	                    "Access-Control-Request-Headers: authorization, content-type", NULL});

	assert_http(r, 204);
	assert_string_equal(http_header(&r, "access-control-allow-origin"), "https://app.example");
	assert_string_equal(http_header(&r, "access-control-allow-methods"), "GET, POST");
	assert_string_equal(http_header(&r, "access-control-allow-headers"),
	                    "authorization, content-type");
	assert_non_null(http_header(&r, "access-control-max-age"));
	assert_string_equal(http_header(&r, "vary"), "origin");
	http_response_free(&r);
}

TEST(a_page_reads_answers_and_errors_if_its_origin_is_listed)
{
	static const struct {
		const char *origin;
		bool        is_allowed;
	} cases[] = {
	        {"https://app.example", true},
	        {"http://localhost:3000", true},
	        {"https://evil.example", false},
	        {"https://app.example.evil", false},
	        {"http://app.example", false},
	        {"http://localhost:3001", false},
	        {"null", false},
	        {"https://app.example/", false},
	};
	static const char *const paths[] = {"/health", "/users/me", "/nothing"};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
			char                 line[128];
			struct http_response r;
			const char          *allowed;

			snprintf(line, sizeof line, "Origin: %s", cases[i].origin);
			r = ask(&open_server, "GET", paths[k], (const char *[]){line, NULL});
			allowed = http_header(&r, "access-control-allow-origin");
			if (cases[i].is_allowed) {
				assert_non_null(allowed);
				assert_string_equal(allowed, cases[i].origin);
				assert_non_null(
				        strstr(http_header(&r, "access-control-expose-headers"),
				               "x-request-id"));
			} else {
				assert_null(allowed);
			}
			http_response_free(&r);
		}
	}
}

TEST(without_a_list_no_origin_is_allowed)
{
	static const char *const methods[] = {"GET", "OPTIONS"};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		struct http_response r =
		        ask(&server, methods[i], "/health",
		            (const char *[]){"Origin: https://app.example",
		                             "Access-Control-Request-Method: GET", NULL});

		assert_null(http_header(&r, "access-control-allow-origin"));
		assert_null(http_header(&r, "access-control-allow-methods"));
		http_response_free(&r);
	}
}

TEST(a_star_allows_every_origin)
{
	struct server        any;
	struct http_response r;

	e2e_start(&any, (const char *[]){"CORS_ALLOW_ORIGINS=*", NULL});
	r = ask(&any, "GET", "/health", (const char *[]){"Origin: https://who.example", NULL});
	assert_http(r, 200);
	assert_non_null(http_header(&r, "access-control-allow-origin"));
	http_response_free(&r);
	server_stop(&any);
}

/* ---- bodies and their lengths ---- */

TEST(a_body_whose_length_is_ambiguous_is_refused)
{
	static const char *const heads[] = {
	        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
	        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
	        "Content-Length: 2\r\nContent-Length: 2\r\n",
	        "Content-Length: 2\r\nContent-Length: 40\r\n",
	        "content-length: 2\r\nCONTENT-LENGTH: 0\r\n",
	};

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		char                 text[512];
		struct http_response r;

		snprintf(text, sizeof text,
		         "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s"
		         "\r\n"
		         "%s"
		         "GET /healthz HTTP/1.1\r\nHost: smuggled\r\nConnection: close\r\n\r\n",
		         heads[i], strstr(heads[i], "chunked") ? "0\r\n\r\n" : "{}");
		r = send_text(text);
		assert_http_error(r, 400, "INVALID_ARGUMENT");
		/* What came behind it is not answered. */
		assert_null(strstr(r.body, "HTTP/1.1"));
		http_response_free(&r);
	}
}

TEST(a_chunked_body_is_read_whole)
{
	struct http_response r = send_text("POST /login HTTP/1.1\r\n"
	                                   "Host: x\r\n"
	                                   "Content-Type: application/json\r\n"
	                                   "Transfer-Encoding: chunked\r\n"
	                                   "Connection: close\r\n"
	                                   "\r\n"
	                                   "9\r\n{\"pseudo\"\r\n"
	                                   "18\r\n:\"x\",\"password\":\"yyyyy\"}\r\n"
	                                   "0\r\n\r\n");

	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
}

TEST(an_empty_body_counts_as_an_empty_object_of_any_type)
{
	static const char *const types[] = {NULL, "Content-Type: text/plain"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct http_response r =
		        ask(&server, "POST", "/login", (const char *[]){types[i], NULL});

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "password");
		http_response_free(&r);
	}
}

TEST(requests_on_one_connection_are_answered_in_their_order)
{
	struct http_response r =
	        send_text("GET /seen/nobody HTTP/1.1\r\nHost: x\r\nX-Request-Id: one\r\n\r\n"
	                  "GET /nothing HTTP/1.1\r\nHost: x\r\nX-Request-Id: two\r\n\r\n"
	                  "GET /whois/nobody HTTP/1.1\r\nHost: x\r\nX-Request-Id: three\r\n"
	                  "Connection: close\r\n\r\n");
	const char *one = strstr(r.body, "\"request_id\":\"one\""),
	           *two = strstr(r.body, "\"request_id\":\"two\""),
	           *three = strstr(r.body, "\"request_id\":\"three\"");

	assert_http(r, 404);
	assert_true(one && two && three && one < two && two < three);
	http_response_free(&r);
}

TEST(what_is_no_http_does_no_harm)
{
	static const char *const texts[] = {
	        "\r\n\r\n",
	        "hello\r\n\r\n",
	        "GET\r\n\r\n",
	        "GET /health HTTP/9.9\r\n\r\n",
	        "\x16\x03\x01\x02\x00\x01",
	        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	        "GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
	        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
	        "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	};
	struct server        hasty;
	struct http_response r;

	/* Half a request is hung up on after the idle timeout: a short one. */
	e2e_start(&hasty, (const char *[]){"IDLE_TIMEOUT_MS=100", NULL});
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		r = http_send_bytes(hasty.port, texts[i], strlen(texts[i]));
		assert_true(r.status == 0 || r.status >= 400);
		http_response_free(&r);
	}
	r = http_get(hasty.port, "/health", NULL);
	assert_http(r, 200);
	http_response_free(&r);
	server_stop(&hasty);
}

/* ---- who calls ---- */

TEST(the_address_of_a_session_is_what_a_trusted_proxy_says)
{
	static const struct {
		const char *pseudo, *forwarded, *address;
		bool        by_proxy;
	} cases[] = {
	        {"direct", "X-Forwarded-For: 203.0.113.9", "127.0.0.1\n", false},
	        {"proxied", "X-Forwarded-For: 203.0.113.9", "203.0.113.9\n", true},
	        {"forged", "X-Forwarded-For: 1.2.3.4, 203.0.113.9", "203.0.113.9\n", true},
	        {"chained", "X-Forwarded-For: 1.2.3.4, 203.0.113.9, 10.1.2.3", "203.0.113.9\n",
	         true},
	        {"nonsense", "X-Forwarded-For: me", "127.0.0.1\n", true},
	        {"six", "X-Forwarded-For: 2001:db8::1", "2001:db8::1\n", true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct server *s = cases[i].by_proxy ? &open_server : &server;
		struct http_response r;
		struct sql           sql;
		char                 text[256];

		snprintf(text, sizeof text,
		         "{\"pseudo\":\"%s\",\"email\":\"%s@example.org\",\"password\":"
		         "\"" E2E_PASSWORD "\"}",
		         cases[i].pseudo, cases[i].pseudo);
		r = http_ask(s->port, &(struct http_request){.method = "POST",
		                                             .path = "/register",
		                                             .body = text,
		                                             .headers = (const char *[]){
		                                                     cases[i].forwarded,
		                                                     "User-Agent: duck/1", NULL}});
		assert_http(r, 201);
		http_response_free(&r);
		snprintf(text, sizeof text,
		         "SELECT address FROM users.sessions AS s"
		         " JOIN users.accounts AS a ON a.id = s.account_id"
		         " WHERE a.pseudo = '%s' AND user_agent = 'duck/1';",
		         cases[i].pseudo);
		sql_open(&sql, s->db_url);
		assert_string_equal(sql_run(&sql, text), cases[i].address);
		sql_close(&sql);
	}
}

/* ---- health, and the private port ---- */

TEST(health_is_told_at_both_ports_and_metrics_at_the_private_one_only)
{
	static const char *const paths[] = {"/health", "/healthz", "/readyz"};
	struct http_response     r;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		r = http_get(server.port, paths[i], NULL);
		assert_http(r, 200);
		assert_string_equal(r.body, "{\"status\":\"ok\"}");
		http_response_free(&r);
	}
	r = http_get(server.metrics_port, "/healthz", NULL);
	assert_http(r, 200);
	http_response_free(&r);
	r = http_get(server.metrics_port, "/users/me", NULL);
	assert_http(r, 404);
	http_response_free(&r);
	r = http_get(server.metrics_port, "/metrics", NULL);
	assert_http(r, 200);
	assert_string_equal(http_header(&r, "content-type"), "text/plain; version=0.0.4");
	assert_non_null(strstr(r.body, "# TYPE edge_requests_total counter\n"));
	assert_non_null(strstr(r.body, "# TYPE edge_request_duration_seconds histogram\n"));
	http_response_free(&r);
}

TEST(requests_are_counted_by_route_and_status)
{
	static const char line[] =
	        "edge_requests_total{route=\"GET /seen/{pseudo}\",status=\"404\"}";
	double               before = server_metric(&server, line);
	struct http_response r = http_get(server.port, "/seen/a-nobody", NULL);

	assert_http(r, 404);
	http_response_free(&r);
	assert_true(server_metric(&server, line) == before + 1);
}

TEST_MAIN(start, stop)
