#include <stdlib.h>
#include <string.h>

#include "test/e2e/sse.h"

/* Streams of events that bring what was missed to clients that read slowly, or not at all. */
enum { MAX_REQUESTS = 8, MESSAGES = 120, CHARACTERS = 3990, DUCK_BYTES = 4 };

static struct server      server;
static struct e2e_account ann;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server,
	          (const char *[]){"EVENTS_QUEUE_BYTES=16384", "MAX_REQUESTS=8",
	                           "MAX_STREAMS_EACH=8", "EVENTS_HEARTBEAT_MS=60000", NULL});
	ann = e2e_register(&server, "ann");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* More than systems hold for who does not read: each begins with its number. */
static void write_much(const char *channel)
{
	static char text[CHARACTERS * DUCK_BYTES + 1];

	for (size_t i = 0; i < CHARACTERS; i++)
		memcpy(text + i * DUCK_BYTES, "🦆", DUCK_BYTES);
	for (int i = 0; i < MESSAGES; i++) {
		char number[16];

		snprintf(number, sizeof number, "%03d ", i);
		memcpy(text, number, DUCK_BYTES);
		e2e_send(&server, ann.token, channel, text);
	}
}

static void first_id(const char *query, char out_id[SSE_ID_BYTES])
{
	struct sse s;

	sse_open(&s, &(struct sse_request){.port = server.port, .query = query});
	assert_soon((sse_next(&s, 10), s.id[0]));
	snprintf(out_id, SSE_ID_BYTES, "%s", s.id);
	sse_close(&s);
}

static void assert_all_come(struct sse *s)
{
	for (int i = 0; i < MESSAGES; i++) {
		assert_event(s, "message_created");
		assert_int_equal(strtol(sse_text(s, "text"), NULL, 10), i);
	}
}

TEST(who_reads_what_was_missed_slowly_keeps_nobody_from_asking)
{
	const char *const    query = "topic=channel:slowly";
	char                 id[SSE_ID_BYTES];
	struct sse           slow[MAX_REQUESTS];
	struct http_response r = {0};

	e2e_create_channel(&server, ann.token, "slowly", false);
	first_id(query, id);
	write_much("slowly");
	assert_soon(server_metric(&server, "edge_streams ") == 0);
	for (size_t i = 0; i < MAX_REQUESTS; i++)
		sse_open(&slow[i], &(struct sse_request){.port = server.port,
		                                         .query = query,
		                                         .last_id = id,
		                                         .rcv_bytes = 4096});
	assert_soon((http_response_free(&r), r = http_get(server.port, "/whois/ann", NULL),
	             r.status == 200));
	http_response_free(&r);
	e2e_send(&server, ann.token, "slowly", "120 ducks and one");
	for (size_t i = 0; i < MAX_REQUESTS; i++) {
		if (i % 4 == 0) {
			assert_all_come(&slow[i]);
			assert_event(&slow[i], "message_created");
			assert_string_equal(sse_text(&slow[i], "text"), "120 ducks and one");
		}
		sse_close(&slow[i]);
	}
	assert_soon(server_metric(&server, "edge_streams ") == 0);
}

TEST_MAIN(start, stop)
