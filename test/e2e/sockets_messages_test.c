/* What is said over the chat's WebSocket: every type of frame, both ways. */
#include "test/e2e/chatter.h"

#include <string.h>

static struct server server;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* Two people who talk, each with one socket. */
struct pair {
	struct e2e_account a, b;
	int64_t            conversation;
	struct ws          wa, wb;
};

static struct pair meet(const char *name)
{
	struct pair p;
	char        pseudo[33];

	snprintf(pseudo, sizeof pseudo, "%s-a", name);
	p.a = e2e_register(&server, pseudo);
	snprintf(pseudo, sizeof pseudo, "%s-b", name);
	p.b = e2e_register(&server, pseudo);
	p.conversation = chat_open(&server, p.a.token, p.b.id);
	p.wa = chatter_open(server.port, p.a.token);
	p.wb = chatter_open(server.port, p.b.token);
	return p;
}

static void part(struct pair *p)
{
	assert_quiet(&p->wa);
	assert_quiet(&p->wb);
	chatter_leave(&p->wa);
	chatter_leave(&p->wb);
}

static void say(struct ws *w, int64_t conversation, const char *text)
{
	assert_true(
	        ws_text(w, "{\"type\":\"send_message\",\"conversation_id\":%ld,\"content\":\"%s\"}",
	                (long)conversation, text));
}

/* The next frame is this message; its number. */
static int64_t hears(struct ws *w, const struct pair *p, int64_t sender, const char *text)
{
	json_t *frame = chatter_next(w, "new_message");
	int64_t id = chatter_int(frame, "id");

	assert_int_equal(json_integer_value(json_object_get(frame, "conversation_id")),
	                 p->conversation);
	assert_string_equal(chatter_text(frame, "message"), text);
	assert_int_equal(chatter_int(frame, "sender_id"), sender);
	assert_int_equal(json_object_size(json_object_get(frame, "data")), 4);
	assert_int_equal(strlen(chatter_text(frame, "timestamp")) > 19, true);
	assert_non_null(strchr(json_string_value(json_object_get(frame, "timestamp")), 'Z'));
	json_decref(frame);
	return id;
}

TEST(a_message_comes_to_all_sockets_of_both_and_to_nobody_else)
{
	struct pair        p = meet("all");
	struct e2e_account c = e2e_register(&server, "all-c");
	struct ws          wa2 = chatter_open(server.port, p.a.token);
	struct ws          wb2 = chatter_open(server.port, p.b.token);
	struct ws          wc = chatter_open(server.port, c.token);
	int64_t            id;

	say(&p.wa, p.conversation, "hello");
	id = hears(&p.wb, &p, p.a.id, "hello");
	assert_true(id > 0);
	assert_int_equal(hears(&wb2, &p, p.a.id, "hello"), id);
	assert_int_equal(hears(&p.wa, &p, p.a.id, "hello"), id);
	assert_int_equal(hears(&wa2, &p, p.a.id, "hello"), id);
	say(&wb2, p.conversation, "bonjour \\ud83e\\udd86 \\\"quoted\\\"");
	hears(&p.wa, &p, p.b.id, "bonjour 🦆 \"quoted\"");
	hears(&wa2, &p, p.b.id, "bonjour 🦆 \"quoted\"");
	hears(&p.wb, &p, p.b.id, "bonjour 🦆 \"quoted\"");
	hears(&wb2, &p, p.b.id, "bonjour 🦆 \"quoted\"");
	assert_quiet(&wc);
	chatter_leave(&wc);
	chatter_leave(&wa2);
	chatter_leave(&wb2);
	part(&p);
}

