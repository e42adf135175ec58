/*
 * support/http.h - an HTTP client for tests (libcurl), and JSON answers to look into (jansson).
 *
 * Asking works on any thread; looking into answers by assert_... on the test's own only.
 */
#ifndef TEST_SUPPORT_HTTP_H
#define TEST_SUPPORT_HTTP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct http_request {
	const char        *method;       /* "GET" */
	const char        *path;         /* as it goes over the wire, query too */
	const char        *token;        /* NULL: none */
	const char        *body;         /* NULL: none */
	size_t             body_len;     /* 0: strlen(body) */
	const char        *content_type; /* NULL: application/json when there is a body */
	const char *const *headers;      /* further ones, "name: value", NULL-ended */
	long               timeout_ms;   /* 0: 30,000 */
	bool               is_http2;     /* by prior knowledge; else HTTP/1.1 */
};

struct http_response {
	long    status; /* 0: no answer */
	char   *body;
	size_t  body_len;
	char   *headers; /* lines, each ended by a NUL */
	size_t  headers_len;
	json_t *json;       /* NULL: the body is no JSON */
	bool    is_refused; /* nobody listens there: nothing was sent */
};

/* Asks http://127.0.0.1:port. Every connection is its own. */
struct http_response http_ask(uint16_t port, const struct http_request *req);

/* Short forms; token and body may be NULL. */
struct http_response http_get(uint16_t port, const char *path, const char *token);
struct http_response http_post(uint16_t port, const char *path, const char *token,
                               const char *body);
/* POST with a body that is printed. */
struct http_response http_postf(uint16_t port, const char *path, const char *token,
                                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A request under way on a thread of its own; what it points to must last. */
struct http_pending {
	pthread_t            thread;
	uint16_t             port;
	struct http_request  request;
	struct http_response response;
};

void http_start(struct http_pending *p, uint16_t port, const struct http_request *req);
struct http_response http_finish(struct http_pending *p);

/* A connection; the test's own to close. */
int http_dial(uint16_t port);

/* Sends these bytes, which had better be a request, and reads until the server closes. */
struct http_response http_send_bytes(uint16_t port, const char *bytes, size_t len);

void http_response_free(struct http_response *r);

/* A response header by name, without regard to case, in the response's memory; NULL: not there. */
const char *http_header(const struct http_response *r, const char *name);

/* What stands at a dotted path ("result.roles.0") in the answer; NULL: nothing. */
json_t *http_json(const struct http_response *r, const char *path);

/* The text that stands at a path; "" if none does. */
const char *http_text(const struct http_response *r, const char *path);

/* The integer that stands at a path; -1 if none does. */
int64_t http_int(const struct http_response *r, const char *path);

/* The status is the expected one; prints the body otherwise. */
#define assert_http(r, expected) http_assert_status(&(r), (expected), __FILE__, __LINE__)
void http_assert_status(const struct http_response *r, long expected, const char *file, int line);

/* At the path stands this text. */
#define assert_json_text(r, path, expected)                                                        \
	http_assert_json_text(&(r), (path), (expected), __FILE__, __LINE__)
void http_assert_json_text(const struct http_response *r, const char *path, const char *expected,
                           const char *file, int line);

/* At the path stands what this JSON says, down to the last field. */
#define assert_json(r, path, expected)                                                             \
	http_assert_json(&(r), (path), (expected), __FILE__, __LINE__)
void http_assert_json(const struct http_response *r, const char *path, const char *expected,
                      const char *file, int line);

/* The error's details name exactly these fields: "email password", in this order. */
#define assert_details(r, fields) http_assert_details(&(r), (fields), __FILE__, __LINE__)
void http_assert_details(const struct http_response *r, const char *fields, const char *file,
                         int line);

/* An error body as the contract has it: status, code, text, request id. */
#define assert_http_error(r, expected, code)                                                       \
	http_assert_error(&(r), (expected), (code), __FILE__, __LINE__)
void http_assert_error(const struct http_response *r, long expected, const char *code,
                       const char *file, int line);

#endif
