#include "test/e2e/talk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct server      server;
static struct e2e_account owner, guest, outsider;
static struct e2e_session admin;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	owner = e2e_register(&server, "owner");
	guest = e2e_register(&server, "guest");
	outsider = e2e_register(&server, "outsider");
	e2e_register(&server, "admin");
	admin = e2e_login_as_admin(&server, "admin");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* A channel of the owner's with the guest in it. */
static void open_room(const char *name)
{
	e2e_create_channel(&server, owner.token, name, false);
	e2e_join(&server, guest.token, name);
}

static struct http_response edit(const char *token, int64_t id, const char *text)
{
	char body[256];

	snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
	return talk_ask(&server, "PUT", id, "", token, body);
}

/* ---- editing ---- */

TEST(an_edit_changes_the_text_and_keeps_the_rest)
{
	struct http_response r;
	int64_t              id, answer;

	open_room("edits");
	id = e2e_send(&server, guest.token, "edits", "first");
	answer = talk_reply(&server, guest.token, "edits", id, "answer");
	assert_answer(talk_react(&server, "POST", owner.token, answer, "x"), 200, NULL);
	r = edit(guest.token, answer, "changed");
	assert_http(r, 200);
	assert_keys(r, "result",
	            "channel edited_at from id pinned reactions reply_to text timestamp");
	assert_json_text(r, "result.text", "changed");
	assert_json_text(r, "result.from", "guest");
	assert_json(r, "result.reactions", "{\"x\":[\"owner\"]}");
	assert_int_equal(http_int(&r, "result.reply_to"), id);
	assert_time(r, "result.edited_at");
	assert_true(strcmp(http_text(&r, "result.edited_at"), http_text(&r, "result.timestamp")) >
	            0);
	{
		struct http_response list = talk_list(&server, NULL, "?channel=edits");

		assert_true(json_equal(http_json(&r, "result"), http_json(&list, "result.0")));
		http_response_free(&list);
	}
	http_response_free(&r);
	/* The same text once more is no edit. */
	r = edit(guest.token, id, "first");
	assert_http(r, 200);
	assert_null(http_json(&r, "result.edited_at"));
	http_response_free(&r);
	/* A number in the body does not change which message it is about. */
	{
		char body[128];

		snprintf(body, sizeof body, "{\"text\":\"again\",\"from\":\"owner\"}");
		r = talk_ask(&server, "PUT", id, "", guest.token, body);
		assert_http(r, 200);
		assert_json_text(r, "result.from", "guest");
		http_response_free(&r);
	}
}

TEST(only_its_author_edits_a_message)
{
	const struct {
		const char *token, *text;
		long        status;
	} cases[] = {
	        {owner.token, "x", 403}, {admin.token, "x", 403}, {outsider.token, "x", 403},
	        {NULL, "x", 401},        {guest.token, "", 422},  {guest.token, "ok", 200},
	};
	int64_t id;

	open_room("authors");
	id = e2e_send(&server, guest.token, "authors", "mine");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_answer(edit(cases[i].token, id, cases[i].text), cases[i].status, NULL);
	assert_answer(edit(guest.token, id + 1000000, "x"), 404, "NOT_FOUND");
	assert_answer(http_ask(server.port, &(struct http_request){.method = "PUT",
	                                                           .path = "/msg/x",
	                                                           .token = guest.token,
	                                                           .body = "{}"}),
	              400, "INVALID_ARGUMENT");
}

TEST(earlier_texts_are_kept_for_author_and_moderators)
{
	const struct {
		const char *token;
		long        status;
	} cases[] = {{guest.token, 200},
	             {owner.token, 200},
	             {admin.token, 200},
	             {outsider.token, 403},
	             {NULL, 401}};
	struct http_response r;
	int64_t              id;

	open_room("history");
	id = e2e_send(&server, guest.token, "history", "one");
	r = talk_ask(&server, "GET", id, "/history", guest.token, NULL);
	assert_http(r, 200);
	assert_json(r, "result", "[]");
	http_response_free(&r);
	assert_answer(edit(guest.token, id, "two"), 200, NULL);
	assert_answer(edit(guest.token, id, "three"), 200, NULL);
	assert_answer(edit(guest.token, id, "four"), 200, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		r = talk_ask(&server, "GET", id, "/history", cases[i].token, NULL);
		assert_http(r, cases[i].status);
		if (cases[i].status == 200) {
			assert_string_equal(talk_texts(&r), "one two three");
			assert_keys(r, "result.0", "text timestamp");
			assert_time(r, "result.2.timestamp");
		}
		http_response_free(&r);
	}
	assert_texts(talk_ask(&server, "GET", id, "/history?limit=1&offset=1", guest.token, NULL),
	             "two");
	assert_texts(talk_list(&server, NULL, "?channel=history"), "four");
}

