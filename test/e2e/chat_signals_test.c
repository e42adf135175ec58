#include "test/e2e/chat.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/pg.h"

/* What is of the moment: told by any replica, though one alone tells facts. */
static struct server      server;
static struct e2e_account roger, ginette, marcel;

static int start(void **state __attribute__((unused)))
{
	static char url[PG_URL_BYTES];

	pg_shared_database(url);
	server_start_many(&server, url, NULL, "ipc", SERVER_REPLICAS);
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

/* ---- listening ---- */

struct listener {
	pthread_t   thread;
	const char *topic;
	atomic_bool has_heard;
	int         result;
	char        output[16 * 1024];
};

static void *listen_for_one(void *arg)
{
	struct listener  *l = arg;
	const char *const argv[] = {"canaduck", "sub", "--count", "1", l->topic, NULL};

	l->result = server_run(argv, &server, NULL, l->output, sizeof l->output);
	l->has_heard = true;
	return NULL;
}

/* Calls one replica of messages; who calls is an account, or a service when that is 0. */
static int call(unsigned replica, int64_t account_id, const char *method, const char *json)
{
	const size_t messages = 2;
	char         url[SERVER_URL_BYTES + 16], id[32], name[96], output[4096];
	const char  *as_account[] = {"canaduck", "call", "--as", id, name, json, NULL};
	const char  *as_service[] = {"canaduck", "call", name, json, NULL};

	snprintf(id, sizeof id, "%" PRId64, account_id);
	snprintf(name, sizeof name, "/canaduck.messages.v1.Messages/%s", method);
	snprintf(url, sizeof url, "MESSAGES_URL=%s", server.urls[messages][replica]);
	assert_non_null(strstr(url, "messages"));
	return server_run(account_id ? as_account : as_service, &server,
	                  (const char *[]){url, NULL}, output, sizeof output);
}

/* The first that is heard while one replica is asked to tell it again and again. */
static json_t *hear(const char *topic, unsigned replica, int64_t account_id, const char *method,
                    const char *json)
{
	static struct listener l;
	json_t                *event;

	memset(&l, 0, sizeof l);
	l.topic = topic;
	assert_int_equal(pthread_create(&l.thread, NULL, listen_for_one, &l), 0);
	assert_soon(call(replica, account_id, method, json) == 0 && l.has_heard);
	pthread_join(l.thread, NULL);
	assert_int_equal(l.result, 0);
	event = json_loads(l.output, 0, NULL);
	if (event == NULL)
		fail_msg("heard: %s", l.output);
	assert_true(json_is_false(json_object_get(event, "public")));
	assert_null(json_object_get(event, "position"));
	return event;
}

static void assert_payload(json_t *event, const char *type, const char *expected)
{
	json_t *payload = json_object_get(event, "payload"),
	       *wanted = json_loads(expected, 0, NULL);
	char *text = json_dumps(payload, 0);

	assert_string_equal(json_string_value(json_object_get(event, "type")), type);
	assert_non_null(wanted);
	if (!json_equal(payload, wanted))
		fail_msg("%s is not %s", text, expected);
	free(text);
	json_decref(wanted);
	json_decref(event);
}

TEST(the_other_one_hears_who_types_from_any_replica)
{
	int64_t id = chat_open(&server, roger.token, ginette.id);
	char    topic[64], json[96], expected[256];

	snprintf(topic, sizeof topic, "messages.conversation.%" PRId64, id);
	for (unsigned i = 0; i < SERVER_REPLICAS; i++) {
		snprintf(json, sizeof json, "{\"conversation_id\":%" PRId64 ",\"is_typing\":%s}",
		         id, i ? "false" : "true");
		snprintf(expected, sizeof expected,
		         "{\"conversation_id\":%" PRId64 ",\"account_id\":%" PRId64
		         ",\"to_account_id\":%" PRId64 ",\"is_typing\":%s}",
		         id, ginette.id, roger.id, i ? "false" : "true");
		assert_payload(hear(topic, i, ginette.id, "SignalTyping", json),
		               "canaduck.messages.v1.TypingSignalled", expected);
	}
}

TEST(who_types_must_be_one_of_the_two)
{
	int64_t id = chat_open(&server, roger.token, ginette.id);
	char    json[64];

	snprintf(json, sizeof json, "{\"conversation_id\":%" PRId64 "}", id);
	talk_call_fails(&server, marcel.id, "SignalTyping", json, "PERMISSION_DENIED");
	talk_call_fails(&server, 0, "SignalTyping", json, "UNAUTHENTICATED");
	talk_call_fails(&server, marcel.id, "SignalTyping",
	                "{\"conversation_id\":4503599627370496}", "NOT_FOUND");
}

TEST(people_one_talks_with_hear_that_one_is_there)
{
	struct e2e_account me = e2e_register(&server, "present");
	int64_t            silent = chat_open(&server, marcel.token, me.id);
	char               topic[64], json[96], expected[256];

	chat_open(&server, me.token, roger.id);
	talk_to(&server, ginette.token, "present", "hello");
	chat_send(&server, marcel.token, silent, "last");
	snprintf(topic, sizeof topic, "messages.account.%" PRId64, me.id);
	for (unsigned i = 0; i < SERVER_REPLICAS; i++) {
		snprintf(json, sizeof json, "{\"account_id\":%" PRId64 ",\"is_connected\":%s}",
		         me.id, i ? "false" : "true");
		snprintf(expected, sizeof expected,
		         "{\"account_id\":%" PRId64
		         ",\"is_connected\":%s,\"to_account_ids\":[%" PRId64 ",%" PRId64 ",%" PRId64
		         "]}",
		         me.id, i ? "false" : "true", marcel.id, ginette.id, roger.id);
		assert_payload(hear(topic, i, 0, "SignalPresence", json),
		               "canaduck.messages.v1.PresenceSignalled", expected);
	}
}

TEST_MAIN(start, stop)
