#include "test/e2e/chatter.h"

#include <string.h>

struct ws chatter_open(uint16_t port, const char *token)
{
	struct ws w;
	json_t   *hello;

	if (!ws_open(&w, port, &(struct ws_request){.path = CHATTER_PATH, .token = token}))
		fail_msg("no WebSocket: %s", w.head);
	hello = chatter_next(&w, "connected");
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(hello, "data"), "status")),
	        "connected");
	json_decref(hello);
	return w;
}

static bool is_of(const struct ws_event *e, const char *type)
{
	char start[64];

	snprintf(start, sizeof start, "{\"type\":\"%s\"", type);
	return e->kind == WS_MESSAGE && strncmp(e->text, start, strlen(start)) == 0;
}

/* Who else comes and goes is a matter of other tests. */
static struct ws_event next_but_pings(struct ws *w, bool with_presence)
{
	struct ws_event e;

	do
		e = ws_next(w, CHATTER_WAIT_MS);
	while (e.kind == WS_PINGED || (!with_presence && is_of(&e, "presence")));
	return e;
}

json_t *chatter_next_at(struct ws *w, const char *type, const char *file, int line)
{
	struct ws_event e = next_but_pings(w, strcmp(type, "presence") == 0);
	json_t         *json;
	const char     *found;

	if (e.kind != WS_MESSAGE) {
		print_error("awaited \"%s\", got event %d, code %d\n", type, e.kind, e.code);
		_fail(file, line);
	}
	json = json_loads(e.text, 0, NULL);
	found = json_string_value(json_object_get(json, "type"));
	if (found == NULL || strcmp(found, type) != 0) {
		print_error("awaited \"%s\", got %s\n", type, e.text);
		_fail(file, line);
	}
	return json;
}

void chatter_assert_next(struct ws *w, const char *type, const char *data, const char *file,
                         int line)
{
	json_t *json = chatter_next_at(w, type, file, line);
	json_t *expected = json_loads(data, JSON_DECODE_ANY, NULL);

	if (!json_equal(json_object_get(json, "data"), expected)) {
		char *text = json_dumps(json_object_get(json, "data"), 0);

		print_error("expected %s\ngot %s\n", data, text);
		_fail(file, line);
	}
	json_decref(expected);
	json_decref(json);
}

void chatter_assert_error(struct ws *w, const char *code, const char *file, int line)
{
	json_t     *json = chatter_next_at(w, "error", file, line);
	json_t     *data = json_object_get(json, "data");
	const char *found = json_string_value(json_object_get(data, "code"));

	if (found == NULL || strcmp(found, code) != 0) {
		char *text = json_dumps(data, 0);

		print_error("expected an error of %s\ngot %s\n", code, text);
		_fail(file, line);
	}
	json_decref(json);
}

void chatter_assert_closed(struct ws *w, int code, const char *file, int line)
{
	struct ws_event e = next_but_pings(w, false);

	if (e.kind != WS_CLOSED || e.code != code) {
		print_error("expected a close with %d, got event %d, code %d: %s\n", code, e.kind,
		            e.code, e.text ? e.text : "");
		_fail(file, line);
	}
	(void)ws_send_close(w, code);
	e = ws_next(w, CHATTER_WAIT_MS);
	if (e.kind != WS_OVER) {
		print_error("expected the end, got event %d\n", e.kind);
		_fail(file, line);
	}
	ws_close(w);
}

void chatter_assert_quiet(struct ws *w, const char *file, int line)
{
	struct ws_event e;

	(void)ws_send(w, WS_PING, "quiet", 5);
	e = next_but_pings(w, false);
	if (e.kind != WS_PONGED || e.len != 5 || memcmp(e.text, "quiet", 5) != 0) {
		print_error("expected nothing, got event %d, code %d: %s\n", e.kind, e.code,
		            e.text ? e.text : "");
		_fail(file, line);
	}
}

int64_t chatter_int(json_t *frame, const char *field)
{
	return json_integer_value(json_object_get(json_object_get(frame, "data"), field));
}

const char *chatter_text(json_t *frame, const char *field)
{
	const char *text =
	        json_string_value(json_object_get(json_object_get(frame, "data"), field));

	return text ? text : "";
}

void chatter_leave(struct ws *w)
{
	(void)ws_send_close(w, 1000);
	assert_closed(w, 1000);
}