/* ---- deleting ---- */

TEST(author_owner_and_admin_delete_and_nobody_else)
{
	const struct {
		const char *token;
		long        status;
	} cases[] = {{guest.token, 204},
	             {owner.token, 204},
	             {admin.token, 204},
	             {outsider.token, 403},
	             {NULL, 401}};

	open_room("deletes");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t              id = e2e_send(&server, guest.token, "deletes", "x");
		struct http_response r = talk_ask(&server, "DELETE", id, "", cases[i].token, NULL);

		assert_http(r, cases[i].status);
		if (cases[i].status == 204)
			assert_int_equal(r.body_len, 0);
		http_response_free(&r);
		assert_answer(talk_ask(&server, "DELETE", id, "", guest.token, NULL),
		              cases[i].status == 204 ? 404 : 204, NULL);
	}
	assert_texts(talk_list(&server, NULL, "?channel=deletes"), "");
}

TEST(answers_stay_when_what_they_answer_goes)
{
	struct http_response r;
	int64_t              id, answer;

	open_room("orphans");
	id = e2e_send(&server, guest.token, "orphans", "asked");
	answer = talk_reply(&server, owner.token, "orphans", id, "answered");
	assert_answer(talk_ask(&server, "DELETE", id, "", guest.token, NULL), 204, NULL);
	r = talk_list(&server, NULL, "?channel=orphans");
	assert_string_equal(talk_texts(&r), "answered");
	assert_int_equal(http_int(&r, "result.0.reply_to"), id);
	http_response_free(&r);
	assert_texts(talk_list(&server, NULL, "/thread/%" PRId64, id), "answered");
	assert_answer(
	        http_postf(server.port, "/msg", owner.token,
	                   "{\"channel\":\"orphans\",\"text\":\"x\",\"reply_to\":%" PRId64 "}", id),
	        404, "NOT_FOUND");
	assert_answer(talk_ask(&server, "DELETE", answer, "", owner.token, NULL), 204, NULL);
	assert_answer(talk_list(&server, NULL, "/thread/%" PRId64, id), 404, "NOT_FOUND");
}

/* ---- threads ---- */

TEST(a_thread_is_what_answers_a_message_oldest_first)
{
	struct http_response r;
	char                 name[16];
	int64_t              id, ids[5];

	open_room("threads");
	id = e2e_send(&server, guest.token, "threads", "root");
	assert_texts(talk_list(&server, NULL, "/thread/%" PRId64, id), "");
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof name, "r%d", i);
		ids[i] = talk_reply(&server, guest.token, "threads", id, name);
	}
	talk_reply(&server, guest.token, "threads", ids[1], "deeper");
	e2e_send(&server, guest.token, "threads", "aside");
	assert_texts(talk_list(&server, NULL, "/thread/%" PRId64, id), "r0 r1 r2 r3 r4");
	assert_texts(talk_list(&server, NULL, "/thread/%" PRId64 "?limit=2&offset=1", id), "r1 r2");
	assert_texts(
	        talk_list(&server, NULL, "/thread/%" PRId64 "?limit=2&after=%" PRId64, id, ids[1]),
	        "r2 r3");
	assert_texts(
	        talk_list(&server, NULL, "/thread/%" PRId64 "?limit=2&before=%" PRId64, id, ids[3]),
	        "r1 r2");
	assert_texts(talk_list(&server, NULL,
	                       "/thread/%" PRId64 "?after=%" PRId64 "&before=%" PRId64, id, ids[0],
	                       ids[3]),
	             "r1 r2");
	assert_texts(talk_list(&server, NULL, "/thread/%" PRId64, ids[1]), "deeper");
	assert_answer(talk_list(&server, NULL, "/thread/%" PRId64, ids[4] + 1000000), 404,
	              "NOT_FOUND");
	r = talk_list(&server, NULL, "/thread/%" PRId64 "?limit=0", id);
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "limit");
	http_response_free(&r);
	assert_answer(talk_list(&server, NULL, "/thread/x"), 400, "INVALID_ARGUMENT");
}

