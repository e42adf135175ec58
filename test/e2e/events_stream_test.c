#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auth/token.h"
#include "test/e2e/room.h"
#include "test/e2e/sql.h"
#include "test/e2e/sse.h"

/* Server-sent events of channels: what is told, to whom, and when that ends. */
enum { QUIET_MS = 300, MAX_EACH = 30, AT_ONCE_MS = 3000 };

static struct server      server;
static struct e2e_account ann, bob, cat;
static struct e2e_session admin;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, (const char *[]){"EVENTS_HEARTBEAT_MS=200", "EVENTS_QUEUE_BYTES=16384",
	                                    "MAX_STREAMS_EACH=30", "SEND_TIMEOUT_MS=5000",
	                                    "PRESENCE_INTERVAL_MS=100", NULL});
	ann = e2e_register(&server, "ann");
	bob = e2e_register(&server, "bob");
	cat = e2e_register(&server, "cat");
	e2e_register(&server, "boss");
	admin = e2e_login_as_admin(&server, "boss");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static void open_stream(struct sse *s, const char *query, const char *token, const char *last_id)
{
	sse_open(s,
	         &(struct sse_request){
	                 .port = server.port, .query = query, .token = token, .last_id = last_id});
}

static void assert_refused(const char *query, const char *token, long expected, const char *text)
{
	struct sse s;

	sse_ask(&s, &(struct sse_request){.port = server.port, .query = query, .token = token});
	if (s.status != expected || (text && !strstr(s.raw, text)))
		fail_msg("%s: %ld %s", query, s.status, s.raw);
	sse_close(&s);
}

/* A private channel of ann's that bob is in. */
static void create_private(const char *name)
{
	e2e_create_channel(&server, ann.token, name, true);
	assert_answer(room_name(&server, name, "/invite", ann.token, "bob"), 200, NULL);
	e2e_join(&server, bob.token, name);
}

/* ---- what is told ---- */

TEST(each_fact_of_a_channel_is_told)
{
	struct sse s;
	int64_t    id;

	e2e_create_channel(&server, ann.token, "facts", false);
	e2e_join(&server, bob.token, "facts");
	open_stream(&s, "topic=channel:facts", NULL, NULL);
	id = e2e_send(&server, ann.token, "facts", "caf\u00e9\\n\\\"quoted\\\"");
	assert_event(&s, "message_created");
	assert_int_equal(sse_int(&s, "id"), id);
	assert_string_equal(sse_text(&s, "text"), "caf\u00e9\n\"quoted\"");
	assert_string_equal(sse_text(&s, "from"), "ann");
	assert_string_equal(sse_text(&s, "channel"), "facts");
	assert_true(json_is_false(json_object_get(s.json, "pinned")));
	assert_true(json_is_object(json_object_get(s.json, "reactions")));
	assert_true(strlen(sse_text(&s, "timestamp")) > 0);

	assert_answer(talk_ask(&server, "PUT", id, "", ann.token, "{\"text\":\"new\"}"), 200, NULL);
	assert_event(&s, "message_edited");
	assert_string_equal(sse_text(&s, "text"), "new");
	assert_true(strlen(sse_text(&s, "edited_at")) > 0);

	assert_answer(talk_react(&server, "POST", bob.token, id, "🦆"), 200, NULL);
	assert_event(&s, "reaction_changed");
	assert_int_equal(
	        json_array_size(json_object_get(json_object_get(s.json, "reactions"), "🦆")), 1);
	assert_answer(talk_react(&server, "DELETE", bob.token, id, "🦆"), 200, NULL);
	assert_event(&s, "reaction_changed");
	assert_int_equal(json_object_size(json_object_get(s.json, "reactions")), 0);

	assert_answer(talk_ask(&server, "POST", id, "/pin", ann.token, NULL), 200, NULL);
	assert_event(&s, "pin_changed");
	assert_true(json_is_true(json_object_get(s.json, "pinned")));

	assert_answer(talk_ask(&server, "DELETE", id, "", ann.token, NULL), 204, NULL);
	assert_event(&s, "message_deleted");
	assert_int_equal(sse_int(&s, "id"), id);
	assert_string_equal(sse_text(&s, "channel"), "facts");
	assert_int_equal(json_object_size(s.json), 2);
	sse_close(&s);
}

