#include "test/e2e/chat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* What was read, by whom and when, and how much was not. */
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

static struct http_response messages(const char *token, int64_t id)
{
	return chat_about(&server, "GET", id, "/messages", token);
}

TEST(what_the_other_one_wrote_becomes_read)
{
	struct e2e_account   ann = e2e_register(&server, "ann"), bob = e2e_register(&server, "bob");
	int64_t              id = chat_open(&server, ann.token, bob.id);
	char                 first[64];
	struct http_response r;

	chat_send(&server, ann.token, id, "m0");
	chat_send(&server, ann.token, id, "m1");
	chat_send(&server, bob.token, id, "b0");
	assert_int_equal(chat_unread(&server, ann.token, id), 1);
	assert_int_equal(chat_unread(&server, bob.token, id), 2);
	assert_listed(messages(ann.token, id), "read_at", "- - -");
	assert_int_equal(chat_read(&server, bob.token, id), 2);
	assert_int_equal(chat_read(&server, bob.token, id), 0);
	assert_int_equal(chat_unread(&server, bob.token, id), 0);
	assert_int_equal(chat_unread(&server, ann.token, id), 1);
	r = messages(ann.token, id);
	assert_null(http_json(&r, "data.0.read_at"));
	assert_time(r, "data.1.read_at");
	assert_time(r, "data.2.read_at");
	snprintf(first, sizeof first, "%s", http_text(&r, "data.2.read_at"));
	http_response_free(&r);
	/* The next reading is of what came since. */
	chat_send(&server, ann.token, id, "m2");
	assert_listed(messages(bob.token, id), "msg", "m2 b0 m1 m0");
	r = messages(bob.token, id);
	assert_null(http_json(&r, "data.0.read_at"));
	http_response_free(&r);
	assert_int_equal(chat_read(&server, bob.token, id), 1);
	r = messages(bob.token, id);
	assert_json_text(r, "data.3.read_at", first);
	assert_true(strcmp(http_text(&r, "data.0.read_at"), first) > 0);
	http_response_free(&r);
}

TEST(both_routes_mark_it_and_no_other_person_does)
{
	int64_t              id = chat_open(&server, roger.token, ginette.id);
	static const char   *routes[] = {"/", "/read"};
	struct http_response r;

	for (size_t i = 0; i < 2; i++) {
		chat_send(&server, roger.token, id, "look");
		r = chat_about(&server, "PUT", id, routes[i], ginette.token);
		assert_http(r, 200);
		assert_json(r, "success", "true");
		assert_json(r, "data", "{\"read\":1}");
		http_response_free(&r);
		assert_refused(chat_about(&server, "PUT", id, routes[i], marcel.token), 403,
		               "PERMISSION_DENIED");
		assert_refused(
		        chat_about(&server, "PUT", INT64_C(1) << 52, routes[i], marcel.token), 404,
		        "NOT_FOUND");
		assert_refused(chat_about(&server, "PUT", id, routes[i], NULL), 401,
		               "UNAUTHENTICATED");
	}
	/* Whatever a client puts into the body. */
	r = http_ask(server.port, &(struct http_request){.method = "PUT",
	                                                 .path = "/api/v1/chat/conversations/1/",
	                                                 .token = roger.token,
	                                                 .content_type = "text/plain",
	                                                 .body = "read"});
	assert_true(r.status == 200 || r.status == 403);
	http_response_free(&r);
	/* The slash at the end is one of the route. */
	assert_refused(chat_about(&server, "PUT", id, "", ginette.token), 405, "UNIMPLEMENTED");
	r = chat_about(&server, "GET", id, "/", ginette.token);
	assert_http_error(r, 405, "UNIMPLEMENTED");
	assert_string_equal(http_header(&r, "allow"), "PUT");
	http_response_free(&r);
}

TEST(a_deleted_message_waits_for_nobody)
{
	struct e2e_account me = e2e_register(&server, "eraser");
	int64_t            id = chat_open(&server, me.token, roger.id), ids[3];

	for (size_t i = 0; i < 2; i++)
		ids[i] = chat_send(&server, me.token, id, "m");
	assert_int_equal(chat_read(&server, roger.token, id), 2);
	ids[2] = chat_send(&server, me.token, id, "m");
	chat_send(&server, roger.token, id, "r");
	assert_answer(talk_ask(&server, "DELETE", ids[0], "", me.token, NULL), 204, NULL);
	assert_int_equal(chat_unread(&server, roger.token, id), 1);
	assert_int_equal(chat_unread(&server, me.token, id), 1);
	assert_answer(talk_ask(&server, "DELETE", ids[2], "", me.token, NULL), 204, NULL);
	assert_int_equal(chat_unread(&server, roger.token, id), 0);
	assert_int_equal(chat_read(&server, roger.token, id), 0);
	assert_int_equal(chat_unread(&server, me.token, id), 1);
}

/* ---- at once ---- */