TEST(messages_come_whatever_door_they_went_in_by)
{
	struct pair          p = meet("doors");
	struct http_response r;
	int64_t              id;

	r = http_postf(server.port, "/api/v1/chat/messages", p.a.token,
	               "{\"conversation_id\":%ld,\"message\":\"by REST\"}", (long)p.conversation);
	assert_http(r, 201);
	id = http_int(&r, "data.id");
	http_response_free(&r);
	assert_int_equal(hears(&p.wb, &p, p.a.id, "by REST"), id);
	hears(&p.wa, &p, p.a.id, "by REST");
	id = talk_to(&server, p.b.token, "doors-a", "by name");
	assert_int_equal(hears(&p.wa, &p, p.b.id, "by name"), id);
	hears(&p.wb, &p, p.b.id, "by name");
	part(&p);
}

TEST(what_was_said_before_goodbye_is_done)
{
	struct pair p = meet("bye");
	char        text[32];

	for (int i = 0; i < 10; i++) {
		snprintf(text, sizeof text, "word %d", i);
		say(&p.wa, p.conversation, text);
	}
	assert_true(ws_send_close(&p.wa, 1000));
	for (int i = 0; i < 10; i++) {
		snprintf(text, sizeof text, "word %d", i);
		hears(&p.wb, &p, p.a.id, text);
	}
	ws_close(&p.wa);
	chatter_leave(&p.wb);
}

TEST(frames_sent_together_are_done_in_order)
{
	enum { N = 40 };
	struct pair p = meet("order");
	char        text[16];

	/* More than are taken in at once. */
	for (int i = 0; i < N; i++) {
		snprintf(text, sizeof text, "m%d", i);
		say(&p.wa, p.conversation, text);
	}
	for (int i = 0; i < N; i++) {
		snprintf(text, sizeof text, "m%d", i);
		hears(&p.wb, &p, p.a.id, text);
		hears(&p.wa, &p, p.a.id, text);
	}
	part(&p);
}

static void expect_read(struct ws *w, const struct pair *p, int64_t reader, int64_t message,
                        int64_t count)
{
	json_t *frame = chatter_next(w, "read");

	assert_int_equal(json_integer_value(json_object_get(frame, "conversation_id")),
	                 p->conversation);
	assert_int_equal(chatter_int(frame, "user_id"), reader);
	assert_int_equal(chatter_int(frame, "message_id"), message);
	assert_int_equal(chatter_int(frame, "read"), count);
	assert_true(strlen(chatter_text(frame, "read_at")) > 0);
	json_decref(frame);
}

TEST(reading_is_told_to_who_wrote)
{
	struct pair          p = meet("read");
	struct http_response r;
	char                 path[64];
	int64_t              id;

	say(&p.wa, p.conversation, "one");
	hears(&p.wb, &p, p.a.id, "one");
	hears(&p.wa, &p, p.a.id, "one");
	say(&p.wa, p.conversation, "two");
	id = hears(&p.wb, &p, p.a.id, "two");
	hears(&p.wa, &p, p.a.id, "two");
	assert_true(ws_text(&p.wb, "{\"type\":\"mark_read\",\"conversation_id\":%ld}",
	                    (long)p.conversation));
	expect_read(&p.wa, &p, p.b.id, id, 2);
	expect_read(&p.wb, &p, p.b.id, id, 2);
	say(&p.wa, p.conversation, "three");
	id = hears(&p.wb, &p, p.a.id, "three");
	hears(&p.wa, &p, p.a.id, "three");
	assert_true(ws_text(&p.wb, "{\"type\":\"join_conversation\",\"conversation_id\":%ld}",
	                    (long)p.conversation));
	expect_read(&p.wa, &p, p.b.id, id, 1);
	expect_read(&p.wb, &p, p.b.id, id, 1);
	say(&p.wa, p.conversation, "four");
	id = hears(&p.wb, &p, p.a.id, "four");
	hears(&p.wa, &p, p.a.id, "four");
	snprintf(path, sizeof path, "/api/v1/chat/conversations/%ld/read", (long)p.conversation);
	r = e2e_ask(&server, "PUT", path, p.b.token, "%s", "");
	assert_http(r, 200);
	http_response_free(&r);
	expect_read(&p.wa, &p, p.b.id, id, 1);
	expect_read(&p.wb, &p, p.b.id, id, 1);
	part(&p);
}