TEST(other_channels_and_private_messages_are_not_told)
{
	struct sse s;
	int64_t    id;

	e2e_create_channel(&server, ann.token, "here", false);
	e2e_create_channel(&server, ann.token, "elsewhere", false);
	open_stream(&s, "topic=channel:%23Here&topic=channel:here", ann.token, NULL);
	e2e_send(&server, ann.token, "elsewhere", "no");
	talk_to(&server, ann.token, "bob", "no");
	id = e2e_send(&server, ann.token, "here", "yes");
	assert_event(&s, "message_created");
	assert_int_equal(sse_int(&s, "id"), id);
	assert_false(sse_next(&s, QUIET_MS));
	sse_close(&s);
}

TEST(a_stream_says_at_once_that_it_is_open)
{
	struct sse s;

	e2e_create_channel(&server, ann.token, "opening", false);
	open_stream(&s, "topic=channel:opening", NULL, NULL);
	assert_non_null(strstr(s.head, "content-type: text/event-stream"));
	assert_non_null(strstr(s.head, "cache-control: no-store"));
	assert_non_null(strstr(s.head, "x-accel-buffering: no"));
	assert_non_null(strstr(s.head, "x-request-id: "));
	assert_non_null(strstr(s.text, ": open\nretry: "));
	assert_non_null(strstr(s.text, "\nid: m"));
	sse_close(&s);
}

TEST(a_silent_stream_shows_that_it_lives)
{
	struct sse s;
	char       id[SSE_ID_BYTES];

	e2e_create_channel(&server, ann.token, "silent", false);
	e2e_create_channel(&server, ann.token, "loud", false);
	open_stream(&s, "topic=channel:silent", NULL, NULL);
	assert_soon((sse_next(&s, 10), s.n_comments >= 3));
	snprintf(id, sizeof id, "%s", s.id);
	assert_true(id[0] == 'm');
	/* What passes by need not be read again. */
	e2e_send(&server, ann.token, "loud", "bang");
	assert_soon((sse_next(&s, 10), strcmp(id, s.id) != 0));
	sse_close(&s);
}

TEST(many_topics_go_over_one_stream)
{
	enum { CHANNELS = 12, MAX_TOPICS = 100 };
	char       query[4096] = "", name[32];
	size_t     len = 0;
	struct sse s;

	for (int i = 0; i < CHANNELS; i++) {
		snprintf(name, sizeof name, "many-%d", i);
		e2e_create_channel(&server, ann.token, name, i % 2);
	}
	for (int i = 0; i < MAX_TOPICS; i++)
		len += (size_t)snprintf(query + len, sizeof query - len, "%stopic=channel:many-%d",
		                        i ? "&" : "", i % CHANNELS);
	open_stream(&s, query, ann.token, NULL);
	for (int i = CHANNELS - 1; i >= 0; i--) {
		snprintf(name, sizeof name, "many-%d", i);
		e2e_send(&server, ann.token, name, name);
	}
	for (int i = CHANNELS - 1; i >= 0; i--) {
		snprintf(name, sizeof name, "many-%d", i);
		assert_event(&s, "message_created");
		assert_string_equal(sse_text(&s, "channel"), name);
	}
	sse_close(&s);
	snprintf(query + len, sizeof query - len, "&topic=channel:many-0");
	assert_refused(query, ann.token, 422, "\"field\":\"topic\"");
}

/* ---- what is wrong ---- */