/* What is read while others write is neither lost nor counted twice. */
TEST(what_is_read_and_what_waits_add_up)
{
	enum { WRITTEN = 60, READINGS = 12, DELETED = 6, N = WRITTEN + READINGS };
	static struct http_pending pending[N];
	struct e2e_account         me = e2e_register(&server, "sender");
	struct e2e_account         you = e2e_register(&server, "receiver");
	int64_t                    id = chat_open(&server, me.token, you.id);
	int64_t                    read = 0, waiting;
	char                       body[96], path[96], question[256];
	struct sql                 sql;

	snprintf(body, sizeof body, "{\"conversation_id\":%" PRId64 ",\"message\":\"x\"}", id);
	snprintf(path, sizeof path, "/api/v1/chat/conversations/%" PRId64 "/read", id);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           i % 6 == 5 ? &(struct http_request){.method = "PUT",
		                                               .path = path,
		                                               .token = you.token}
		                      : &(struct http_request){.method = "POST",
		                                               .path = "/api/v1/chat/messages",
		                                               .token = me.token,
		                                               .body = body});
	for (size_t i = 0; i < N; i++) {
		struct http_response r = http_finish(&pending[i]);

		assert_http(r, i % 6 == 5 ? 200 : 201);
		if (i % 6 == 5)
			read += http_int(&r, "data.read");
		http_response_free(&r);
	}
	waiting = chat_unread(&server, you.token, id);
	assert_int_equal(read + waiting, WRITTEN);
	/* Each message says the same of itself. */
	sql_open(&sql, server.db_url);
	snprintf(question, sizeof question,
	         "SELECT count(*) FROM messages.messages AS m WHERE conversation_id = %" PRId64
	         " AND NOT EXISTS (SELECT FROM messages.reads AS r"
	         "   WHERE r.conversation_id = m.conversation_id AND r.account_id = m.to_account_id"
	         "     AND r.last_message_id >= m.id);",
	         id);
	assert_int_equal(sql_number(&sql, question), waiting);
	sql_close(&sql);
	assert_int_equal(chat_read(&server, you.token, id), waiting);
	assert_int_equal(chat_unread(&server, you.token, id), 0);
}

TEST(of_many_readings_one_counts)
{
	enum { N = 8, WRITTEN = 5 };
	static struct http_pending pending[N];
	struct e2e_account         me = e2e_register(&server, "patient");
	int64_t                    id = chat_open(&server, roger.token, me.id), read = 0;
	char                       path[96];
	size_t                     n_told = 0;

	for (size_t i = 0; i < WRITTEN; i++)
		chat_send(&server, roger.token, id, "x");
	snprintf(path, sizeof path, "/api/v1/chat/conversations/%" PRId64 "/", id);
	for (size_t i = 0; i < N; i++)
		http_start(
		        &pending[i], server.port,
		        &(struct http_request){.method = "PUT", .path = path, .token = me.token});
	for (size_t i = 0; i < N; i++) {
		struct http_response r = http_finish(&pending[i]);

		assert_http(r, 200);
		read += http_int(&r, "data.read");
		n_told += http_int(&r, "data.read") > 0;
		http_response_free(&r);
	}
	assert_int_equal(read, WRITTEN);
	assert_int_equal(n_told, 1);
}

/* ---- events ---- */

static json_t *told(int64_t id, size_t n)
{
	static char output[256 * 1024];
	char        count[16], topic[64], *line, *rest = output;
	json_t     *events = json_array();

	snprintf(count, sizeof count, "%zu", n);
	snprintf(topic, sizeof topic, "messages.conversation.%" PRId64, id);
	assert_int_equal(server_run((const char *[]){"canaduck", "sub", "--after", "0", "--count",
	                                             count, topic, NULL},
	                            &server, NULL, output, sizeof output),
	                 0);
	while ((line = strsep(&rest, "\n")))
		if (*line == '{')
			json_array_append_new(events, json_loads(line, 0, NULL));
	assert_int_equal(json_array_size(events), n);
	return events;
}

static const char *type_of(const json_t *event)
{
	return strrchr(json_string_value(json_object_get(event, "type")), '.') + 1;
}

TEST(who_read_is_told_once_with_what_was_read)
{
	struct e2e_account   me = e2e_register(&server, "teller");
	int64_t              id = chat_open(&server, me.token, ginette.id), last;
	json_t              *events, *payload;
	struct http_response r;

	chat_send(&server, me.token, id, "m0");
	chat_send(&server, me.token, id, "m1");
	assert_int_equal(chat_read(&server, ginette.token, id), 2);
	assert_int_equal(chat_read(&server, ginette.token, id), 0);
	assert_int_equal(chat_read(&server, me.token, id), 0);
	last = chat_send(&server, ginette.token, id, "g0");
	events = told(id, 5);
	assert_string_equal(type_of(json_array_get(events, 0)), "ConversationCreated");
	assert_string_equal(type_of(json_array_get(events, 3)), "ConversationRead");
	assert_string_equal(type_of(json_array_get(events, 4)), "MessageCreated");
	assert_true(json_is_false(json_object_get(json_array_get(events, 3), "public")));
	payload = json_object_get(json_array_get(events, 3), "payload");
	assert_int_equal(json_integer_value(json_object_get(payload, "conversation_id")), id);
	assert_int_equal(json_integer_value(json_object_get(payload, "reader_account_id")),
	                 ginette.id);
	assert_int_equal(json_integer_value(json_object_get(payload, "other_account_id")), me.id);
	assert_int_equal(json_integer_value(json_object_get(payload, "count")), 2);
	r = messages(me.token, id);
	assert_int_equal(http_int(&r, "data.0.id"), last);
	assert_int_equal(json_integer_value(json_object_get(payload, "last_message_id")),
	                 http_int(&r, "data.1.id"));
	assert_string_equal(json_string_value(json_object_get(payload, "time")),
	                    http_text(&r, "data.1.read_at"));
	http_response_free(&r);
	json_decref(events);
}

TEST_MAIN(start, stop)