TEST(typing_is_shown_to_the_other_only)
{
	struct pair p = meet("typing");
	char        data[64];

	assert_true(ws_text(&p.wa,
	                    "{\"type\":\"typing\",\"conversation_id\":%ld,\"is_typing\":true}",
	                    (long)p.conversation));
	snprintf(data, sizeof data, "{\"user_id\":%ld,\"is_typing\":true}", (long)p.a.id);
	assert_next(&p.wb, "typing", data);
	assert_true(ws_text(&p.wa,
	                    "{\"type\":\"typing\",\"conversation_id\":%ld,\"is_typing\":false}",
	                    (long)p.conversation));
	snprintf(data, sizeof data, "{\"user_id\":%ld,\"is_typing\":false}", (long)p.a.id);
	assert_next(&p.wb, "typing", data);
	part(&p);
}

static void react(struct ws *w, const char *type, int64_t id)
{
	assert_true(ws_text(w, "{\"type\":\"%s\",\"message_id\":%ld,\"emoji\":\"🦆\"}", type,
	                    (long)id));
}

TEST(reactions_are_told_to_both)
{
	struct pair p = meet("react");
	char        data[128];
	int64_t     id;

	say(&p.wa, p.conversation, "coin");
	id = hears(&p.wb, &p, p.a.id, "coin");
	hears(&p.wa, &p, p.a.id, "coin");
	react(&p.wb, "reaction_add", id);
	snprintf(data, sizeof data,
	         "{\"message_id\":%ld,\"user_id\":%ld,\"emoji\":\"🦆\",\"is_added\":true}",
	         (long)id, (long)p.b.id);
	assert_next(&p.wa, "reaction_update", data);
	assert_next(&p.wb, "reaction_update", data);
	react(&p.wb, "reaction_remove", id);
	snprintf(data, sizeof data,
	         "{\"message_id\":%ld,\"user_id\":%ld,\"emoji\":\"🦆\",\"is_added\":false}",
	         (long)id, (long)p.b.id);
	assert_next(&p.wa, "reaction_update", data);
	assert_next(&p.wb, "reaction_update", data);
	part(&p);
}

TEST(what_happens_in_channels_is_not_told_here)
{
	struct pair p = meet("channel");

	e2e_create_channel(&server, p.a.token, "quietroom", false);
	e2e_join(&server, p.b.token, "quietroom");
	e2e_send(&server, p.a.token, "quietroom", "not for sockets");
	say(&p.wa, p.conversation, "for sockets");
	hears(&p.wa, &p, p.a.id, "for sockets");
	hears(&p.wb, &p, p.a.id, "for sockets");
	part(&p);
}

/* ---- what is wrong ---- */

TEST(a_bad_frame_gets_an_error_and_the_socket_stays)
{
	static const char *const frames[] = {
	        "",
	        "hello",
	        "[]",
	        "{",
	        "{\"type\":\"send_message\"} ",
	        "{\"type\":\"dance\"}",
	        "{\"type\":7}",
	        "{}",
	        "{\"type\":\"typing\",\"conversation_id\":\"x\"}",
	        "{\"type\":\"typing\",\"conversation_id\":-1}",
	        "{\"type\":\"typing\",\"conversation_id\":1e400}",
	        "{\"type\":\"typing\",\"type\":\"typing\"}",
	        "{\"type\":\"mark_read\",\"conversation_id\":null}",
	        "{\"type\":\"reaction_add\",\"message_id\":1}",
	        "{\"type\":\"resume\"}",
	        "{\"type\":\"resume\",\"after_message_id\":-5}",
	        "{\"type\":\"a\\u0000b\"}",
	        /* A client_id of 65 bytes. */
	        ("{\"type\":\"typing\",\"client_id\":\"0123456789012345678901234567890123456789"
	         "0123456789012345678901234\"}"),
	};
	struct pair p = meet("bad");

	for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
		assert_true(ws_send(&p.wa, WS_TEXT, frames[i], strlen(frames[i])));
		assert_next_error(&p.wa, "INVALID_ARGUMENT");
	}
	assert_true(ws_send(&p.wa, WS_BINARY, "{\"type\":\"typing\"}", 17));
	assert_next_error(&p.wa, "INVALID_ARGUMENT");
	say(&p.wa, p.conversation, "still here");
	hears(&p.wa, &p, p.a.id, "still here");
	hears(&p.wb, &p, p.a.id, "still here");
	part(&p);
}

