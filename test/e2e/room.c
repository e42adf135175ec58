#include "test/e2e/room.h"

#include <string.h>

struct http_response room_ask(const struct server *s, const char *method, const char *name,
                              const char *rest, const char *token, const char *body)
{
	char path[256];

	snprintf(path, sizeof path, "/channel/%s%s", name, rest);
	return http_ask(s->port,
	                &(struct http_request){
	                        .method = method, .path = path, .token = token, .body = body});
}

struct http_response room_name(const struct server *s, const char *name, const char *rest,
                               const char *token, const char *pseudo)
{
	char body[128];

	snprintf(body, sizeof body, "{\"pseudo\":\"%s\"}", pseudo);
	return room_ask(s, "POST", name, rest, token, body);
}

bool room_shows(struct http_response r, const char *path, const char *expected)
{
	json_t *json = json_loads(expected, JSON_DECODE_ANY, NULL);
	bool    is_so = r.status == 200 && json_equal(http_json(&r, path), json);

	json_decref(json);
	http_response_free(&r);
	return is_so;
}

long room_status(struct http_response r)
{
	const long answered = r.status;

	http_response_free(&r);
	return answered;
}

const char *room_names(const struct http_response *r)
{
	static char   names[16384];
	const json_t *list = http_json(r, "result");
	size_t        len = 0;

	names[0] = '\0';
	for (size_t i = 0; i < json_array_size(list) && len < sizeof names; i++) {
		const json_t *name = json_object_get(json_array_get(list, i), "name");

		len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? " " : "",
		                        json_string_value(name));
	}
	return names;
}
