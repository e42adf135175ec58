#include "test/e2e/talk.h"

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

static struct http_response between(const char *token, const char *from, const char *to,
                                    const char *rest)
{
	return talk_list(&server, token, "/private?from=%s&to=%s%s", from, to, rest);
}

TEST(a_private_message_is_answered_whole)
{
	struct http_response r = http_post(server.port, "/msg", roger.token,
	                                   "{\"to\":\"@Marcel\",\"text\":\"psst\"}");

	assert_http(r, 201);
	assert_keys(r, "result", "from id pinned reactions text timestamp to");
	assert_json_text(r, "result.from", "roger");
	assert_json_text(r, "result.to", "marcel");
	assert_json_text(r, "result.text", "psst");
	http_response_free(&r);
}

TEST(both_directions_are_listed_newest_first_to_either)
{
	struct e2e_account ann = e2e_register(&server, "ann");
	struct e2e_account bob = e2e_register(&server, "bob");
	int64_t            ids[4];
	char               rest[64];

	assert_texts(between(ann.token, "ann", "bob", ""), "");
	ids[0] = talk_to(&server, ann.token, "bob", "m0");
	ids[1] = talk_to(&server, bob.token, "ann", "m1");
	ids[2] = talk_to(&server, bob.token, "@ANN", "m2");
	ids[3] = talk_to(&server, ann.token, "bob", "m3");
	assert_true(ids[0] < ids[1] && ids[1] < ids[2] && ids[2] < ids[3]);
	talk_to(&server, ann.token, "marcel", "elsewhere");
	assert_texts(between(ann.token, "ann", "bob", ""), "m3 m2 m1 m0");
	assert_texts(between(ann.token, "bob", "ann", ""), "m3 m2 m1 m0");
	assert_texts(between(bob.token, "@Ann", "BOB", ""), "m3 m2 m1 m0");
	assert_texts(between(bob.token, "ann", "bob", "&limit=2&offset=1"), "m2 m1");
	snprintf(rest, sizeof rest, "&before=%" PRId64, ids[2]);
	assert_texts(between(bob.token, "ann", "bob", rest), "m1 m0");
	snprintf(rest, sizeof rest, "&limit=1&after=%" PRId64, ids[0]);
	assert_texts(between(bob.token, "ann", "bob", rest), "m1");
	assert_texts(between(ann.token, "ann", "ann", ""), "");
}

TEST(a_pair_has_one_conversation_whoever_writes_first)
{
	enum { N = 16 };
	static struct http_pending pending[N];
	struct e2e_account         ada = e2e_register(&server, "ada");
	struct e2e_account         eve = e2e_register(&server, "eve");
	struct sql                 sql;
	char                       question[160];

	for (size_t i = 0; i < N; i++)
		http_start(
		        &pending[i], server.port,
		        &(struct http_request){.method = "POST",
		                               .path = "/msg",
		                               .token = i % 2 ? ada.token : eve.token,
		                               .body = i % 2 ? "{\"to\":\"eve\",\"text\":\"x\"}"
		                                             : "{\"to\":\"ada\",\"text\":\"x\"}"});
	for (size_t i = 0; i < N; i++)
		assert_answer(http_finish(&pending[i]), 201, NULL);
	snprintf(question, sizeof question,
	         "SELECT count(*) FROM messages.conversations WHERE low_account_id = %" PRId64
	         " AND high_account_id = %" PRId64 ";",
	         ada.id, eve.id);
	sql_open(&sql, server.db_url);
	assert_int_equal(sql_number(&sql, question), 1);
	sql_close(&sql);
	{
		struct http_response r = between(ada.token, "ada", "eve", "");

		assert_int_equal(json_array_size(http_json(&r, "result")), N);
		http_response_free(&r);
	}
}

TEST(who_may_read_private_messages_is_one_of_the_two)
{
	struct e2e_session admin;

	talk_to(&server, roger.token, "ginette", "secret");
	assert_answer(between(marcel.token, "roger", "ginette", ""), 403, "PERMISSION_DENIED");
	assert_answer(between(NULL, "roger", "ginette", ""), 401, "UNAUTHENTICATED");
	assert_answer(between(roger.token, "roger", "nobody", ""), 404, "NOT_FOUND");
	assert_answer(between(marcel.token, "roger", "nobody", ""), 404, "NOT_FOUND");
	e2e_register(&server, "chief");
	admin = e2e_login_as_admin(&server, "chief");
	assert_answer(between(admin.token, "roger", "ginette", ""), 403, "PERMISSION_DENIED");
	{
		struct http_response r = talk_list(&server, roger.token, "/private?limit=0");

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "from to limit");
		http_response_free(&r);
	}
}

