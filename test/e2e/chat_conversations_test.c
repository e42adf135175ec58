#include "test/e2e/chat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

static struct http_response create(const char *token, const char *body)
{
	return chat_ask(&server, "POST", "/conversations", token, body);
}

static struct http_response list(const char *token, const char *query)
{
	char rest[128];

	snprintf(rest, sizeof rest, "/conversations%s", query);
	return chat_ask(&server, "GET", rest, token, NULL);
}

/* ---- beginning ---- */

TEST(a_conversation_is_begun_once_by_either)
{
	struct e2e_account   ann = e2e_register(&server, "ann"), bob = e2e_register(&server, "bob");
	char                 to_ann[64], to_bob[64], expected[64];
	struct http_response r;
	int64_t              id;

	snprintf(to_ann, sizeof to_ann, "{\"user_id\":%" PRId64 "}", ann.id);
	snprintf(to_bob, sizeof to_bob, "{\"userId\":\"%" PRId64 "\"}", bob.id);
	r = create(ann.token, to_bob);
	assert_http(r, 201);
	assert_json(r, "success", "true");
	assert_keys(r, "data", "created_at id other_user unread_count user1_id user2_id");
	assert_time(r, "data.created_at");
	assert_int_equal(http_int(&r, "data.user1_id"), ann.id);
	assert_int_equal(http_int(&r, "data.user2_id"), bob.id);
	assert_int_equal(http_int(&r, "data.unread_count"), 0);
	snprintf(expected, sizeof expected, "{\"id\":%" PRId64 ",\"pseudo\":\"bob\"}", bob.id);
	assert_json(r, "data.other_user", expected);
	id = http_int(&r, "data.id");
	http_response_free(&r);

	r = create(ann.token, to_bob);
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "data.id"), id);
	http_response_free(&r);
	r = create(bob.token, to_ann);
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "data.id"), id);
	assert_json_text(r, "data.other_user.pseudo", "ann");
	http_response_free(&r);
}

TEST(whom_nobody_can_talk_to_is_said)
{
	char self[64];
	const struct {
		const char *body;
		long        status;
		const char *code, *details;
	} cases[] = {
	        {self, 422, "INVALID_ARGUMENT", "user_id"},
	        {"{}", 422, "INVALID_ARGUMENT", "user_id"},
	        {"{\"user_id\":0}", 422, "INVALID_ARGUMENT", "user_id"},
	        {"{\"user_id\":-1}", 422, "INVALID_ARGUMENT", "user_id"},
	        {"{\"user_id\":\"x\"}", 400, "INVALID_ARGUMENT", "user_id"},
	        {"{", 400, "INVALID_ARGUMENT", ""},
	        {"{\"user_id\":4503599627370496}", 404, "NOT_FOUND", ""},
	};

	snprintf(self, sizeof self, "{\"user_id\":%" PRId64 "}", roger.id);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = create(roger.token, cases[i].body);

		if (r.status != cases[i].status)
			print_error("%s:\n", cases[i].body);
		assert_http_error(r, cases[i].status, cases[i].code);
		assert_json(r, "success", "false");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

TEST(of_many_who_begin_at_once_one_does)
{
	enum { N = 16 };
	static struct http_pending pending[N];
	struct http_response       answers[N];
	struct e2e_account a = e2e_register(&server, "ada"), b = e2e_register(&server, "eve");
	char               to_a[64], to_b[64];

	snprintf(to_a, sizeof to_a, "{\"user_id\":%" PRId64 "}", a.id);
	snprintf(to_b, sizeof to_b, "{\"user_id\":%" PRId64 "}", b.id);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "POST",
		                                  .path = "/api/v1/chat/conversations",
		                                  .token = i % 2 ? a.token : b.token,
		                                  .body = i % 2 ? to_b : to_a});
	for (size_t i = 0; i < N; i++)
		answers[i] = http_finish(&pending[i]);
	assert_int_equal(e2e_count(answers, N, 201), 1);
	assert_int_equal(e2e_count(answers, N, 200), N - 1);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(http_int(&answers[i], "data.id"),
		                 http_int(&answers[0], "data.id"));
		if (i > 0)
			http_response_free(&answers[i]);
	}
	http_response_free(&answers[0]);
}

/* ---- looking ---- */

