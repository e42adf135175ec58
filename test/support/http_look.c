#include "test/support/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "test/support/test.h"

const char *http_header(const struct http_response *r, const char *name)
{
	size_t len = strlen(name);

	for (size_t at = 0; at < r->headers_len; at += strlen(r->headers + at) + 1) {
		const char *line = r->headers + at;

		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " ");
	}
	return NULL;
}

json_t *http_json(const struct http_response *r, const char *path)
{
	json_t *at = r->json;
	char    key[256];

	while (at && *path) {
		size_t len = strcspn(path, ".");

		snprintf(key, sizeof key, "%.*s", (int)len, path);
		at = json_is_array(at) ? json_array_get(at, strtoul(key, NULL, 10))
		                       : json_object_get(at, key);
		path += len + (path[len] == '.');
	}
	return at;
}

const char *http_text(const struct http_response *r, const char *path)
{
	const char *text = json_string_value(http_json(r, path));

	return text ? text : "";
}

int64_t http_int(const struct http_response *r, const char *path)
{
	const json_t *number = http_json(r, path);

	return json_is_integer(number) ? (int64_t)json_integer_value(number) : -1;
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

void http_assert_json(const struct http_response *r, const char *path, const char *expected,
                      const char *file, int line)
{
	json_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL), *there = http_json(r, path);
	bool    is_equal = wanted && json_equal(wanted, there);

	if (!is_equal)
		print_error("%s is not %s, in %s\n", path, expected, r->body);
	json_decref(wanted);
	if (!is_equal)
		_fail(file, line);
}

void http_assert_details(const struct http_response *r, const char *fields, const char *file,
                         int line)
{
	char    named[1024] = "";
	size_t  len = 0, i;
	json_t *one;

	json_array_foreach(http_json(r, "details"), i, one)
	{
		const char *field = json_string_value(json_object_get(one, "field"));

		if (!json_is_string(json_object_get(one, "reason")))
			field = "(no reason)";
		len += (size_t)snprintf(named + len, sizeof named - len, "%s%s", i ? " " : "",
		                        field ? field : "(no field)");
	}
	if (strcmp(named, fields) != 0) {
		print_error("details name \"%s\", not \"%s\", in %s\n", named, fields, r->body);
		_fail(file, line);
	}
}

void http_assert_error(const struct http_response *r, long expected, const char *code,
                       const char *file, int line)
{
	const char *id, *echoed = http_header(r, "x-request-id");

	http_assert_status(r, expected, file, line);
	http_assert_json_text(r, "code", code, file, line);
	id = json_string_value(http_json(r, "request_id"));
	if (!*http_text(r, "error") || id == NULL) {
		print_error("no error text or request id in %s\n", r->body);
		_fail(file, line);
	}
	_assert_true(echoed != NULL && strcmp(echoed, id) == 0, "X-Request-Id is that of the body",
	             file, line);
}
