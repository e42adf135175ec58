#include "test/support/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "test/support/test.h"

struct text {
	char *ptr;
	size_t len;
};

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct text *t = arg;

	t->ptr = realloc(t->ptr, t->len + size * n + 1);
	memcpy(t->ptr + t->len, data, size * n);
	t->len += size * n;
	t->ptr[t->len] = '\0';
	return size * n;
}

static struct curl_slist *headers_of(const struct http_request *req)
{
	struct curl_slist *list = NULL;
	char line[16384];

	if (req->token) {
		snprintf(line, sizeof line, "Authorization: Bearer %s", req->token);
		list = curl_slist_append(list, line);
	}
	if (req->body) {
		snprintf(line, sizeof line, "Content-Type: %s",
		         req->content_type ? req->content_type : "application/json");
		/* curl sends an empty header only when it ends in ';'. */
		list = curl_slist_append(
		        list, req->content_type && !*req->content_type ? "Content-Type:" : line);
	}
	list = curl_slist_append(list, "Expect:");
	for (size_t i = 0; req->headers && req->headers[i]; i++)
		list = curl_slist_append(list, req->headers[i]);
	return list;
}

static void setup(CURL *curl, uint16_t port, const struct http_request *req)
{
	char url[8192];

	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, req->path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, req->method);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, req->timeout_ms ? req->timeout_ms : 30000L);
	if (strcmp(req->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (req->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, req->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		                 (curl_off_t)(req->body_len ? req->body_len : strlen(req->body)));
	}
}

struct http_response http_ask(uint16_t port, const struct http_request *req)
{
	struct http_response r = {0};
	struct text body = {calloc(1, 1), 0}, headers = {calloc(1, 1), 0};
	struct curl_slist *list = headers_of(req);
	CURL *curl = curl_easy_init();

	setup(curl, port, req);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &headers);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r.status);
	curl_slist_free_all(list);
	curl_easy_cleanup(curl);
	r.body = body.ptr;
	r.body_len = body.len;
	r.headers = headers.ptr;
	r.json = json_loadb(body.ptr, body.len, JSON_DECODE_ANY, NULL);
	return r;
}

struct http_response http_get(uint16_t port, const char *path, const char *token)
{
	return http_ask(port,
	                &(struct http_request){.method = "GET", .path = path, .token = token});
}

struct http_response http_post(uint16_t port, const char *path, const char *token, const char *body)
{
	return http_ask(port,
	                &(struct http_request){
	                        .method = "POST", .path = path, .token = token, .body = body});
}

void http_response_free(struct http_response *r)
{
	json_decref(r->json);
	free(r->body);
	free(r->headers);
	*r = (struct http_response){0};
}

const char *http_header(struct http_response *r, const char *name)
{
	static char value[4096];
	size_t len = strlen(name);

	for (char *line = r->headers; line && *line;
	     line = strchr(line, '\n'), line += line != NULL) {
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		line += len + 1 + strspn(line + len + 1, " ");
		snprintf(value, sizeof value, "%.*s", (int)strcspn(line, "\r\n"), line);
		return value;
	}
	return NULL;
}

json_t *http_json(const struct http_response *r, const char *path)
{
	json_t *at = r->json;
	char key[256];

	while (at && *path) {
		size_t len = strcspn(path, ".");

		snprintf(key, sizeof key, "%.*s", (int)len, path);
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10))
		                       : json_object_get(at, key);
		path += len + (path[len] == '.');
	}
	return at;
}

void http_assert_status(const struct http_response *r, long expected, const char *file, int line)
{
	if (r->status != expected)
		print_error("status %ld, not %ld: %s\n", r->status, expected, r->body);
	_assert_int_equal((uintmax_t)r->status, (uintmax_t)expected, file, line);
}

void http_assert_json_text(const struct http_response *r, const char *path, const char *expected,
                           const char *file, int line)
{
	const char *text = json_string_value(http_json(r, path));

	if (text == NULL || strcmp(text, expected) != 0) {
		print_error("%s is %s, not \"%s\", in %s\n", path, text ? text : "no text",
		            expected, r->body);
		_fail(file, line);
	}
}

void http_assert_error(struct http_response *r, long expected, const char *code, const char *file,
                       int line)
{
	const char *id;

	http_assert_status(r, expected, file, line);
	http_assert_json_text(r, "code", code, file, line);
	id = json_string_value(http_json(r, "request_id"));
	if (!json_is_string(http_json(r, "error")) || id == NULL) {
		print_error("no error text or request id in %s\n", r->body);
		_fail(file, line);
	}
	_assert_true(http_header(r, "x-request-id") != NULL &&
	                     strcmp(http_header(r, "x-request-id"), id) == 0,
	             "X-Request-Id is that of the body", file, line);
}