TEST(the_list_has_the_latest_first_and_what_was_said_last)
{
	struct e2e_account   me = e2e_register(&server, "lister");
	int64_t              ids[3];
	char                 expected[64], query[64];
	struct http_response r;

	assert_listed(list(me.token, ""), "id", "");
	ids[0] = chat_open(&server, me.token, roger.id);
	ids[1] = chat_open(&server, me.token, ginette.id);
	ids[2] = chat_open(&server, marcel.token, me.id);
	snprintf(expected, sizeof expected, "%" PRId64 " %" PRId64 " %" PRId64, ids[2], ids[1],
	         ids[0]);
	assert_listed(list(me.token, ""), "id", expected);
	chat_send(&server, me.token, ids[0], "mine");
	chat_send(&server, ginette.token, ids[1], "one");
	chat_send(&server, ginette.token, ids[1], "two");
	r = list(me.token, "");
	assert_http(r, 200);
	assert_json(r, "success", "true");
	assert_string_equal(chat_list(&r, "last_message_content"), "two mine -");
	assert_string_equal(chat_list(&r, "unread_count"), "2 0 0");
	assert_keys(r, "data.0",
	            "created_at id last_message_at last_message_content other_user unread_count "
	            "user1_id user2_id");
	assert_time(r, "data.0.last_message_at");
	assert_json_text(r, "data.0.other_user.pseudo", "ginette");
	assert_json_text(r, "data.2.other_user.pseudo", "marcel");
	http_response_free(&r);
	/* Another door, the same conversation. */
	talk_to(&server, roger.token, "lister", "back");
	assert_listed(list(me.token, ""), "last_message_content", "back two -");

	snprintf(expected, sizeof expected, "%" PRId64, ids[1]);
	assert_listed(list(me.token, "?limit=1&offset=1"), "id", expected);
	snprintf(query, sizeof query, "?before=%" PRId64, ids[0]);
	snprintf(expected, sizeof expected, "%" PRId64 " %" PRId64, ids[1], ids[2]);
	assert_listed(list(me.token, query), "id", expected);
	snprintf(query, sizeof query, "?limit=1&before=%" PRId64, ids[1]);
	snprintf(expected, sizeof expected, "%" PRId64, ids[2]);
	assert_listed(list(me.token, query), "id", expected);
	/* A place in another's list says nothing. */
	snprintf(query, sizeof query, "?before=%" PRId64,
	         chat_open(&server, roger.token, ginette.id));
	assert_listed(list(me.token, query), "id", "");
	assert_refused(list(me.token, "?limit=201"), 422, "INVALID_ARGUMENT");
	assert_refused(list(me.token, "?limit=0"), 422, "INVALID_ARGUMENT");
	assert_refused(list(me.token, "?offset=x"), 400, "INVALID_ARGUMENT");
}

TEST(a_conversation_is_shown_to_its_two_only)
{
	int64_t id = chat_open(&server, roger.token, ginette.id);

	for (size_t i = 0; i < 2; i++) {
		struct http_response r =
		        chat_about(&server, "GET", id, "", i ? ginette.token : roger.token);

		assert_http(r, 200);
		assert_int_equal(http_int(&r, "data.id"), id);
		assert_json_text(r, "data.other_user.pseudo", i ? "roger" : "ginette");
		http_response_free(&r);
	}
	assert_refused(chat_about(&server, "GET", id, "", marcel.token), 403, "PERMISSION_DENIED");
	assert_refused(chat_about(&server, "GET", id, "", NULL), 401, "UNAUTHENTICATED");
	assert_refused(chat_about(&server, "GET", INT64_C(1) << 52, "", marcel.token), 404,
	               "NOT_FOUND");
	assert_refused(chat_ask(&server, "GET", "/conversations/x", marcel.token, NULL), 400,
	               "INVALID_ARGUMENT");
	assert_refused(chat_ask(&server, "GET", "/conversations/0", marcel.token, NULL), 422,
	               "INVALID_ARGUMENT");
}

TEST(an_administrator_sees_no_conversation_of_others)
{
	int64_t            id = chat_open(&server, roger.token, ginette.id);
	struct e2e_session admin;

	e2e_register(&server, "chief");
	admin = e2e_login_as_admin(&server, "chief");
	assert_refused(chat_about(&server, "GET", id, "", admin.token), 403, "PERMISSION_DENIED");
	assert_refused(chat_about(&server, "GET", id, "/messages", admin.token), 403,
	               "PERMISSION_DENIED");
	assert_listed(list(admin.token, ""), "id", "");
}