/* ---- pins ---- */

TEST(owner_and_admin_pin_and_nobody_else)
{
	const struct {
		const char *token;
		long        status;
	} cases[] = {{guest.token, 403},
	             {outsider.token, 403},
	             {NULL, 401},
	             {admin.token, 200},
	             {owner.token, 200}};
	int64_t first, second;

	open_room("pins");
	first = e2e_send(&server, guest.token, "pins", "first");
	second = e2e_send(&server, guest.token, "pins", "second");
	e2e_send(&server, guest.token, "pins", "third");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        talk_ask(&server, "POST", first, "/pin", cases[i].token, NULL);

		assert_http(r, cases[i].status);
		if (cases[i].status == 200)
			assert_json(r, "result.pinned", "true");
		http_response_free(&r);
	}
	assert_texts(talk_list(&server, NULL, "/pinned?channel=pins"), "first");
	assert_answer(talk_ask(&server, "POST", second, "/pin", owner.token, NULL), 200, NULL);
	assert_texts(talk_list(&server, NULL, "/pinned?channel=%%23PINS"), "second first");
	assert_texts(talk_list(&server, NULL, "/pinned?channel=pins&limit=1&offset=1"), "first");
	assert_texts(talk_list(&server, NULL, "/pinned?channel=pins&after=%" PRId64, first),
	             "second");
	assert_answer(talk_ask(&server, "DELETE", second, "/pin", guest.token, NULL), 403,
	              "PERMISSION_DENIED");
	for (int i = 0; i < 2; i++) {
		struct http_response r =
		        talk_ask(&server, "DELETE", second, "/pin", owner.token, NULL);

		assert_http(r, 200);
		assert_json(r, "result.pinned", "false");
		http_response_free(&r);
	}
	assert_texts(talk_list(&server, NULL, "/pinned?channel=pins"), "first");
	assert_answer(talk_list(&server, NULL, "/pinned"), 422, "INVALID_ARGUMENT");
	assert_answer(talk_list(&server, NULL, "/pinned?channel=none"), 404, "NOT_FOUND");
}

/* ---- what is hidden ---- */

TEST(in_a_private_channel_nothing_is_there_for_others)
{
	const char *const tokens[] = {outsider.token, admin.token, NULL};
	int64_t           id, answer;

	e2e_create_channel(&server, owner.token, "vault", true);
	id = e2e_send(&server, owner.token, "vault", "gold");
	answer = talk_reply(&server, owner.token, "vault", id, "silver");
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		const char *token = tokens[i];

		assert_answer(edit(token, id, "x"), 404, "NOT_FOUND");
		assert_answer(edit(token, id, ""), 404, "NOT_FOUND");
		assert_answer(talk_react(&server, "POST", token, id, ""), 404, "NOT_FOUND");
		assert_answer(talk_list(&server, token, "?channel=vault&limit=0"), 404,
		              "NOT_FOUND");
		assert_answer(talk_list(&server, token, "/search?q=g&channel=vault"), 404,
		              "NOT_FOUND");
		assert_answer(http_post(server.port, "/msg", token, "{\"channel\":\"vault\"}"), 404,
		              "NOT_FOUND");
		assert_answer(talk_ask(&server, "DELETE", answer, "", token, NULL), 404,
		              "NOT_FOUND");
		assert_answer(talk_ask(&server, "POST", id, "/pin", token, NULL), 404, "NOT_FOUND");
		assert_answer(talk_ask(&server, "DELETE", id, "/pin", token, NULL), 404,
		              "NOT_FOUND");
		assert_answer(talk_ask(&server, "GET", id, "/history", token, NULL), 404,
		              "NOT_FOUND");
		assert_answer(talk_list(&server, token, "/thread/%" PRId64, id), 404, "NOT_FOUND");
		assert_answer(talk_list(&server, token, "/pinned?channel=vault"), 404, "NOT_FOUND");
		assert_answer(talk_list(&server, token, "?channel=vault"), 404, "NOT_FOUND");
		assert_texts(talk_list(&server, token, "/search?q=gold"), "");
		assert_answer(talk_list(&server, token, "/search?q=gold&channel=vault"), 404,
		              "NOT_FOUND");
	}
	assert_texts(talk_list(&server, owner.token, "/thread/%" PRId64, id), "silver");
}

TEST_MAIN(start, stop)
