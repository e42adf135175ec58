/* Who gets in to the chat's WebSocket, and what is said to the others. */
#include "test/e2e/chatter.h"

#include <string.h>

static struct server server;

static int start(void **state __attribute__((unused)))
{
	static const char *const env[] = {"CORS_ALLOW_ORIGINS=https://app.example",
	                                  "MAX_ACCOUNT_SOCKETS=3", "MAX_SOCKETS=12", "HTTP2=1",
	                                  NULL};

	e2e_start(&server, env);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* The status that a handshake is answered with; one that succeeds is left again. */
static int try_with(const struct ws_request *req)
{
	struct ws w;
	int       result;

	if (ws_open(&w, server.port, req)) {
		json_decref(chatter_next(&w, "connected"));
		chatter_leave(&w);
		return 101;
	}
	result = w.status;
	ws_close(&w);
	return result;
}

static int try_header(const char *token, const char *header)
{
	return try_with(&(struct ws_request){
	        .path = CHATTER_PATH, .token = token, .headers = (const char *[]){header, NULL}});
}

static const char *join(const char *before, const char *token)
{
	static char out[SERVER_TOKEN_BYTES + 256];

	snprintf(out, sizeof out, "%s%s", before, token);
	return out;
}

TEST(a_token_opens_by_its_header)
{
	struct e2e_account a = e2e_register(&server, "header");
	struct ws          w;
	char               data[128];

	snprintf(data, sizeof data, "{\"user_id\":%ld,\"status\":\"connected\"}", (long)a.id);
	assert_true(ws_open(&w, server.port,
	                    &(struct ws_request){.path = CHATTER_PATH, .token = a.token}));
	assert_next(&w, "connected", data);
	chatter_leave(&w);
}

TEST(a_token_opens_by_the_query)
{
	struct e2e_account a = e2e_register(&server, "query");

	assert_int_equal(
	        try_with(&(struct ws_request){.path = join(CHATTER_PATH "?x=1&token=", a.token)}),
	        101);
	assert_int_equal(try_with(&(struct ws_request){.path = CHATTER_PATH "?token=nonsense"}),
	                 401);
}

TEST(a_token_opens_by_a_subprotocol_which_is_echoed)
{
	struct e2e_account a = e2e_register(&server, "protocol");
	struct ws          w;
	char               expected[SERVER_TOKEN_BYTES + 64];

	assert_true(ws_open(&w, server.port,
	                    &(struct ws_request){.path = CHATTER_PATH,
	                                         .protocol = join("chat, bearer.", a.token)}));
	snprintf(expected, sizeof expected, "\r\nsec-websocket-protocol: bearer.%s\r\n", a.token);
	assert_non_null(strstr(w.head, expected));
	json_decref(chatter_next(&w, "connected"));
	chatter_leave(&w);
	assert_int_equal(
	        try_with(&(struct ws_request){.path = CHATTER_PATH, .protocol = "bearer.nonsense"}),
	        401);
	assert_int_equal(try_with(&(struct ws_request){.path = CHATTER_PATH, .protocol = "chat"}),
	                 401);
}

/* RFC 6455 11.3.4: a proxy may have made two lines of one. */
TEST(subprotocols_may_stand_in_several_lines)
{
	struct e2e_account a = e2e_register(&server, "lines");
	const char        *header = join("Sec-WebSocket-Protocol: bearer.", a.token);

	assert_int_equal(try_with(&(struct ws_request){.path = CHATTER_PATH,
	                                               .protocol = "chat",
	                                               .headers = (const char *[]){header, NULL}}),
	                 101);
}

TEST(whoever_says_to_be_somebody_else_is_refused)
{
	struct e2e_account a = e2e_register(&server, "honest");
	char               own[64];

	snprintf(own, sizeof own, "X-User-ID: %ld", (long)a.id);
	assert_int_equal(try_header(a.token, own), 101);
	assert_int_equal(try_header(a.token, "X-User-ID: 999999"), 403);
	assert_int_equal(try_with(&(struct ws_request){
	                         .path = join(CHATTER_PATH "?token=", a.token),
	                         .headers = (const char *[]){"X-User-ID: 999999", NULL}}),
	                 403);
	assert_int_equal(try_header(a.token, "X-User-ID: me"), 400);
}

TEST(pages_of_other_origins_are_refused)
{
	struct e2e_account a = e2e_register(&server, "pages");
	char               same[64];

	snprintf(same, sizeof same, "Origin: http://127.0.0.1:%u", server.port);
	assert_int_equal(try_header(a.token, same), 101);
	assert_int_equal(try_header(a.token, "Origin: https://app.example"), 101);
	assert_int_equal(try_header(a.token, "Origin: https://evil.example"), 403);
	assert_int_equal(try_header(a.token, "Origin: https://app.example.evil"), 403);
	assert_int_equal(try_header(a.token, "Origin: null"), 403);
}

TEST(errors_before_the_upgrade_have_the_chats_form)
{
	struct ws            w;
	struct http_response r = http_get(server.port, CHATTER_PATH, NULL);

	assert_http_error(r, 401, "UNAUTHENTICATED");
	assert_json(r, "success", "false");
	assert_string_equal(http_header(&r, "www-authenticate"), "Bearer");
	http_response_free(&r);
	assert_false(ws_open(&w, server.port, &(struct ws_request){.path = CHATTER_PATH}));
	assert_int_equal(w.status, 401);
	assert_non_null(strstr(w.head, "{\"success\":false,"));
	ws_close(&w);
}

TEST(a_plain_request_is_told_to_upgrade)
{
	struct e2e_account   a = e2e_register(&server, "plain");
	struct http_response r = http_get(server.port, CHATTER_PATH, a.token);

	assert_http_error(r, 426, "FAILED_PRECONDITION");
	assert_json(r, "success", "false");
	assert_string_equal(http_header(&r, "upgrade"), "websocket");
	assert_string_equal(http_header(&r, "sec-websocket-version"), "13");
	http_response_free(&r);
	r = http_post(server.port, CHATTER_PATH, a.token, "{}");
	assert_http_error(r, 405, "UNIMPLEMENTED");
	http_response_free(&r);
}

TEST(over_http2_it_is_told_to_come_otherwise)
{
	struct e2e_account   a = e2e_register(&server, "second");
	struct http_response r = http_ask(server.port, &(struct http_request){.method = "GET",
	                                                                      .path = CHATTER_PATH,
	                                                                      .token = a.token,
	                                                                      .is_http2 = true});

	assert_http_error(r, 426, "FAILED_PRECONDITION");
	http_response_free(&r);
}

/* A handshake with one thing changed; its status. */
static int try_changed(const char *token, const char *http, const char *version, const char *key)
{
	char                 request[SERVER_TOKEN_BYTES + 512];
	struct http_response r;
	int                  result;

	snprintf(request, sizeof request,
	         "GET " CHATTER_PATH " HTTP/%s\r\nHost: localhost\r\nUpgrade: websocket\r\n"
	         "Connection: close, Upgrade\r\nSec-WebSocket-Version: %s\r\n"
	         "Sec-WebSocket-Key: %s\r\nAuthorization: Bearer %s\r\n\r\n",
	         http, version, key, token);
	r = http_send_bytes(server.port, request, strlen(request));
	result = (int)r.status;
	http_response_free(&r);
	return result;
}

TEST(a_handshake_of_another_version_or_without_a_key_is_refused)
{
	struct e2e_account a = e2e_register(&server, "version");

	assert_int_equal(try_changed(a.token, "1.1", "8", "dGhlIHNhbXBsZSBub25jZQ=="), 426);
	assert_int_equal(try_changed(a.token, "1.1", "13", "short"), 426);
	assert_int_equal(try_changed(a.token, "1.1", "13", "dGhlIHNhbXBsZSBub25j!Q=="), 400);
	assert_int_equal(try_changed(a.token, "1.0", "13", "dGhlIHNhbXBsZSBub25jZQ=="), 426);
}

TEST(an_account_has_so_many_sockets_and_no_more)
{
	struct e2e_account a = e2e_register(&server, "many"), b = e2e_register(&server, "other");
	struct ws          own[3], others;

	for (size_t i = 0; i < 3; i++)
		own[i] = chatter_open(server.port, a.token);
	assert_int_equal(try_with(&(struct ws_request){.path = CHATTER_PATH, .token = a.token}),
	                 429);
	others = chatter_open(server.port, b.token);
	chatter_leave(&own[1]);
	assert_soon(try_with(&(struct ws_request){.path = CHATTER_PATH, .token = a.token}) == 101);
	chatter_leave(&own[0]);
	chatter_leave(&own[2]);
	chatter_leave(&others);
}

TEST(an_edge_has_so_many_sockets_and_no_more)
{
	struct e2e_account a[5];
	struct ws          w[12];

	assert_soon(server_metric(&server, "edge_sockets") == 0);
	for (size_t i = 0; i < 5; i++) {
		char pseudo[16];

		snprintf(pseudo, sizeof pseudo, "full-%zu", i);
		a[i] = e2e_register(&server, pseudo);
	}
	for (size_t i = 0; i < 12; i++)
		w[i] = chatter_open(server.port, a[i / 3].token);
	assert_true(server_metric(&server, "edge_sockets") == 12);
	assert_int_equal(try_with(&(struct ws_request){.path = CHATTER_PATH, .token = a[4].token}),
	                 503);
	for (size_t i = 0; i < 12; i++)
		ws_close(&w[i]);
	assert_soon(server_metric(&server, "edge_sockets") == 0);
}

TEST_MAIN(start, stop)