TEST(an_error_names_the_fields_at_fault_and_what_it_is_about)
{
	struct pair p = meet("fields");
	json_t     *frame;
	char       *text;

	assert_true(ws_text(&p.wa, "{\"type\":\"send_message\",\"client_id\":\"c1\"}"));
	frame = chatter_next(&p.wa, "error");
	text = json_dumps(json_object_get(frame, "data"), JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(
	        text, "{\"client_id\":\"c1\",\"code\":\"INVALID_ARGUMENT\",\"details\":[{\"field\":"
	              "\"conversation_id\",\"reason\":\"is required\"},{\"field\":\"content\","
	              "\"reason\":\"is required\"}],\"message\":\"some fields are not valid\"}");
	free(text);
	json_decref(frame);
	part(&p);
}

/* The next message is an error, and names this field alone. */
static void blames(struct ws *w, const char *field)
{
	json_t *frame = chatter_next(w, "error");
	json_t *details = json_object_get(json_object_get(frame, "data"), "details");

	assert_string_equal(chatter_text(frame, "code"), "INVALID_ARGUMENT");
	assert_int_equal(json_array_size(details), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(details, 0), "field")),
	                    field);
	json_decref(frame);
}

TEST(texts_have_1_to_1000_characters)
{
	struct pair p = meet("long");
	char        text[4 * 1001 + 1];

	for (int i = 0; i < 1000; i++)
		memcpy(text + 4 * i, "🦆", 4);
	text[4000] = '\0';
	say(&p.wa, p.conversation, text);
	hears(&p.wa, &p, p.a.id, text);
	hears(&p.wb, &p, p.a.id, text);
	memcpy(text + 4000, "🦆", 5);
	say(&p.wa, p.conversation, text);
	blames(&p.wa, "content");
	say(&p.wa, p.conversation, "");
	blames(&p.wa, "content");
	part(&p);
}

TEST(conversations_of_others_are_closed)
{
	struct pair        p = meet("mine");
	struct e2e_account c = e2e_register(&server, "mine-c");
	struct ws          wc = chatter_open(server.port, c.token);

	say(&wc, p.conversation, "let me in");
	assert_next_error(&wc, "PERMISSION_DENIED");
	assert_true(ws_text(&wc, "{\"type\":\"typing\",\"conversation_id\":%ld}",
	                    (long)p.conversation));
	assert_next_error(&wc, "PERMISSION_DENIED");
	assert_true(ws_text(&wc, "{\"type\":\"mark_read\",\"conversation_id\":%ld}",
	                    (long)p.conversation));
	assert_next_error(&wc, "PERMISSION_DENIED");
	say(&wc, 999999999, "anybody?");
	assert_next_error(&wc, "NOT_FOUND");
	assert_quiet(&wc);
	chatter_leave(&wc);
	part(&p);
}

