#include "test/e2e/talk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* What a client asks for that was away, and what services ask for by number. */
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

static json_t *missed(const struct e2e_account *who, int64_t after, int limit)
{
	return talk_call_as(&server, who->id, "ListMissedMessages",
	                    "{\"after_message_id\":%" PRId64 ",\"limit\":%d}", after, limit);
}

/* The texts of an answer's messages, "a b c". */
static const char *texts_of(const json_t *answer)
{
	static char out[1024];
	size_t      len = 0, i;
	json_t     *m;

	out[0] = '\0';
	json_array_foreach(json_object_get(answer, "messages"), i, m)
	{
		json_t *inner = json_object_get(m, "message");
		json_t *text = inner ? json_object_get(inner, "msg") : json_object_get(m, "text");

		len += (size_t)snprintf(out + len, sizeof out - len, "%s%s", i ? " " : "",
		                        json_string_value(text));
	}
	return out;
}

#define assert_missed(who, after, limit, texts)                                                    \
	do {                                                                                       \
		json_t *answer_ = missed((who), (after), (limit));                                 \
		assert_string_equal(texts_of(answer_), (texts));                                   \
		json_decref(answer_);                                                              \
	} while (0)

TEST(what_was_missed_is_of_all_own_conversations_and_oldest_first)
{
	int64_t first = talk_to(&server, roger.token, "ginette", "m0");
	int64_t second = talk_to(&server, marcel.token, "roger", "m1");
	json_t *answer, *m;

	talk_to(&server, ginette.token, "marcel", "aside");
	talk_to(&server, roger.token, "marcel", "m2");
	talk_to(&server, ginette.token, "roger", "m3");
	e2e_create_channel(&server, roger.token, "elsewhere", false);
	e2e_send(&server, roger.token, "elsewhere", "public");
	assert_missed(&roger, first - 1, 0, "m0 m1 m2 m3");
	assert_missed(&roger, first, 2, "m1 m2");
	assert_missed(&roger, INT64_C(1) << 52, 0, "");
	assert_missed(&ginette, first - 1, 1000, "m0 aside m3");
	assert_answer(talk_react(&server, "POST", roger.token, second, "x"), 200, NULL);
	answer = missed(&roger, first, 1);
	m = json_object_get(json_array_get(json_object_get(answer, "messages"), 0), "message");
	assert_int_equal(json_integer_value(json_object_get(m, "id")), second);
	assert_int_equal(json_integer_value(json_object_get(m, "sender_id")), marcel.id);
	assert_true(json_integer_value(json_object_get(m, "conv_id")) > 0);
	assert_null(json_object_get(m, "read_at"));
	assert_string_equal(json_string_value(json_array_get(
	                            json_object_get(json_object_get(m, "reactions"), "x"), 0)),
	                    "roger");
	m = json_array_get(json_object_get(answer, "messages"), 0);
	assert_int_equal(json_integer_value(json_object_get(m, "to_account_id")), roger.id);
	json_decref(answer);
}

TEST(only_an_account_has_missed_messages)
{
	talk_call_fails(&server, 0, "ListMissedMessages", "{}", "UNAUTHENTICATED");
	talk_call_fails(&server, roger.id, "ListMissedMessages", "{\"limit\":1001}", "limit");
	talk_call_fails(&server, roger.id, "ListMissedMessages", "{\"after_message_id\":-1}",
	                "after_message_id");
}

/* ---- numbers appear in their order ---- */

static int64_t n_waiting(struct sql *watcher)
{
	return sql_number(watcher, "SELECT count(*) FROM pg_stat_activity"
	                           " WHERE datname = current_database()"
	                           "   AND wait_event_type = 'Lock';");
}

static struct http_request to(const struct e2e_account *from, const char *body)
{
	return (struct http_request){
	        .method = "POST", .path = "/msg", .token = from->token, .body = body};
}

/* The one has its number and is stopped before its commit; another one writes to the same person.
 */
TEST(a_message_does_not_appear_before_one_of_a_smaller_number)
{
	struct e2e_account  ann = e2e_register(&server, "ann");
	struct http_request slow = to(&roger, "{\"to\":\"ann\",\"text\":\"slow\"}");
	struct http_request fast = to(&ginette, "{\"to\":\"ann\",\"text\":\"fast\"}");
	struct http_pending pending[2];
	struct sql          holder, watcher;
	int64_t             before = talk_to(&server, roger.token, "ann", "before");
	char                statements[160];

	sql_open(&holder, server.db_url);
	sql_open(&watcher, server.db_url);
	snprintf(statements, sizeof statements,
	         "BEGIN; SELECT FROM messages.conversations WHERE low_account_id = %" PRId64
	         " AND high_account_id = %" PRId64 " FOR UPDATE;",
	         roger.id, ann.id);
	sql_run(&holder, statements);
	http_start(&pending[0], server.port, &slow);
	assert_soon(n_waiting(&watcher) == 1);
	http_start(&pending[1], server.port, &fast);
	assert_soon(n_waiting(&watcher) == 2);
	assert_missed(&ann, before, 0, "");
	sql_run(&holder, "COMMIT;");
	for (size_t i = 0; i < 2; i++)
		assert_answer(http_finish(&pending[i]), 201, NULL);
	assert_missed(&ann, before, 0, "slow fast");
	sql_close(&watcher);
	sql_close(&holder);
}

