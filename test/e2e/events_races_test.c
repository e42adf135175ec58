#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "test/e2e/room.h"
#include "test/e2e/sse.h"

/* Streams of events that begin while what they are about changes. */
enum { OTHERS = 40, STREAMS = 30, QUERY_BYTES = 4096 };

static struct server      server;
static struct e2e_account ann, bob;
static atomic_bool        is_over;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	ann = e2e_register(&server, "ann");
	bob = e2e_register(&server, "bob");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static void open_stream(struct sse *s, const char *query, const char *token)
{
	sse_open(s, &(struct sse_request){.port = server.port, .query = query, .token = token});
}

/* Each change of a private channel puts in doubt who may read it. */
static void *change_on_and_on(void *arg)
{
	while (!is_over) {
		struct http_response r =
		        room_ask(&server, "PATCH", arg, "", ann.token, "{\"topic\":\"new\"}");

		http_response_free(&r);
	}
	return NULL;
}

/* A private channel first, and many others, so that asking for all of them takes its time. */
static void create_topics(char out_query[QUERY_BYTES])
{
	size_t len = (size_t)snprintf(out_query, QUERY_BYTES, "topic=channel:hot");

	e2e_create_channel(&server, ann.token, "hot", true);
	for (int i = 0; i < OTHERS; i++) {
		char name[32];

		snprintf(name, sizeof name, "calm%d", i);
		e2e_create_channel(&server, ann.token, name, false);
		len += (size_t)snprintf(out_query + len, QUERY_BYTES - len, "&topic=channel:%s",
		                        name);
	}
}

TEST(streams_that_begin_while_rights_change_are_whole_and_hold_nobody_up)
{
	struct sse streams[STREAMS], other;
	char       query[QUERY_BYTES];
	pthread_t  changer;
	int64_t    hot, calm;

	create_topics(query);
	open_stream(&other, "topic=channel:calm0", bob.token);
	assert_int_equal(pthread_create(&changer, NULL, change_on_and_on, (char[]){"hot"}), 0);
	for (int i = 0; i < STREAMS; i++)
		open_stream(&streams[i], query, ann.token);
	is_over = true;
	pthread_join(changer, NULL);
	calm = e2e_send(&server, ann.token, "calm0", "to all");
	hot = e2e_send(&server, ann.token, "hot", "to who may read it");
	assert_event(&other, "message_created");
	assert_int_equal(sse_int(&other, "id"), calm);
	sse_close(&other);
	for (int i = 0; i < STREAMS; i++) {
		assert_event(&streams[i], "message_created");
		assert_int_equal(sse_int(&streams[i], "id"), calm);
		assert_event(&streams[i], "message_created");
		assert_int_equal(sse_int(&streams[i], "id"), hot);
		sse_close(&streams[i]);
	}
}

TEST_MAIN(start, stop)
