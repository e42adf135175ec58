#include "test/e2e/chat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

static struct server      server;
static struct e2e_account roger, ginette, marcel;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	roger = e2e_register(&server, "roger");
	ginette = e2e_register(&server, "ginette");
	marcel = e2e_register(&server, "marcel");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static struct http_response list(const char *token, int64_t id, const char *query)
{
	char rest[128];

	snprintf(rest, sizeof rest, "/messages%s", query);
	return chat_about(&server, "GET", id, rest, token);
}

/* ---- writing ---- */

TEST(a_message_is_answered_whole)
{
	int64_t              id = chat_open(&server, roger.token, marcel.id);
	struct http_response r = chat_write(&server, roger.token, id, "psst");

	assert_http(r, 201);
	assert_json(r, "success", "true");
	assert_keys(r, "data", "conv_id id msg reactions sender_id time");
	assert_int_equal(http_int(&r, "data.conv_id"), id);
	assert_int_equal(http_int(&r, "data.sender_id"), roger.id);
	assert_json_text(r, "data.msg", "psst");
	assert_json(r, "data.reactions", "{}");
	assert_time(r, "data.time");
	http_response_free(&r);
}

TEST(what_a_message_must_be_is_said)
{
	static char text[2002];
	int64_t     id = chat_open(&server, roger.token, ginette.id);
	int64_t     others = chat_open(&server, ginette.token, marcel.id);
	static const struct {
		const char *body, *details;
		long        status;
	} cases[] = {
	        {"{}", "conversation_id message", 422},
	        {"{\"conversation_id\":1,\"message\":\"\"}", "message", 422},
	        {"{\"conversation_id\":\"x\",\"message\":\"a\"}", "conversation_id", 400},
	        {"{\"conversation_id\":1,\"message\":5}", "message", 400},
	        {"{\"conversation_id\":1,\"message\":\"a\\u0000\"}", "", 400},
	        {"[]", "", 400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        chat_ask(&server, "POST", "/messages", roger.token, cases[i].body);

		if (r.status != cases[i].status)
			print_error("%s:\n", cases[i].body);
		assert_http_error(r, cases[i].status, "INVALID_ARGUMENT");
		assert_json(r, "success", "false");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
	/* Characters count, not bytes. */
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 2 * i, "\xc3\xa9", 3);
	chat_send(&server, roger.token, id, text);
	memcpy(text + 2000, "x", 2);
	assert_refused(chat_write(&server, roger.token, id, text), 422, "INVALID_ARGUMENT");
	assert_refused(chat_write(&server, roger.token, others, "x"), 403, "PERMISSION_DENIED");
	assert_refused(chat_write(&server, roger.token, INT64_C(1) << 52, "x"), 404, "NOT_FOUND");
	assert_refused(chat_write(&server, NULL, id, "x"), 401, "UNAUTHENTICATED");
}

TEST(what_is_written_by_either_door_is_seen_through_both)
{
	struct e2e_account   ann = e2e_register(&server, "ann"), bob = e2e_register(&server, "bob");
	int64_t              first = talk_to(&server, ann.token, "bob", "by-name");
	int64_t              id = chat_open(&server, bob.token, ann.id), second;
	struct http_response r;

	second = chat_send(&server, bob.token, id, "by-number");
	assert_true(first < second);
	assert_listed(list(ann.token, id, ""), "msg", "by-number by-name");
	assert_texts(talk_list(&server, ann.token, "/private?from=ann&to=bob"),
	             "by-number by-name");
	assert_texts(talk_list(&server, ann.token, "/search?q=number"), "by-number");
	assert_answer(talk_react(&server, "POST", ann.token, second, "x"), 200, NULL);
	assert_answer(talk_ask(&server, "PUT", second, "", bob.token, "{\"text\":\"edited\"}"), 200,
	              NULL);
	r = list(bob.token, id, "");
	assert_json(r, "data.0.reactions", "{\"x\":[\"ann\"]}");
	assert_json(r, "data.1.reactions", "{}");
	assert_json_text(r, "data.0.msg", "edited");
	assert_int_equal(http_int(&r, "data.0.sender_id"), bob.id);
	assert_int_equal(http_int(&r, "data.1.sender_id"), ann.id);
	http_response_free(&r);
	assert_answer(talk_ask(&server, "DELETE", second, "", bob.token, NULL), 204, NULL);
	assert_listed(list(bob.token, id, ""), "msg", "by-name");
}

/* ---- pages ---- */

TEST(messages_come_newest_first_and_in_pages)
{
	struct e2e_account me = e2e_register(&server, "pager");
	int64_t            id = chat_open(&server, me.token, roger.id), ids[5];
	char               query[64], text[8];

	assert_listed(list(me.token, id, ""), "msg", "");
	for (size_t i = 0; i < 5; i++) {
		snprintf(text, sizeof text, "m%zu", i);
		ids[i] = chat_send(&server, i % 2 ? roger.token : me.token, id, text);
	}
	assert_listed(list(me.token, id, ""), "msg", "m4 m3 m2 m1 m0");
	assert_listed(list(roger.token, id, "?limit=2&offset=1"), "msg", "m3 m2");
	assert_listed(list(me.token, id, "?limit=1000"), "msg", "m4 m3 m2 m1 m0");
	snprintf(query, sizeof query, "?limit=2&before=%" PRId64, ids[3]);
	assert_listed(list(me.token, id, query), "msg", "m2 m1");
	snprintf(query, sizeof query, "?limit=2&after=%" PRId64, ids[1]);
	assert_listed(list(me.token, id, query), "msg", "m3 m2");
	assert_refused(list(me.token, id, "?limit=1001"), 422, "INVALID_ARGUMENT");
	assert_refused(list(me.token, id, "?limit=0&offset=-1"), 422, "INVALID_ARGUMENT");
	assert_refused(list(me.token, id, "?limit=many"), 400, "INVALID_ARGUMENT");
	assert_refused(list(marcel.token, id, ""), 403, "PERMISSION_DENIED");
	assert_refused(list(me.token, INT64_C(1) << 52, ""), 404, "NOT_FOUND");
	assert_refused(list(NULL, id, ""), 401, "UNAUTHENTICATED");
}

TEST(fifty_come_unless_said_and_a_thousand_at_once)
{
	struct e2e_account   me = e2e_register(&server, "writer");
	int64_t              id = chat_open(&server, me.token, roger.id);
	struct http_response r;
	struct sql           sql;
	char                 statement[512];

	/* More than anybody may write in the time of a test, and as long as they can be. */
	sql_open(&sql, server.db_url);
	snprintf(statement, sizeof statement,
	         "INSERT INTO messages.messages (conversation_id, account_id, to_account_id, text)"
	         " SELECT %" PRId64 ", %" PRId64 ", %" PRId64 ", repeat(U&'\\+01F986', 1000)"
	         "   FROM generate_series(1, 1001);",
	         id, me.id, roger.id);
	sql_run(&sql, statement);
	sql_close(&sql);
	r = list(me.token, id, "");
	assert_int_equal(json_array_size(http_json(&r, "data")), 50);
	http_response_free(&r);
	r = list(me.token, id, "?limit=1000");
	assert_http(r, 200);
	assert_int_equal(json_array_size(http_json(&r, "data")), 1000);
	http_response_free(&r);
}

/* ---- not too often ---- */

TEST(a_hundred_a_minute_by_whatever_door)
{
	struct e2e_account busy = e2e_register(&server, "busy");
	int64_t            id = chat_open(&server, busy.token, roger.id);
	enum { N = 100 };
	static struct http_pending pending[N];
	char                       body[96];
	struct http_response       r;

	snprintf(body, sizeof body, "{\"conversation_id\":%" PRId64 ",\"message\":\"x\"}", id);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){
		                   .method = "POST",
		                   .path = i % 2 ? "/api/v1/chat/messages" : "/msg",
		                   .token = busy.token,
		                   .body = i % 2 ? body : "{\"to\":\"ginette\",\"text\":\"x\"}"});
	for (size_t i = 0; i < N; i++)
		assert_answer(http_finish(&pending[i]), 201, NULL);
	r = chat_write(&server, busy.token, id, "one too many");
	assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
	assert_json(r, "success", "false");
	assert_in_range(strtol(http_header(&r, "retry-after"), NULL, 10), 1, 60);
	assert_string_equal(http_header(&r, "ratelimit-limit"), "100");
	assert_string_equal(http_header(&r, "ratelimit-remaining"), "0");
	assert_in_range(strtol(http_header(&r, "ratelimit-reset"), NULL, 10), 1, 60);
	http_response_free(&r);
	assert_answer(http_post(server.port, "/msg", busy.token,
	                        "{\"to\":\"roger\",\"text\":\"one too many\"}"),
	              429, "RESOURCE_EXHAUSTED");
	assert_int_equal(chat_unread(&server, roger.token, id), N / 2);
}

TEST_MAIN(start, stop)