/* Whoever reads "after the last one I know" again and again has them all. */
TEST(whoever_reads_on_from_the_last_number_misses_none)
{
	enum { PEOPLE = 6, EACH = 20, N = PEOPLE * EACH };
	static struct http_pending pending[N];
	static struct http_request requests[N];
	static char                bodies[N][64];
	struct e2e_account         bob = e2e_register(&server, "bob"), all[PEOPLE];
	struct sql                 sql;
	char                       question[256], name[16];
	int64_t                    last = 0, seen = 0;

	for (size_t i = 0; i < PEOPLE; i++) {
		snprintf(name, sizeof name, "crowd%zu", i);
		all[i] = e2e_register(&server, name);
	}
	for (size_t i = 0; i < N; i++) {
		bool to_bob = i % 5 != 0;

		/* bob answers some meanwhile */
		snprintf(bodies[i], sizeof bodies[i], "{\"to\":\"%s\",\"text\":\"x\"}",
		         to_bob ? "bob" : all[i % PEOPLE].pseudo);
		requests[i] = to(to_bob ? &all[i % PEOPLE] : &bob, bodies[i]);
		http_start(&pending[i], server.port, &requests[i]);
	}
	sql_open(&sql, server.db_url);
	while (seen < N) {
		char *rest;

		snprintf(question, sizeof question,
		         "SELECT count(*), coalesce(max(id), %" PRId64 ") FROM messages.messages"
		         " WHERE %" PRId64 " IN (account_id, to_account_id)"
		         "   AND conversation_id IS NOT NULL AND id > %" PRId64 ";",
		         last, bob.id, last);
		seen += strtoll(sql_run(&sql, question), &rest, 10);
		last = strtoll(rest + 1, NULL, 10);
		snprintf(question, sizeof question,
		         "SELECT count(*) FROM messages.messages WHERE %" PRId64
		         " IN (account_id, to_account_id) AND id <= %" PRId64
		         " AND conversation_id IS NOT NULL;",
		         bob.id, last);
		assert_int_equal(sql_number(&sql, question), seen);
	}
	for (size_t i = 0; i < N; i++)
		assert_answer(http_finish(&pending[i]), 201, NULL);
	sql_close(&sql);
}

/* ---- by number ---- */

TEST(services_get_messages_by_number_whoever_may_see_them)
{
	int64_t ids[3], gone;
	json_t *answer, *m;
	char    json[256];

	e2e_create_channel(&server, roger.token, "vault", true);
	ids[0] = e2e_send(&server, roger.token, "vault", "gold");
	ids[1] = talk_to(&server, ginette.token, "marcel", "psst");
	gone = talk_to(&server, ginette.token, "marcel", "gone");
	e2e_create_channel(&server, roger.token, "plaza", false);
	ids[2] = e2e_send(&server, roger.token, "plaza", "hello");
	assert_answer(talk_react(&server, "POST", marcel.token, ids[2], "x"), 200, NULL);
	assert_answer(talk_ask(&server, "DELETE", gone, "", ginette.token, NULL), 204, NULL);
	snprintf(json, sizeof json,
	         "{\"message_ids\":[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
	         ",4503599627370496]}",
	         ids[2], gone, ids[0], ids[1]);
	answer = talk_call_as(&server, 0, "GetMessages", "%s", json);
	assert_string_equal(texts_of(answer), "gold psst hello");
	m = json_array_get(json_object_get(answer, "messages"), 0);
	assert_string_equal(json_string_value(json_object_get(m, "channel")), "vault");
	m = json_array_get(json_object_get(answer, "messages"), 1);
	assert_string_equal(json_string_value(json_object_get(m, "from")), "ginette");
	assert_string_equal(json_string_value(json_object_get(m, "to")), "marcel");
	m = json_array_get(json_object_get(answer, "messages"), 2);
	assert_string_equal(json_string_value(json_array_get(
	                            json_object_get(json_object_get(m, "reactions"), "x"), 0)),
	                    "marcel");
	json_decref(answer);
	/* A channel that is deleted takes them along. */
	assert_answer(e2e_ask(&server, "DELETE", "/channel/vault", roger.token, "%s", ""), 204,
	              NULL);
	answer = talk_call_as(&server, 0, "GetMessages", "%s", json);
	assert_string_equal(texts_of(answer), "psst hello");
	json_decref(answer);
}

TEST_MAIN(start, stop)