TEST(mistakes_are_named)
{
	static const struct {
		const char *query;
		long        status;
		const char *text;
	} cases[] = {
	        {NULL, 422, "\"field\":\"topic\""},
	        {"topics=channel:x", 422, "\"field\":\"topic\""},
	        {"topic=", 422, "\"field\":\"topic\""},
	        {"topic=weather:paris", 422, "\"field\":\"topic\""},
	        {"topic=channel:", 422, "must name a channel"},
	        {"topic=incidents:91,0,5", 422, "latitude"},
	        {"topic=incidents:1,2", 422, "lat,lon,radius"},
	        {"topic=channel:mistakes&topic=weather:x", 422, "\"field\":\"topic\""},
	        {"topic=channel:%ff", 400, "INVALID_ARGUMENT"},
	        {"topic=channel:mistakes&last_event_id=nonsense", 400, "last_event_id"},
	        {"topic=channel:mistakes&last_event_id=m1.2-m1.2", 400, "last_event_id"},
	        {"topic=channel:no-such-channel", 404, "NOT_FOUND"},
	        {"topic=channel:mistakes&topic=channel:no-such-channel", 404, "NOT_FOUND"},
	        {"topic=channel:mistakes&token=nonsense", 401, "UNAUTHENTICATED"},
	        {"topic=weather&last_event_id=x&token=nonsense", 401, "UNAUTHENTICATED"},
	};
	char long_name[256];

	e2e_create_channel(&server, ann.token, "mistakes", false);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(cases[i].query, NULL, cases[i].status, cases[i].text);
	assert_refused("topic=channel:mistakes", "nonsense", 401, NULL);
	snprintf(long_name, sizeof long_name, "topic=channel:%.*s", 100,
	         "aaaaaaaaaaaaaaaaaaaaaaaaaaa"
	         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_refused(long_name, NULL, 404, "NOT_FOUND");
	assert_answer(http_ask(server.port, &(struct http_request){.method = "HEAD",
	                                                           .path = "/events?topic=channel:"
	                                                                   "mistakes"}),
	              200, NULL);
	assert_answer(http_ask(server.port, &(struct http_request){.method = "HEAD",
	                                                           .path = "/events?topic=channel:"
	                                                                   "no-such-channel"}),
	              404, NULL);
	assert_answer(http_post(server.port, "/events", NULL, "{}"), 405, NULL);
}

TEST(an_account_has_only_so_many_streams)
{
	struct sse s[MAX_EACH];

	e2e_create_channel(&server, cat.token, "crowd", false);
	for (int i = 0; i < MAX_EACH; i++)
		open_stream(&s[i], "topic=channel:crowd", cat.token, NULL);
	assert_refused("topic=channel:crowd", cat.token, 429, "RESOURCE_EXHAUSTED");
	/* Clients that hung up are seen. */
	for (int i = 0; i < MAX_EACH; i++)
		sse_close(&s[i]);
	assert_soon((sse_ask(&s[0], &(struct sse_request){.port = server.port,
	                                                  .query = "topic=channel:crowd",
	                                                  .token = cat.token}),
	             sse_close(&s[1]), s[0].status == 200 || (sse_close(&s[0]), false)));
	sse_close(&s[0]);
	assert_soon(server_metric(&server, "edge_streams ") == 0);
}

/* ---- who may listen ---- */

TEST(private_channels_are_for_who_may_read_them)
{
	char       query[SERVER_TOKEN_BYTES + 64];
	struct sse s;

	create_private("club");
	assert_refused("topic=channel:club", NULL, 404, "NOT_FOUND");
	assert_refused("topic=channel:club", cat.token, 404, "NOT_FOUND");
	assert_refused("topic=channel:club", admin.token, 404, "NOT_FOUND");
	open_stream(&s, "topic=channel:club", bob.token, NULL);
	e2e_send(&server, ann.token, "club", "psst");
	assert_event(&s, "message_created");
	sse_close(&s);
	snprintf(query, sizeof query, "topic=channel:club&token=%s", bob.token);
	open_stream(&s, query, NULL, NULL);
	e2e_send(&server, ann.token, "club", "psst");
	assert_event(&s, "message_created");
	sse_close(&s);
}

/* The topic ends soon, with a reason, and the stream when that was the last. */
static void assert_ends(struct sse *s, const char *event, int64_t since_ns)
{
	assert_event(s, event);
	assert_true(clock_now_ns() - since_ns < AT_ONCE_MS * CLOCK_NS_PER_MS);
	assert_true(strlen(sse_text(s, "reason")) > 0);
	assert_event(s, "end");
	assert_over(s);
	assert_true(s->is_whole);
	sse_close(s);
}

TEST(who_is_banned_hears_no_more)
{
	struct sse s, owner;
	int64_t    since_ns;

	create_private("strict");
	open_stream(&s, "topic=channel:strict", bob.token, NULL);
	open_stream(&owner, "topic=channel:strict", ann.token, NULL);
	since_ns = clock_now_ns();
	assert_answer(room_name(&server, "strict", "/ban", ann.token, "bob"), 200, NULL);
	e2e_send(&server, ann.token, "strict", "not for bob");
	assert_ends(&s, "topic_end", since_ns);
	assert_event(&owner, "message_created");
	sse_close(&owner);
}

TEST(who_leaves_or_is_invited_no_more_hears_no_more)
{
	struct sse s;
	int64_t    since_ns;

	create_private("doors");
	open_stream(&s, "topic=channel:doors", bob.token, NULL);
	since_ns = clock_now_ns();
	assert_answer(room_ask(&server, "POST", "doors", "/leave", bob.token, NULL), 204, NULL);
	assert_ends(&s, "topic_end", since_ns);

	assert_answer(room_name(&server, "doors", "/invite", ann.token, "cat"), 200, NULL);
	open_stream(&s, "topic=channel:doors", cat.token, NULL);
	since_ns = clock_now_ns();
	assert_answer(room_ask(&server, "DELETE", "doors", "/invite/cat", ann.token, NULL), 200,
	              NULL);
	assert_ends(&s, "topic_end", since_ns);
}

TEST(a_channel_that_becomes_private_ends_for_strangers)
{
	struct sse stranger, member;
	int64_t    since_ns;

	e2e_create_channel(&server, ann.token, "closing", false);
	e2e_join(&server, bob.token, "closing");
	open_stream(&stranger, "topic=channel:closing", NULL, NULL);
	open_stream(&member, "topic=channel:closing", bob.token, NULL);
	since_ns = clock_now_ns();
	assert_answer(room_ask(&server, "POST", "closing", "/mode", ann.token, "{\"mode\":\"+p\"}"),
	              200, NULL);
	e2e_send(&server, ann.token, "closing", "secret");
	assert_ends(&stranger, "topic_end", since_ns);
	assert_event(&member, "message_created");
	sse_close(&member);
}

TEST(other_topics_go_on_when_one_ends)
{
	struct sse s;

	create_private("inner");
	e2e_create_channel(&server, ann.token, "outer", false);
	open_stream(&s, "topic=channel:inner&topic=channel:outer", bob.token, NULL);
	assert_answer(room_ask(&server, "POST", "inner", "/leave", bob.token, NULL), 204, NULL);
	assert_event(&s, "topic_end");
	assert_string_equal(sse_text(&s, "topic"), "channel:inner");
	e2e_send(&server, ann.token, "inner", "no");
	e2e_send(&server, ann.token, "outer", "yes");
	assert_event(&s, "message_created");
	assert_string_equal(sse_text(&s, "text"), "yes");
	assert_answer(room_ask(&server, "DELETE", "outer", "", ann.token, NULL), 204, NULL);
	assert_event(&s, "channel_deleted");
	assert_string_equal(sse_text(&s, "channel"), "outer");
	assert_event(&s, "end");
	assert_over(&s);
	sse_close(&s);
	assert_refused("topic=channel:outer", NULL, 404, "NOT_FOUND");
}

TEST(a_stream_ends_with_its_session)
{
	struct e2e_session gone, other;
	struct sse         s, goes_on, anonymous;
	char               path[64];

	e2e_create_channel(&server, ann.token, "sessions", false);
	e2e_register(&server, "sam");
	other = e2e_login(&server, "sam");
	gone = e2e_login(&server, "sam");
	open_stream(&s, "topic=channel:sessions", gone.token, NULL);
	open_stream(&goes_on, "topic=channel:sessions", other.token, NULL);
	open_stream(&anonymous, "topic=channel:sessions", NULL, NULL);
	snprintf(path, sizeof path, "/users/me/sessions/%" PRId64, gone.id);
	assert_answer(http_ask(server.port, &(struct http_request){.method = "DELETE",
	                                                           .path = path,
	                                                           .token = other.token}),
	              204, NULL);
	assert_event(&s, "end");
	assert_string_equal(sse_text(&s, "reason"), "the session has ended");
	assert_over(&s);
	assert_answer(http_postf(server.port, "/logout", other.token, "{\"token\":\"%s\"}",
	                         other.refresh_token),
	              204, NULL);
	assert_event(&goes_on, "end");
	assert_over(&goes_on);
	e2e_send(&server, ann.token, "sessions", "who is there?");
	assert_event(&anonymous, "message_created");
	sse_close(&s);
	sse_close(&goes_on);
	sse_close(&anonymous);
}

TEST(a_stream_ends_when_its_token_expires)
{
	const int64_t             now_s = clock_wall_us() / 1000000;
	const struct e2e_session  session = e2e_login(&server, "bob");
	const struct token_claims claims = {.account_id = bob.id,
	                                    .session_id = session.id,
	                                    .pseudo = STR("bob"),
	                                    .roles = (const str[]){STR("user")},
	                                    .n_roles = 1,
	                                    .issued_time = now_s,
	                                    .expire_time = now_s + 2};
	struct arena              a;
	struct sse                s;
	str                       token;

	e2e_create_channel(&server, ann.token, "expiry", false);
	arena_init(&a, 65536);
	assert_status(token_sign(STR(SERVER_JWT_SECRET), &claims, &a, &token), CODE_OK);
	open_stream(&s, "topic=channel:expiry", arena_cstr(&a, token), NULL);
	assert_event(&s, "end");
	assert_string_equal(sse_text(&s, "reason"), "the token has expired");
	assert_true(clock_wall_us() / 1000000 >= claims.expire_time);
	assert_over(&s);
	sse_close(&s);
	arena_fini(&a);
}

TEST(who_listens_is_there)
{
	struct e2e_account eve = e2e_register(&server, "eve");
	char               query[SERVER_TOKEN_BYTES + 64];
	struct sse         s;
	struct sql         sql;

	e2e_create_channel(&server, ann.token, "presence", false);
	snprintf(query, sizeof query, "topic=channel:presence&token=%s", eve.token);
	open_stream(&s, query, NULL, NULL);
	sql_open(&sql, server.db_url);
	sql_run(&sql, "UPDATE users.accounts SET last_seen_time = now() - interval '1 hour'"
	              " WHERE pseudo = 'eve';");
	/* It asks for nothing, but it listens. */
	assert_soon(
	        room_shows(http_get(server.port, "/ison?users=eve", NULL), "result", "[\"eve\"]"));
	sse_close(&s);
	assert_soon(server_metric(&server, "edge_streams ") == 0);
	sql_close(&sql);
}

/* ---- coming again ---- */

static void send_numbers(const char *channel, int first, int n)
{
	char text[16];

	for (int i = first; i < first + n; i++) {
		snprintf(text, sizeof text, "%d", i);
		e2e_send(&server, ann.token, channel, text);
	}
}

static void assert_numbers(struct sse *s, int first, int n)
{
	for (int i = first; i < first + n; i++) {
		assert_event(s, "message_created");
		assert_int_equal(strtol(sse_text(s, "text"), NULL, 10), i);
	}
}

TEST(who_comes_again_is_told_what_was_missed_once)
{
	char       id[SSE_ID_BYTES], query[SSE_ID_BYTES + 64];
	struct sse s;

	e2e_create_channel(&server, ann.token, "again", false);
	e2e_create_channel(&server, ann.token, "noise", false);
	open_stream(&s, "topic=channel:again", NULL, NULL);
	send_numbers("again", 0, 3);
	assert_numbers(&s, 0, 2);
	snprintf(id, sizeof id, "%s", s.id);
	sse_close(&s);
	send_numbers("noise", 100, 5);
	send_numbers("again", 3, 20);
	open_stream(&s, "topic=channel:again", NULL, id);
	send_numbers("again", 23, 2);
	assert_numbers(&s, 2, 23);
	assert_false(sse_next(&s, QUIET_MS));
	sse_close(&s);
	snprintf(query, sizeof query, "topic=channel:again&last_event_id=%s", id);
	open_stream(&s, query, NULL, NULL);
	assert_numbers(&s, 2, 23);
	sse_close(&s);
}

TEST(the_first_id_is_enough_to_come_again)
{
	char       id[SSE_ID_BYTES];
	struct sse s;

	e2e_create_channel(&server, ann.token, "first", false);
	open_stream(&s, "topic=channel:first", NULL, NULL);
	assert_soon((sse_next(&s, 10), s.id[0]));
	snprintf(id, sizeof id, "%s", s.id);
	sse_close(&s);
	send_numbers("first", 0, 3);
	open_stream(&s, "topic=channel:first", NULL, id);
	assert_numbers(&s, 0, 3);
	sse_close(&s);
}

TEST(who_cannot_be_told_what_was_missed_is_told_that)
{
	char       id[SSE_ID_BYTES], other[SSE_ID_BYTES];
	struct sse s;

	e2e_create_channel(&server, ann.token, "resets", false);
	open_stream(&s, "topic=channel:resets", NULL, NULL);
	assert_soon((sse_next(&s, 10), s.id[0]));
	sse_close(&s);
	snprintf(id, sizeof id, "%s", "m1.1");
	open_stream(&s, "topic=channel:resets", NULL, id);
	assert_event(&s, "reset");
	send_numbers("resets", 0, 1);
	assert_numbers(&s, 0, 1);
	/* A place that the stream has not come to. */
	snprintf(other, sizeof other, "%.*s.999999999", (int)(strchr(s.id, '.') - s.id), s.id);
	sse_close(&s);
	open_stream(&s, "topic=channel:resets", NULL, other);
	assert_event(&s, "reset");
	send_numbers("resets", 1, 1);
	assert_numbers(&s, 1, 1);
	sse_close(&s);
}

/* As when a database was put back to an earlier state. */
TEST(who_listens_while_the_facts_begin_anew_is_told_that)
{
	struct sse s;
	struct sql sql;

	e2e_create_channel(&server, ann.token, "anew", false);
	open_stream(&s, "topic=channel:anew", NULL, NULL);
	send_numbers("anew", 0, 1);
	assert_numbers(&s, 0, 1);
	sql_open(&sql, server.db_url);
	sql_run(&sql, "UPDATE messages.stream SET epoch = epoch + 1;");
	assert_event(&s, "reset");
	send_numbers("anew", 1, 2);
	assert_numbers(&s, 1, 2);
	sql_close(&sql);
	sse_close(&s);
}

/* ---- slow readers ---- */

TEST(a_slow_reader_is_ended_and_others_go_on)
{
	enum { MESSAGES = 120, TEXT = 3900 };
	char       text[TEXT + 1];
	double     before = server_metric(&server, "edge_streams_slow_total");
	struct sse slow, quick;
	int        sent = 0;

	e2e_create_channel(&server, ann.token, "flood", false);
	memset(text, 'x', TEXT);
	text[TEXT] = '\0';
	sse_open(&slow, &(struct sse_request){.port = server.port,
	                                      .query = "topic=channel:flood",
	                                      .rcv_bytes = 4096});
	open_stream(&quick, "topic=channel:flood", NULL, NULL);
	while (sent < MESSAGES && server_metric(&server, "edge_streams_slow_total") == before) {
		e2e_send(&server, ann.token, "flood", text);
		sent++;
		assert_event(&quick, "message_created");
	}
	assert_true(sent < MESSAGES);
	assert_soon(server_metric(&server, "edge_streams ") == 1);
	e2e_send(&server, ann.token, "flood", "still here");
	assert_event(&quick, "message_created");
	assert_string_equal(sse_text(&quick, "text"), "still here");
	while (sse_next(&slow, SSE_WAIT_MS))
		;
	assert_true(slow.is_over);
	assert_false(slow.is_whole);
	sse_close(&slow);
	sse_close(&quick);
}

TEST_MAIN(start, stop)
