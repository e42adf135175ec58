#include "test/e2e/chat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct http_response chat_ask(const struct server *s, const char *method, const char *rest,
                              const char *token, const char *body)
{
	char path[1024];

	snprintf(path, sizeof path, "/api/v1/chat%s", rest);
	return http_ask(s->port,
	                &(struct http_request){
	                        .method = method, .path = path, .token = token, .body = body});
}

struct http_response chat_about(const struct server *s, const char *method, int64_t id,
                                const char *rest, const char *token)
{
	char all[512];

	snprintf(all, sizeof all, "/conversations/%" PRId64 "%s", id, rest);
	return chat_ask(s, method, all, token, NULL);
}

struct http_response chat_write(const struct server *s, const char *token, int64_t id,
                                const char *text)
{
	return http_postf(s->port, "/api/v1/chat/messages", token,
	                  "{\"conversation_id\":%" PRId64 ",\"message\":\"%s\"}", id, text);
}

/* The number there in an answer of such a status. */
static int64_t number_at(struct http_response r, long expected, const char *path)
{
	int64_t number;

	assert_http(r, expected);
	number = http_int(&r, path);
	assert_true(number >= 0);
	http_response_free(&r);
	return number;
}

int64_t chat_send(const struct server *s, const char *token, int64_t id, const char *text)
{
	return number_at(chat_write(s, token, id, text), 201, "data.id");
}

int64_t chat_open(const struct server *s, const char *token, int64_t account_id)
{
	struct http_response r = http_postf(s->port, "/api/v1/chat/conversations", token,
	                                    "{\"user_id\":%" PRId64 "}", account_id);

	return number_at(r, r.status == 200 ? 200 : 201, "data.id");
}

int64_t chat_read(const struct server *s, const char *token, int64_t id)
{
	return number_at(chat_about(s, "PUT", id, "/read", token), 200, "data.read");
}

int64_t chat_unread(const struct server *s, const char *token, int64_t id)
{
	return number_at(chat_about(s, "GET", id, "", token), 200, "data.unread_count");
}

const char *chat_list(const struct http_response *r, const char *key)
{
	static char out[8192];
	size_t      len = 0, i;
	json_t     *item;

	out[0] = '\0';
	json_array_foreach(http_json(r, "data"), i, item)
	{
		const json_t *value = json_object_get(item, key);

		len += (size_t)(json_is_integer(value)
		                        ? snprintf(out + len, sizeof out - len,
		                                   "%s%" JSON_INTEGER_FORMAT, i ? " " : "",
		                                   json_integer_value(value))
		                        : snprintf(out + len, sizeof out - len, "%s%s",
		                                   i ? " " : "",
		                                   value ? json_string_value(value) : "-"));
	}
	return out;
}
