#include "test/e2e/talk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* What is told of messages, and what a service that starts anew is given. */
static struct server      server;
static struct e2e_account owner, guest;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	owner = e2e_register(&server, "owner");
	guest = e2e_register(&server, "guest");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* Events below a topic, from the first on, so many; as an array, to be freed by json_decref(). */
static json_t *told(const char *topic, size_t n)
{
	static char output[256 * 1024];
	char        count[16], *line, *rest = output;
	json_t     *events = json_array();

	snprintf(count, sizeof count, "%zu", n);
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

/* What stands in the n-th event, below its payload. */
static json_t *at(const json_t *events, size_t n, const char *outer, const char *name)
{
	json_t *payload = json_object_get(json_array_get(events, n), "payload");

	return json_object_get(outer ? json_object_get(payload, outer) : payload, name);
}

static const char *type_of(const json_t *events, size_t n)
{
	const char *type = json_string_value(json_object_get(json_array_get(events, n), "type"));

	return strrchr(type, '.') + 1;
}

static bool is_public(const json_t *events, size_t n)
{
	return json_is_true(json_object_get(json_array_get(events, n), "public"));
}

static int64_t channel_of(int64_t id)
{
	struct sql sql;
	char       statement[128];
	int64_t    channel_id;

	snprintf(statement, sizeof statement,
	         "SELECT channel_id FROM messages.messages WHERE id = %" PRId64 ";", id);
	sql_open(&sql, server.db_url);
	channel_id = sql_number(&sql, statement);
	sql_close(&sql);
	return channel_id;
}

TEST(each_change_of_a_message_is_told_once_and_in_order)
{
	static const char *const types[] = {"MessageCreated",  "MessageEdited", "ReactionChanged",
	                                    "ReactionChanged", "PinChanged",    "MessageDeleted"};
	enum { N = sizeof types / sizeof *types };
	int64_t id;
	char    topic[64];
	json_t *events;

	e2e_create_channel(&server, owner.token, "told", false);
	id = e2e_send(&server, owner.token, "told", "first");
	snprintf(topic, sizeof topic, "messages.channel.%" PRId64, channel_of(id));
	assert_answer(talk_ask(&server, "PUT", id, "", owner.token, "{\"text\":\"first\"}"), 200,
	              NULL);
	assert_answer(talk_ask(&server, "PUT", id, "", owner.token, "{\"text\":\"second\"}"), 200,
	              NULL);
	for (int i = 0; i < 2; i++)
		assert_answer(talk_react(&server, "POST", guest.token, id, "x"), 200, NULL);
	for (int i = 0; i < 2; i++)
		assert_answer(talk_react(&server, "DELETE", guest.token, id, "x"), 200, NULL);
	for (int i = 0; i < 2; i++)
		assert_answer(talk_ask(&server, "POST", id, "/pin", owner.token, NULL), 200, NULL);
	assert_answer(talk_ask(&server, "DELETE", id, "", owner.token, NULL), 204, NULL);
	events = told(topic, N);
	for (size_t i = 0; i < N; i++) {
		assert_string_equal(type_of(events, i), types[i]);
		assert_true(is_public(events, i));
		assert_int_equal(json_integer_value(at(events, i, "message", "message_id")), id);
		assert_int_equal(json_integer_value(at(events, i, "message", "version")), i + 1);
		assert_int_equal(json_integer_value(at(events, i, "message", "account_id")),
		                 owner.id);
	}
	assert_string_equal(json_string_value(at(events, 0, "message", "text")), "first");
	assert_string_equal(json_string_value(at(events, 1, "message", "text")), "second");
	assert_int_equal(json_integer_value(at(events, 2, "message", "reaction_count")), 1);
	assert_int_equal(json_integer_value(at(events, 2, NULL, "account_id")), guest.id);
	assert_true(json_is_true(at(events, 2, NULL, "is_added")));
	assert_string_equal(json_string_value(at(events, 2, NULL, "emoji")), "x");
	assert_int_equal(json_integer_value(at(events, 3, "message", "reaction_count")), 0);
	assert_true(json_is_false(at(events, 3, NULL, "is_added")));
	assert_true(json_is_true(at(events, 4, "message", "pinned")));
	assert_string_equal(json_string_value(at(events, 5, "message", "text")), "");
	json_decref(events);
}

TEST(nothing_private_is_told_to_the_public)
{
	int64_t id;
	char    topic[64];
	json_t *events;

	e2e_create_channel(&server, owner.token, "vault", true);
	id = e2e_send(&server, owner.token, "vault", "gold");
	snprintf(topic, sizeof topic, "messages.channel.%" PRId64, channel_of(id));
	assert_answer(talk_react(&server, "POST", owner.token, id, "x"), 200, NULL);
	events = told(topic, 2);
	assert_false(is_public(events, 0) || is_public(events, 1));
	json_decref(events);

	id = talk_to(&server, owner.token, "guest", "psst");
	assert_answer(talk_react(&server, "POST", guest.token, id, "x"), 200, NULL);
	assert_answer(talk_ask(&server, "DELETE", id, "", owner.token, NULL), 204, NULL);
	events = told("messages.conversation", 4);
	assert_string_equal(type_of(events, 0), "ConversationCreated");
	assert_false(is_public(events, 0));
	assert_int_equal(json_integer_value(at(events, 0, NULL, "account_id")), owner.id);
	assert_int_equal(json_integer_value(at(events, 0, NULL, "other_account_id")), guest.id);
	for (size_t i = 1; i < 4; i++) {
		assert_false(is_public(events, i));
		assert_int_equal(json_integer_value(at(events, i, "message", "to_account_id")),
		                 guest.id);
		assert_true(json_integer_value(at(events, i, "message", "conversation_id")) > 0);
	}
	json_decref(events);
}

/* ---- states ---- */

/* Counts by messages what pages of states say of a channel. */
static size_t count_states(int64_t channel_id, int page_size)
{
	int64_t after = 0;
	size_t  count = 0, n, i;

	do {
		char    request[64];
		json_t *answer, *told_state;

		snprintf(request, sizeof request, "{\"after\":%" PRId64 ",\"page_size\":%d}", after,
		         page_size);
		answer = talk_call(&server, "/canaduck.messages.v1.Messages/ListStates", request);
		n = json_array_size(json_object_get(answer, "states"));
		assert_true(n <= (size_t)page_size);
		assert_true(json_integer_value(json_object_get(answer, "epoch")) > 0);
		json_array_foreach(json_object_get(answer, "states"), i, told_state)
		{
			int64_t id = json_integer_value(json_object_get(told_state, "message_id"));

			assert_true(id > after);
			after = id;
			assert_true(json_integer_value(json_object_get(told_state, "channel_id")) >
			            0);
			count += json_integer_value(json_object_get(told_state, "channel_id")) ==
			         channel_id;
		}
		json_decref(answer);
	} while (n > 0);
	return count;
}

TEST(states_hold_every_message_of_channels_and_none_between_two)
{
	int64_t id = 0;

	e2e_create_channel(&server, owner.token, "states", false);
	for (int i = 0; i < 7; i++) {
		id = e2e_send(&server, owner.token, "states", "x");
		talk_to(&server, owner.token, "guest", "not here");
	}
	assert_int_equal(count_states(channel_of(id), 3), 7);
	assert_int_equal(count_states(channel_of(id), 1000), 7);
}

/* ---- deleted channels ---- */

static bool has_messages(struct sql *sql, int64_t channel_id)
{
	char statement[128];

	snprintf(statement, sizeof statement,
	         "SELECT count(*) FROM messages.messages WHERE channel_id = %" PRId64 ";",
	         channel_id);
	return sql_number(sql, statement) > 0;
}

TEST(a_channel_that_is_deleted_takes_its_messages_with_it)
{
	int64_t    id, channel_id;
	struct sql sql;
	char       topic[64], statement[256];
	json_t    *events;

	e2e_create_channel(&server, owner.token, "doomed", false);
	id = e2e_send(&server, owner.token, "doomed", "albatross");
	talk_reply(&server, owner.token, "doomed", id, "albatross");
	assert_answer(talk_react(&server, "POST", owner.token, id, "x"), 200, NULL);
	channel_id = channel_of(id);
	assert_answer(e2e_ask(&server, "DELETE", "/channel/doomed", owner.token, "%s", ""), 204,
	              NULL);
	/* At once, for all that is seen. */
	assert_answer(talk_list(&server, owner.token, "?channel=doomed"), 404, "NOT_FOUND");
	assert_answer(talk_list(&server, owner.token, "/thread/%" PRId64, id), 404, "NOT_FOUND");
	assert_texts(talk_list(&server, owner.token, "/search?q=albatross"), "");
	assert_answer(talk_react(&server, "POST", owner.token, id, "y"), 404, "NOT_FOUND");
	/* The name used again inherits nothing. */
	e2e_create_channel(&server, guest.token, "doomed", false);
	assert_texts(talk_list(&server, NULL, "?channel=doomed"), "");
	e2e_send(&server, guest.token, "doomed", "fresh");
	/* And soon in the database. */
	sql_open(&sql, server.db_url);
	assert_soon(!has_messages(&sql, channel_id));
	assert_int_equal(count_states(channel_id, 1000), 0);
	snprintf(topic, sizeof topic, "messages.channel.%" PRId64, channel_id);
	events = told(topic, 4);
	assert_string_equal(type_of(events, 3), "ChannelCleared");
	assert_int_equal(json_integer_value(at(events, 3, NULL, "channel_id")), channel_id);
	json_decref(events);
	assert_texts(talk_list(&server, NULL, "?channel=doomed"), "fresh");
	/* Who would write there now, having asked before, cannot. */
	snprintf(statement, sizeof statement,
	         "SELECT count(*) FROM messages.channels WHERE id = %" PRId64 " AND is_deleted;",
	         channel_id);
	assert_int_equal(sql_number(&sql, statement), 1);
	sql_close(&sql);
}

/* The writer has asked for its rights, and waits for the channel's row: the deletion comes first.
 */
TEST(a_message_that_comes_behind_the_deletion_of_its_channel_is_refused)
{
	struct http_pending pending;
	struct sql          holder, watcher;
	int64_t             channel_id;
	char                statement[256];

	e2e_create_channel(&server, owner.token, "closing", false);
	channel_id = channel_of(e2e_send(&server, owner.token, "closing", "x"));
	sql_open(&holder, server.db_url);
	sql_open(&watcher, server.db_url);
	snprintf(statement, sizeof statement,
	         "BEGIN; UPDATE messages.channels SET is_deleted = true WHERE id = %" PRId64 ";",
	         channel_id);
	sql_run(&holder, statement);
	http_start(&pending, server.port,
	           &(struct http_request){.method = "POST",
	                                  .path = "/msg",
	                                  .token = owner.token,
	                                  .body = "{\"channel\":\"closing\",\"text\":\"late\"}"});
	assert_soon(sql_number(&watcher, "SELECT count(*) FROM pg_stat_activity"
	                                 " WHERE datname = current_database()"
	                                 "   AND wait_event_type = 'Lock';") == 1);
	sql_run(&holder, "COMMIT;");
	assert_answer(http_finish(&pending), 404, "NOT_FOUND");
	sql_close(&holder);
	sql_close(&watcher);
}

TEST_MAIN(start, stop)
