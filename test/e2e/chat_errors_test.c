#include "test/e2e/chat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What chat clients are told that is not about conversations. */
static struct server      server;
static struct e2e_account roger, ginette;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	ginette = e2e_register(&server, "ginette");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

TEST(every_refusal_has_the_form_that_chat_clients_know)
{
	static const struct {
		const char *method, *path, *content_type, *body;
		bool        has_token;
		long        status;
		const char *code;
	} cases[] = {
	        {"GET", "/api/v1/chat/conversations", NULL, NULL, false, 401, "UNAUTHENTICATED"},
	        {"GET", "/api/v1/chat", NULL, NULL, true, 404, "NOT_FOUND"},
	        {"GET", "/api/v1/chat/poems", NULL, NULL, true, 404, "NOT_FOUND"},
	        {"DELETE", "/api/v1/chat/messages", NULL, NULL, true, 405, "UNIMPLEMENTED"},
	        {"POST", "/api/v1/chat/messages", "text/plain", "x", true, 415, "INVALID_ARGUMENT"},
	        {"POST", "/api/v1/chat/messages", NULL, "{", true, 400, "INVALID_ARGUMENT"},
	        {"POST", "/api/v1/chat/messages", NULL, "{}", true, 422, "INVALID_ARGUMENT"},
	        {"GET", "/api/v1/chat/conversations/%zz", NULL, NULL, true, 400,
	         "INVALID_ARGUMENT"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_ask(
		        server.port,
		        &(struct http_request){.method = cases[i].method,
		                               .path = cases[i].path,
		                               .content_type = cases[i].content_type,
		                               .body = cases[i].body,
		                               .token = cases[i].has_token ? roger.token : NULL});

		if (r.status != cases[i].status)
			print_error("%s %s:\n", cases[i].method, cases[i].path);
		assert_http_error(r, cases[i].status, cases[i].code);
		assert_json(r, "success", "false");
		if (cases[i].status == 401)
			assert_string_equal(http_header(&r, "www-authenticate"), "Bearer");
		if (cases[i].status == 405)
			assert_string_equal(http_header(&r, "allow"), "POST");
		http_response_free(&r);
	}
}

TEST(no_other_route_has_that_form)
{
	static const char *const paths[] = {"/api/v1/chatter", "/api/v1", "/msg/private", "/poems"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct http_response r = http_get(server.port, paths[i], NULL);

		assert_true(r.status >= 400);
		assert_null(http_json(&r, "success"));
		http_response_free(&r);
	}
}

/* ---- who the client says it is ---- */

static struct http_response ask_as(const char *path, const char *token, const char *header)
{
	const char *const headers[] = {header, NULL};

	return http_ask(server.port,
	                &(struct http_request){
	                        .method = "GET", .path = path, .token = token, .headers = headers});
}

TEST(who_says_to_be_another_than_the_token_is_refused)
{
	static const char path[] = "/api/v1/chat/conversations";
	char              own[64], others[64];

	snprintf(own, sizeof own, "X-User-ID: %" PRId64, roger.id);
	snprintf(others, sizeof others, "x-user-id: %" PRId64, ginette.id);
	assert_answer(ask_as(path, roger.token, own), 200, NULL);
	assert_refused(ask_as(path, roger.token, others), 403, "PERMISSION_DENIED");
	assert_refused(ask_as(path, roger.token, "X-User-ID: 0"), 403, "PERMISSION_DENIED");
	assert_refused(ask_as(path, roger.token, "X-User-ID: roger"), 400, "INVALID_ARGUMENT");
	assert_refused(ask_as(path, roger.token, "X-User-ID: 1x"), 400, "INVALID_ARGUMENT");
	assert_refused(ask_as(path, roger.token, "X-User-ID: 99999999999999999999"), 400,
	               "INVALID_ARGUMENT");
	/* The token comes first, and elsewhere nobody looks at it. */
	assert_refused(ask_as(path, NULL, own), 401, "UNAUTHENTICATED");
	assert_answer(ask_as("/users/me", roger.token, others), 200, NULL);
}

TEST(it_never_makes_anybody_another)
{
	char                 header[64];
	const char *const    headers[] = {header, NULL};
	int64_t              id = chat_open(&server, roger.token, ginette.id);
	char                 body[96];
	struct http_response r;

	snprintf(header, sizeof header, "X-User-ID: %" PRId64, ginette.id);
	snprintf(body, sizeof body, "{\"conversation_id\":%" PRId64 ",\"message\":\"x\"}", id);
	r = http_ask(server.port, &(struct http_request){.method = "POST",
	                                                 .path = "/api/v1/chat/messages",
	                                                 .token = roger.token,
	                                                 .headers = headers,
	                                                 .body = body});
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	assert_listed(chat_about(&server, "GET", id, "/messages", ginette.token), "msg", "");
}

TEST_MAIN(start, stop)