TEST(what_a_request_to_write_must_name_is_said)
{
	static char long_text[2002];
	static const struct {
		const char *body;
		long        status;
		const char *details;
	} cases[] = {
	        {"{\"to\":\"ginette\"}", 422, "text"},
	        {"{\"to\":\"ginette\",\"channel\":\"x\",\"text\":\"a\"}", 422, "to"},
	        {"{\"to\":\"\",\"text\":\"a\"}", 422, "channel"},
	        {"{\"to\":\"roger\",\"text\":\"a\"}", 422, "to"},
	        {"{\"to\":\"nobody-at-all\",\"text\":\"a\"}", 404, ""},
	        {"{\"to\":\"deleted\",\"text\":\"a\"}", 404, ""},
	        {"{\"to\":\"a b\",\"text\":\"a\"}", 404, ""},
	        {"{\"to\":5,\"text\":\"a\"}", 400, "to"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_post(server.port, "/msg", roger.token, cases[i].body);

		if (r.status != cases[i].status)
			print_error("%s:\n", cases[i].body);
		assert_http(r, cases[i].status);
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
	for (size_t i = 0; i < 1000; i++)
		memcpy(long_text + 2 * i, "\xc3\xa9", 3);
	talk_to(&server, roger.token, "ginette", long_text);
	memcpy(long_text + 2000, "x", 2);
	{
		struct http_response r =
		        http_postf(server.port, "/msg", roger.token,
		                   "{\"to\":\"ginette\",\"text\":\"%s\"}", long_text);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "text");
		http_response_free(&r);
	}
}

TEST(an_answer_stays_in_its_conversation)
{
	int64_t asked = talk_to(&server, roger.token, "ginette", "well");
	int64_t other = talk_to(&server, ginette.token, "marcel", "hidden");
	int64_t mine = talk_to(&server, roger.token, "marcel", "mine");
	const struct {
		int64_t     reply_to;
		long        status;
		const char *details;
	} cases[] = {{asked, 201, ""}, {other, 404, ""}, {mine, 422, "reply_to"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        http_postf(server.port, "/msg", roger.token,
		                   "{\"to\":\"ginette\",\"text\":\"yes\",\"reply_to\":%" PRId64 "}",
		                   cases[i].reply_to);

		assert_http(r, cases[i].status);
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
	assert_texts(talk_list(&server, ginette.token, "/thread/%" PRId64, asked), "yes");
	assert_answer(talk_list(&server, marcel.token, "/thread/%" PRId64, asked), 404,
	              "NOT_FOUND");
	assert_answer(talk_list(&server, NULL, "/thread/%" PRId64, asked), 404, "NOT_FOUND");
}

TEST(to_others_a_private_message_is_not_there)
{
	int64_t            id = talk_to(&server, roger.token, "ginette", "private matter");
	struct e2e_session admin;
	const char        *tokens[2];

	e2e_register(&server, "boss");
	admin = e2e_login_as_admin(&server, "boss");
	tokens[0] = marcel.token;
	tokens[1] = admin.token;
	for (size_t i = 0; i < 2; i++) {
		const char *token = tokens[i];

		assert_answer(talk_ask(&server, "PUT", id, "", token, "{\"text\":\"x\"}"), 404,
		              "NOT_FOUND");
		assert_answer(talk_ask(&server, "DELETE", id, "", token, NULL), 404, "NOT_FOUND");
		assert_answer(talk_ask(&server, "POST", id, "/pin", token, NULL), 404, "NOT_FOUND");
		assert_answer(talk_ask(&server, "GET", id, "/history", token, NULL), 404,
		              "NOT_FOUND");
		assert_answer(talk_react(&server, "POST", token, id, "x"), 404, "NOT_FOUND");
		assert_texts(talk_list(&server, token, "/search?q=private+matter"), "");
	}
	/* The other one of the two may react and read, but not change it. */
	assert_answer(talk_react(&server, "POST", ginette.token, id, "x"), 200, NULL);
	assert_answer(talk_ask(&server, "PUT", id, "", ginette.token, "{\"text\":\"x\"}"), 403,
	              "PERMISSION_DENIED");
	assert_answer(talk_ask(&server, "DELETE", id, "", ginette.token, NULL), 403,
	              "PERMISSION_DENIED");
	assert_answer(talk_ask(&server, "POST", id, "/pin", roger.token, NULL), 403,
	              "PERMISSION_DENIED");
	assert_answer(talk_ask(&server, "GET", id, "/history", ginette.token, NULL), 403,
	              "PERMISSION_DENIED");
	assert_texts(talk_list(&server, ginette.token, "/search?q=private+matter"),
	             "private matter");
	assert_answer(talk_ask(&server, "DELETE", id, "", roger.token, NULL), 204, NULL);
}

TEST(an_edited_private_message_keeps_its_bound)
{
	static char  text[1002], body[1100];
	int64_t      id = talk_to(&server, roger.token, "ginette", "short");
	const size_t lengths[] = {1001, 1000};

	for (size_t i = 0; i < 2; i++) {
		memset(text, 'a', lengths[i]);
		text[lengths[i]] = '\0';
		snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
		assert_answer(talk_ask(&server, "PUT", id, "", roger.token, body), i ? 200 : 422,
		              i ? NULL : "INVALID_ARGUMENT");
	}
}

static bool is_shown_as_deleted(int64_t id)
{
	struct http_response r = talk_list(&server, ginette.token, "/search?q=farewell");
	bool                 is_deleted = strcmp(http_text(&r, "result.0.from"), "deleted") == 0;

	assert_int_equal(http_int(&r, "result.0.id"), id);
	http_response_free(&r);
	return is_deleted;
}

TEST(what_somebody_wrote_stays_when_the_account_goes)
{
	struct e2e_account goner = e2e_register(&server, "goner");
	int64_t            id = talk_to(&server, goner.token, "ginette", "farewell");
	char               path[64];

	snprintf(path, sizeof path, "/user/%s", goner.pseudo);
	assert_answer(e2e_ask(&server, "DELETE", path, goner.token, "%s", ""), 204, NULL);
	assert_soon(is_shown_as_deleted(id));
	assert_answer(http_post(server.port, "/msg", ginette.token,
	                        "{\"to\":\"goner\",\"text\":\"come back\"}"),
	              404, "NOT_FOUND");
}

TEST(a_hundred_private_messages_a_minute_and_no_more)
{
	enum { N = 120 };
	static struct http_pending pending[N];
	struct e2e_account         busy = e2e_register(&server, "busy");
	struct http_response       r;
	struct sql                 sql;
	char                       statement[160];
	size_t                     n_sent = 0, n_refused = 0;

	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "POST",
		                                  .path = "/msg",
		                                  .token = busy.token,
		                                  .body = "{\"to\":\"marcel\",\"text\":\"x\"}"});
	for (size_t i = 0; i < N; i++) {
		r = http_finish(&pending[i]);
		n_sent += r.status == 201;
		n_refused += r.status == 429;
		http_response_free(&r);
	}
	assert_int_equal(n_sent, 100);
	assert_int_equal(n_refused, N - 100);
	r = http_post(server.port, "/msg", busy.token, "{\"to\":\"roger\",\"text\":\"x\"}");
	assert_http_error(r, 429, "RESOURCE_EXHAUSTED");
	assert_in_range(strtol(http_header(&r, "retry-after"), NULL, 10), 1, 60);
	assert_string_equal(http_header(&r, "ratelimit-limit"), "100");
	http_response_free(&r);
	/* To a channel is another matter, and so are other people. */
	e2e_create_channel(&server, busy.token, "aside", false);
	e2e_send(&server, busy.token, "aside", "still here");
	talk_to(&server, marcel.token, "busy", "hush");
	/* A minute later. */
	sql_open(&sql, server.db_url);
	snprintf(statement, sizeof statement,
	         "UPDATE messages.throttles SET times[1] = times[1] - interval '1 minute'"
	         " WHERE account_id = %" PRId64 ";",
	         busy.id);
	sql_run(&sql, statement);
	sql_close(&sql);
	talk_to(&server, busy.token, "roger", "one more");
	assert_answer(
	        http_post(server.port, "/msg", busy.token, "{\"to\":\"roger\",\"text\":\"x\"}"),
	        429, "RESOURCE_EXHAUSTED");
}

/* Else two of them who come back at once could wait for each other. */
TEST(who_waits_to_write_holds_nobody_else_up)
{
	struct e2e_account  early = e2e_register(&server, "early");
	struct e2e_account  late = e2e_register(&server, "late");
	struct http_pending pending;
	struct sql          holder;
	char                statements[320];

	talk_to(&server, early.token, "roger", "x");
	talk_to(&server, late.token, "ginette", "x");
	sql_open(&holder, server.db_url);
	/* What late wrote is over: whoever writes next takes it away. */
	snprintf(statements, sizeof statements,
	         "UPDATE messages.throttles SET expire_time = 'epoch' WHERE account_id = %lld;"
	         " BEGIN; SELECT FROM messages.throttles WHERE account_id = %lld FOR UPDATE;",
	         (long long)late.id, (long long)early.id);
	sql_run(&holder, statements);
	http_start(&pending, server.port,
	           &(struct http_request){.method = "POST",
	                                  .path = "/msg",
	                                  .token = early.token,
	                                  .body = "{\"to\":\"roger\",\"text\":\"x\"}"});
	sql_await_waiting(server.db_url, 1);
	talk_to(&server, late.token, "ginette", "x");
	sql_let_go(&holder, server.db_url, 1);
	assert_answer(http_finish(&pending), 201, NULL);
	sql_close(&holder);
}

TEST_MAIN(start, stop)