TEST(what_has_a_client_id_is_acknowledged_by_it)
{
	struct pair p = meet("ack");
	json_t     *acked = NULL;
	int64_t     id = 0;

	assert_true(ws_text(&p.wa,
	                    "{\"type\":\"send_message\",\"conversation_id\":%ld,\"content\":\"x\","
	                    "\"client_id\":\"own-1\"}",
	                    (long)p.conversation));
	/* The ack and the message itself come in either order. */
	for (int i = 0; i < 2; i++) {
		struct ws_event e = ws_next(&p.wa, CHATTER_WAIT_MS);
		json_t         *frame = json_loads(e.text ? e.text : "", 0, NULL);

		if (strcmp(json_string_value(json_object_get(frame, "type")), "presence") == 0)
			i--;
		if (strcmp(json_string_value(json_object_get(frame, "type")), "ack") == 0)
			acked = json_incref(frame);
		else if (chatter_int(frame, "id"))
			id = chatter_int(frame, "id");
		json_decref(frame);
	}
	assert_non_null(acked);
	assert_string_equal(chatter_text(acked, "client_id"), "own-1");
	assert_int_equal(chatter_int(acked, "message_id"), id);
	json_decref(acked);
	assert_int_equal(hears(&p.wb, &p, p.a.id, "x"), id);
	part(&p);
}

TEST(a_hundred_messages_a_minute_by_every_door_together)
{
	struct pair          p = meet("often");
	struct http_response r;
	json_t              *frame;

	for (int i = 0; i < 96; i++)
		say(&p.wa, p.conversation, "m");
	for (int i = 0; i < 96; i++) {
		hears(&p.wa, &p, p.a.id, "m");
		hears(&p.wb, &p, p.a.id, "m");
	}
	talk_to(&server, p.a.token, "often-b", "97");
	talk_to(&server, p.a.token, "often-b", "98");
	for (int i = 99; i <= 101; i++) {
		r = http_postf(server.port, "/api/v1/chat/messages", p.a.token,
		               "{\"conversation_id\":%ld,\"message\":\"%d\"}", (long)p.conversation,
		               i);
		assert_http(r, i <= 100 ? 201 : 429);
		http_response_free(&r);
	}
	hears(&p.wa, &p, p.a.id, "97");
	hears(&p.wa, &p, p.a.id, "98");
	hears(&p.wa, &p, p.a.id, "99");
	hears(&p.wa, &p, p.a.id, "100");
	say(&p.wa, p.conversation, "101");
	frame = chatter_next(&p.wa, "error");
	assert_string_equal(chatter_text(frame, "code"), "RESOURCE_EXHAUSTED");
	assert_in_range(chatter_int(frame, "retry_after"), 1, 60);
	json_decref(frame);
	say(&p.wb, p.conversation, "I may");
	hears(&p.wa, &p, p.b.id, "I may");
	chatter_leave(&p.wa);
	ws_close(&p.wb);
}

/* ---- who is there ---- */

TEST(partners_hear_who_comes_and_goes)
{
	struct e2e_account a = e2e_register(&server, "come-a"), b = e2e_register(&server, "come-b");
	struct e2e_account c = e2e_register(&server, "come-c");
	struct ws          wa, wb, wb2, wc;
	char               online[64], offline[64];

	snprintf(online, sizeof online, "{\"user_id\":%ld,\"status\":\"online\"}", (long)b.id);
	snprintf(offline, sizeof offline, "{\"user_id\":%ld,\"status\":\"offline\"}", (long)b.id);
	chat_open(&server, a.token, b.id);
	wa = chatter_open(server.port, a.token);
	wc = chatter_open(server.port, c.token);
	wb = chatter_open(server.port, b.token);
	assert_next(&wa, "presence", online);
	wb2 = chatter_open(server.port, b.token);
	chatter_leave(&wb);
	/* The first that goes is not the last: nothing is told until then. */
	ws_close(&wb2);
	assert_next(&wa, "presence", offline);
	wb = chatter_open(server.port, b.token);
	assert_next(&wa, "presence", online);
	assert_int_equal(ws_send(&wc, WS_PING, "", 0), true);
	assert_int_equal(ws_next(&wc, CHATTER_WAIT_MS).kind, WS_PONGED);
	chatter_leave(&wb);
	chatter_leave(&wc);
	chatter_leave(&wa);
}

TEST_MAIN(start, stop)
