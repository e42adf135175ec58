#include "test/e2e/talk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static int64_t number_of(struct http_response r)
{
	int64_t id;

	assert_http(r, 201);
	id = http_int(&r, "result.id");
	assert_true(id > 0);
	http_response_free(&r);
	return id;
}

int64_t talk_to(const struct server *s, const char *token, const char *pseudo, const char *text)
{
	return number_of(http_postf(s->port, "/msg", token, "{\"to\":\"%s\",\"text\":\"%s\"}",
	                            pseudo, text));
}

int64_t talk_reply(const struct server *s, const char *token, const char *channel, int64_t reply_to,
                   const char *text)
{
	return number_of(http_postf(s->port, "/msg", token,
	                            "{\"channel\":\"%s\",\"reply_to\":%" PRId64 ",\"text\":\"%s\"}",
	                            channel, reply_to, text));
}

struct http_response talk_ask(const struct server *s, const char *method, int64_t id,
                              const char *rest, const char *token, const char *body)
{
	char path[512];

	snprintf(path, sizeof path, "/msg/%" PRId64 "%s", id, rest);
	return http_ask(s->port,
	                &(struct http_request){
	                        .method = method, .path = path, .token = token, .body = body});
}

struct http_response talk_react(const struct server *s, const char *method, const char *token,
                                int64_t id, const char *emoji)
{
	return e2e_ask(s, method, "/msg/reaction", token,
	               "{\"message_id\":%" PRId64 ",\"emoji\":\"%s\"}", id, emoji);
}

struct http_response talk_list(const struct server *s, const char *token, const char *format, ...)
{
	char    path[1024] = "/msg";
	va_list ap;

	va_start(ap, format);
	vsnprintf(path + 4, sizeof path - 4, format, ap);
	va_end(ap);
	return http_get(s->port, path, token);
}

const char *talk_texts(const struct http_response *r)
{
	static char out[8192];
	size_t      len = 0, i;
	json_t     *message;

	out[0] = '\0';
	json_array_foreach(http_json(r, "result"), i, message) len +=
	        (size_t)snprintf(out + len, sizeof out - len, "%s%s", i ? " " : "",
	                         json_string_value(json_object_get(message, "text")));
	return out;
}

/* As an account, or as a service when that is 0; the exit status. */
static int call(const struct server *s, int64_t account_id, const char *method, const char *json,
                char *output, size_t size)
{
	char        id[32];
	const char *as_account[] = {"canaduck", "call", "--as", id, method, json, NULL};
	const char *as_service[] = {"canaduck", "call", method, json, NULL};

	snprintf(id, sizeof id, "%" PRId64, account_id);
	return server_run(account_id ? as_account : as_service, s, NULL, output, size);
}

static json_t *answer_of(const struct server *s, int64_t account_id, const char *method,
                         const char *json)
{
	static char output[2 * 1024 * 1024];
	const char *start;
	json_t     *answer;

	if (call(s, account_id, method, json, output, sizeof output) != 0)
		fail_msg("%s: %s", method, output);
	/* On a busy machine there may be warnings beside it. */
	start = strchr(output, '{');
	answer = start ? json_loads(start, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	if (answer == NULL)
		fail_msg("no JSON: %s", output);
	return answer;
}

json_t *talk_call(const struct server *s, const char *method, const char *json)
{
	return answer_of(s, 0, method, json);
}

json_t *talk_call_as(const struct server *s, int64_t account_id, const char *method,
                     const char *format, ...)
{
	char    full[128], json[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(json, sizeof json, format, ap);
	va_end(ap);
	snprintf(full, sizeof full, "/canaduck.messages.v1.Messages/%s", method);
	return answer_of(s, account_id, full, json);
}

void talk_call_fails(const struct server *s, int64_t account_id, const char *method,
                     const char *json, const char *text)
{
	char full[128], output[4096];

	snprintf(full, sizeof full, "/canaduck.messages.v1.Messages/%s", method);
	assert_int_equal(call(s, account_id, full, json, output, sizeof output), 1);
	if (strstr(output, text) == NULL)
		fail_msg("%s %s: %s", method, json, output);
}
