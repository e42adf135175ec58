#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/load.h"
#include "test/e2e/room.h"
#include "test/e2e/sse.h"
#include "test/support/pg.h"

/* Streams of events while what serves them is killed: two edges, each part a process. */
enum { ROUNDS = 2, A_FEW = 60, QUIET_MS = 1500 };

static struct server          server;
static struct server_process *first, *second; /* edges */
static struct e2e_account     ann;
static struct load            load;
static unsigned               seen[LOAD_MESSAGES];

static int start(void **state __attribute__((unused)))
{
	static const char *const env[] = {"EVENTS_HEARTBEAT_MS=300", NULL};
	char                     url[PG_URL_BYTES];

	pg_shared_database(url);
	server_start_edges(&server, url, env, "ipc", 2);
	first = server_part(&server, "edge", 0);
	second = server_part(&server, "edge", 1);
	ann = e2e_register(&server, "ann");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static void open_at(struct sse *s, uint16_t port, const char *query, const char *last_id)
{
	char id[SSE_ID_BYTES];

	snprintf(id, sizeof id, "%s", last_id ? last_id : "");
	sse_open(s,
	         &(struct sse_request){.port = port, .query = query, .last_id = id[0] ? id : NULL});
}

/* Counts the message; nothing but messages may come. */
static void note(const struct sse *s)
{
	const char *text = sse_text(s, "text");
	unsigned    k;

	assert_string_equal(s->event, "message_created");
	assert_true(strncmp(text, "load ", 5) == 0);
	k = (unsigned)strtoul(text + 5, NULL, 10);
	assert_true(k < LOAD_MESSAGES);
	seen[k]++;
}

static void read_some(struct sse *s, int n)
{
	for (int i = 0; i < n; i++) {
		assert_true(sse_next(s, SSE_WAIT_MS));
		note(s);
	}
}

static void read_rest(struct sse *s)
{
	while (sse_next(s, QUIET_MS))
		note(s);
	assert_false(s->is_over);
}

/* Goes on elsewhere, after what the client took of the old stream. */
static void move(struct sse *s, uint16_t port, const char *query)
{
	char id[SSE_ID_BYTES];

	snprintf(id, sizeof id, "%s", s->id);
	sse_close(s);
	open_at(s, port, query, id);
}

/* Listens at the first edge, then lets others write at the second. */
static void begin(struct sse *s, const char *channel, const char *query)
{
	memset(seen, 0, sizeof seen);
	e2e_create_channel(&server, ann.token, channel, false);
	open_at(s, first->port, query, NULL);
	load_start(&load, second->port, ann.token, channel);
}

static void end(struct sse *s)
{
	load_stop(&load);
	read_rest(s);
	sse_close(s);
}

/* What the writers were told was written was told once, and nothing was told twice. */
static void assert_no_hole(void)
{
	unsigned told = 0;

	for (unsigned k = 0; k < LOAD_MESSAGES; k++) {
		const long outcome = load.outcomes[k];

		if (seen[k] > 1 || (outcome == 201 && seen[k] != 1))
			fail_msg("message %u, answered with %ld, came %u times", k, outcome,
			         seen[k]);
		told += seen[k];
	}
	assert_true(told >= A_FEW);
}

static void kill_part(struct server_process *p)
{
	server_signal_part(p, SIGKILL);
	assert_int_equal(server_wait_part(p), 128 + SIGKILL);
}

static void restart(struct server_process *p)
{
	server_restart_part(&server, p);
	server.port = first->port;
}

TEST(edges_that_are_killed_leave_no_hole_and_no_repeat)
{
	static const char query[] = "topic=channel:edges";
	struct sse        s;

	begin(&s, "edges", query);
	for (int i = 0; i < ROUNDS; i++) {
		read_some(&s, A_FEW);
		kill_part(first);
		move(&s, second->port, query);
		read_some(&s, A_FEW);
		restart(first);
		move(&s, first->port, query);
	}
	end(&s);
	assert_no_hole();
}

TEST(streams_outlive_the_service_of_messages)
{
	struct server_process *messages = server_part(&server, "messages", 0);
	struct sse             s;

	begin(&s, "service", "topic=channel:service");
	for (int i = 0; i < ROUNDS; i++) {
		read_some(&s, A_FEW);
		kill_part(messages);
		restart(messages);
	}
	read_some(&s, A_FEW);
	end(&s);
	assert_no_hole();
}

TEST(an_edge_that_stops_says_so)
{
	struct sse live, slow;
	int64_t    since_ns;

	e2e_create_channel(&server, ann.token, "stopping", false);
	open_at(&live, first->port, "topic=channel:stopping", NULL);
	open_at(&slow, first->port, "topic=channel:stopping", NULL);
	since_ns = clock_now_ns();
	server_signal_part(first, SIGTERM);
	assert_event(&live, "end");
	assert_string_equal(sse_text(&live, "reason"), "the server shuts down");
	assert_over(&live);
	assert_true(live.is_whole);
	assert_int_equal(server_wait_part(first), 0);
	assert_true(clock_now_ns() - since_ns < SSE_WAIT_MS * CLOCK_NS_PER_MS);
	sse_close(&live);
	sse_close(&slow);
	restart(first);
}

TEST_MAIN(start, stop)