/* At the path of what a request is answered with stands this text. */
static bool shows(struct http_response r, const char *path, const char *text)
{
	bool is_there;

	assert_http(r, 200);
	is_there = strcmp(http_text(&r, path), text) == 0;
	http_response_free(&r);
	return is_there;
}

TEST(a_picture_is_shown_and_in_lists_only_when_it_is_a_link)
{
	static const char  pixel[] = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
	struct e2e_account me = e2e_register(&server, "viewer");
	struct e2e_account other = e2e_register(&server, "picture");
	int64_t            id = chat_open(&server, me.token, other.id);

	assert_answer(e2e_ask(&server, "PATCH", "/users/me", other.token,
	                      "{\"profile_picture\":\"https://example.org/p.png\"}"),
	              200, NULL);
	assert_soon(shows(chat_about(&server, "GET", id, "", me.token),
	                  "data.other_user.profile_picture", "https://example.org/p.png"));
	assert_true(shows(list(me.token, ""), "data.0.other_user.profile_picture",
	                  "https://example.org/p.png"));
	assert_answer(e2e_ask(&server, "PATCH", "/users/me", other.token,
	                      "{\"profile_picture\":\"%s\"}", pixel),
	              200, NULL);
	assert_soon(shows(chat_about(&server, "GET", id, "", me.token),
	                  "data.other_user.profile_picture", pixel));
	assert_true(shows(list(me.token, ""), "data.0.other_user.profile_picture", ""));
}

TEST(what_was_said_last_goes_back_when_it_is_deleted)
{
	struct e2e_account   me = e2e_register(&server, "eraser");
	int64_t              id = chat_open(&server, me.token, roger.id);
	int64_t              first = chat_send(&server, me.token, id, "first");
	int64_t              second = chat_send(&server, me.token, id, "second");
	struct http_response r;

	assert_answer(talk_ask(&server, "PUT", second, "", me.token, "{\"text\":\"edited\"}"), 200,
	              NULL);
	assert_listed(list(me.token, ""), "last_message_content", "edited");
	assert_answer(talk_ask(&server, "DELETE", second, "", me.token, NULL), 204, NULL);
	assert_listed(list(me.token, ""), "last_message_content", "first");
	assert_int_equal(chat_unread(&server, roger.token, id), 1);
	assert_answer(talk_ask(&server, "DELETE", first, "", me.token, NULL), 204, NULL);
	r = list(me.token, "");
	assert_keys(r, "data.0", "created_at id other_user unread_count user1_id user2_id");
	http_response_free(&r);
	assert_int_equal(chat_unread(&server, roger.token, id), 0);
}

/* ---- people who go ---- */

TEST(a_conversation_stays_when_the_other_one_goes)
{
	struct e2e_account   me = e2e_register(&server, "stayer");
	struct e2e_account   goner = e2e_register(&server, "goner");
	struct e2e_account   stranger = e2e_register(&server, "stranger");
	int64_t              id = chat_open(&server, me.token, goner.id);
	char                 expected[96], body[64];
	struct http_response r;

	chat_send(&server, goner.token, id, "farewell");
	assert_answer(e2e_ask(&server, "DELETE", "/user/goner", goner.token, "%s", ""), 204, NULL);
	assert_soon(shows(chat_about(&server, "GET", id, "", me.token), "data.other_user.pseudo",
	                  "deleted"));
	snprintf(expected, sizeof expected, "{\"id\":%" PRId64 ",\"pseudo\":\"deleted\"}",
	         goner.id);
	r = list(me.token, "");
	assert_json(r, "data.0.other_user", expected);
	assert_json_text(r, "data.0.last_message_content", "farewell");
	http_response_free(&r);
	assert_listed(chat_about(&server, "GET", id, "/messages", me.token), "msg", "farewell");
	assert_int_equal(chat_read(&server, me.token, id), 1);
	assert_refused(chat_write(&server, me.token, id, "come back"), 404, "NOT_FOUND");
	snprintf(body, sizeof body, "{\"user_id\":%" PRId64 "}", goner.id);
	assert_answer(create(me.token, body), 200, NULL);
	assert_refused(create(stranger.token, body), 404, "NOT_FOUND");
}

TEST_MAIN(start, stop)
