#include "test/e2e/chatter.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/support/pg.h"

/* What a server says while this happens; in static memory. */
static const char *log_of(const char *format, const struct http_request *requests, size_t n,
                          void (*also)(const struct server *s))
{
	static char   text[512 * 1024];
	char          path[] = "/tmp/canaduck-log-XXXXXX", variable[32], url[PG_URL_BYTES];
	int           fd = mkostemp(path, O_CLOEXEC), own = dup(STDERR_FILENO);
	struct server server;
	ssize_t       len;

	assert_true(fd >= 0 && own >= 0);
	unlink(path);
	snprintf(variable, sizeof variable, "LOG_FORMAT=%s", format);
	pg_shared_database(url);
	dup2(fd, STDERR_FILENO);
	server_start(&server, url, (const char *[]){"LOG_LEVEL=debug", variable, NULL});
	dup2(own, STDERR_FILENO);
	close(own);
	for (size_t i = 0; i < n; i++) {
		struct http_response r = http_ask(server.port, &requests[i]);

		assert_true(r.status > 0);
		http_response_free(&r);
	}
	if (also)
		also(&server);
	server_stop(&server);
	len = pread(fd, text, sizeof text - 1, 0);
	assert_true(len > 0);
	text[len] = '\0';
	close(fd);
	return text;
}

static char access_token[SERVER_TOKEN_BYTES];
static char events_path[SERVER_TOKEN_BYTES + 64];

/* By each of the ways in which a token gets to a WebSocket. */
static void say_in_chat(const struct server *s, const struct e2e_account *user)
{
	char path[SERVER_TOKEN_BYTES + 64], protocol[SERVER_TOKEN_BYTES + 64];

	snprintf(path, sizeof path, CHATTER_PATH "?token=%s", user->token);
	snprintf(protocol, sizeof protocol, "bearer.%s", user->token);
	for (int i = 0; i < 2; i++) {
		struct ws w;

		assert_true(ws_open(&w, s->port,
		                    &(struct ws_request){.path = i ? CHATTER_PATH : path,
		                                         .protocol = i ? protocol : NULL}));
		json_decref(chatter_next(&w, "connected"));
		assert_true(ws_text(&w, "{\"type\":\"send_message\",\"conversation_id\":1,"
		                        "\"content\":\"nobody's business either\"}"));
		assert_next_error(&w, "NOT_FOUND");
		assert_true(ws_text(&w, "nobody's JSON"));
		assert_next_error(&w, "INVALID_ARGUMENT");
		chatter_leave(&w);
	}
}

static void sign_in_and_write(const struct server *s)
{
	struct e2e_account user = e2e_register(s, "discreet");

	e2e_create_channel(s, user.token, "room", false);
	e2e_send(s, user.token, "room", "words that are nobody's business");
	snprintf(access_token, sizeof access_token, "%s", user.token);
	snprintf(events_path, sizeof events_path, "/events?topic=channel:nowhere&token=%s",
	         user.token);
	say_in_chat(s, &user);
}

TEST(nothing_that_is_secret_is_ever_logged)
{
	static const struct http_request requests[] = {
	        {.method = "POST",
	         .path = "/login?password=in-the-query",
	         .body = "{\"pseudo\":\"nobody\",\"password\":\"wrong-password\"}"},
	        {.method = "POST", .path = "/login", .body = "{\"password\":\"wrong-password\",}"},
	        {.method = "GET", .path = "/users/me?token=in-the-query", .token = "bad-token"},
	        {.method = "GET", .path = "/events?topic=channel:room&token=in-the-query"},
	        {.method = "GET", .path = events_path},
	        {.method = "GET", .path = "/api/v1/chat/ws?token=in-the-query"},
	};
	static const char *const secrets[] = {
	        E2E_PASSWORD, "wrong-password", "bad-token",       "in-the-query",
	        "nobody's",   "discreet@",      SERVER_JWT_SECRET,
	};
	static const char *const formats[] = {"logfmt", "json"};

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		const char *log = log_of(formats[i], requests, sizeof requests / sizeof *requests,
		                         sign_in_and_write);

		for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++)
			if (strstr(log, secrets[k]))
				fail_msg("the log has \"%s\"", secrets[k]);
		assert_null(strstr(log, access_token));
		/* Not even its signature. */
		assert_null(strstr(log, strrchr(access_token, '.') + 1));
	}
}

TEST(a_request_is_logged_with_its_id_wherever_it_went)
{
	const struct http_request requests[] = {
	        {.method = "GET",
	         .path = "/whois/nobody",
	         .headers = (const char *[]){"X-Request-Id: follow-me", NULL}},
	};
	const char *log = log_of("json", requests, 1, NULL), *line;
	size_t      lines = 0;

	/* At the edge, and at the service that it asked. */
	for (line = strstr(log, "follow-me"); line; line = strstr(line + 1, "follow-me"))
		lines++;
	assert_true(lines >= 2);
}

TEST(every_line_of_the_json_log_is_json)
{
	static const struct http_request requests[] = {
	        {.method = "GET", .path = "/whois/%22%5C%0a"},
	        {.method = "GET", .path = "/whois/\"\\"},
	        {.method = "PUT", .path = "/nothing"},
	};
	const char *line = log_of("json", requests, sizeof requests / sizeof *requests, NULL);

	while (*line) {
		size_t  len = strcspn(line, "\n");
		json_t *json = json_loadb(line, len, 0, NULL);

		if (!json_is_object(json))
			fail_msg("no JSON: %.*s", (int)len, line);
		json_decref(json);
		line += len + (line[len] == '\n');
	}
}

TEST_MAIN()
