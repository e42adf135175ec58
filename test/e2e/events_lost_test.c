#include <string.h>

#include "test/e2e/room.h"
#include "test/e2e/sse.h"
#include "test/support/pg.h"
#include "test/support/port.h"
#include "test/support/proxy.h"

/*
 * Streams of events while an edge does not hear who may listen: closed, not open. Two edges, and
 * the events of channels and users by way of proxies that can cut them off from the second.
 */
struct wire {
	struct proxy proxy;
	char         listen[64], url[64];
};

static struct server      server;
static struct wire        channels, users;
static uint16_t           first, second; /* the edges' ports */
static struct e2e_account ann;

static const char *const env[] = {
        "EVENTS_HEARTBEAT_MS=300", channels.listen, channels.url, users.listen, users.url, NULL};

static void lay(struct wire *w, const char *service)
{
	const uint16_t port = port_free();

	proxy_start(&w->proxy, port);
	snprintf(w->listen, sizeof w->listen, "%s_EVENTS_LISTEN=tcp://127.0.0.1:%u", service, port);
	snprintf(w->url, sizeof w->url, "%s_EVENTS_URL=tcp://127.0.0.1:%u", service, w->proxy.port);
}

static int start(void **state __attribute__((unused)))
{
	char url[PG_URL_BYTES];

	pg_shared_database(url);
	lay(&channels, "CHANNELS");
	lay(&users, "USERS");
	server_start_edges(&server, url, env, "ipc", 2);
	first = server_part(&server, "edge", 0)->port;
	second = server_part(&server, "edge", 1)->port;
	ann = e2e_register(&server, "ann");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	proxy_stop(&channels.proxy);
	proxy_stop(&users.proxy);
	return 0;
}

static void open_at(struct sse *s, uint16_t port, const char *query, const char *token)
{
	sse_open(s, &(struct sse_request){.port = port, .query = query, .token = token});
}

TEST(streams_of_channels_end_while_their_events_are_not_heard)
{
	struct sse s;

	e2e_create_channel(&server, ann.token, "unheard", false);
	open_at(&s, second, "topic=channel:unheard", NULL);
	proxy_set(&channels.proxy, PROXY_STALL);
	assert_event(&s, "end");
	assert_over(&s);
	sse_close(&s);
	/* And none begin. */
	sse_ask(&s, &(struct sse_request){.port = second, .query = "topic=channel:unheard"});
	assert_int_equal(s.status, 503);
	assert_non_null(strstr(s.head, "retry-after: "));
	sse_close(&s);
	proxy_set(&channels.proxy, PROXY_PASS);
	assert_soon((sse_ask(&s, &(struct sse_request){.port = second,
	                                               .query = "topic=channel:unheard"}),
	             s.status == 200 || (sse_close(&s), false)));
	e2e_send(&server, ann.token, "unheard", "back");
	assert_event(&s, "message_created");
	sse_close(&s);
}

/* The message is heard, that the channel is private not yet. */
TEST(what_is_said_behind_a_door_that_just_closed_is_not_heard_outside)
{
	struct sse inside, outside;

	e2e_create_channel(&server, ann.token, "closing", false);
	open_at(&inside, second, "topic=channel:closing", ann.token);
	open_at(&outside, second, "topic=channel:closing", NULL);
	proxy_set(&channels.proxy, PROXY_STALL);
	assert_answer(http_postf(first, "/channel/closing/mode", ann.token, "{\"mode\":\"+p\"}"),
	              200, NULL);
	e2e_send(&server, ann.token, "closing", "between us");
	assert_event(&inside, "message_created");
	assert_event(&outside, "topic_end");
	assert_event(&outside, "end");
	assert_over(&outside);
	proxy_set(&channels.proxy, PROXY_PASS);
	sse_close(&inside);
	sse_close(&outside);
}

TEST(sessions_are_asked_for_while_their_events_are_not_heard)
{
	struct e2e_session gone, stays;
	struct sse         ends, goes_on, anonymous;

	e2e_create_channel(&server, ann.token, "asked", false);
	e2e_register(&server, "sam");
	e2e_register(&server, "tom");
	gone = e2e_login(&server, "sam");
	stays = e2e_login(&server, "tom");
	open_at(&ends, second, "topic=channel:asked", gone.token);
	open_at(&goes_on, second, "topic=channel:asked", stays.token);
	open_at(&anonymous, second, "topic=channel:asked", NULL);
	proxy_set(&users.proxy, PROXY_STALL);
	assert_answer(
	        http_postf(first, "/logout", gone.token, "{\"token\":\"%s\"}", gone.refresh_token),
	        204, NULL);
	assert_event(&ends, "end");
	assert_string_equal(sse_text(&ends, "reason"), "the session has ended");
	assert_over(&ends);
	e2e_send(&server, ann.token, "asked", "still there?");
	assert_event(&goes_on, "message_created");
	assert_event(&anonymous, "message_created");
	proxy_set(&users.proxy, PROXY_PASS);
	sse_close(&ends);
	sse_close(&goes_on);
	sse_close(&anonymous);
}

TEST_MAIN(start, stop)
