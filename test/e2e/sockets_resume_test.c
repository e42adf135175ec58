/* What a client of the chat missed while it was away, and who does not keep up. */
#include "test/e2e/chatter.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

enum { WRITERS = 5, EACH = 90 };

static struct server      server;
static struct e2e_account writers[WRITERS];

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	for (int i = 0; i < WRITERS; i++) {
		char pseudo[33];

		snprintf(pseudo, sizeof pseudo, "writer-%d", i);
		writers[i] = e2e_register(&server, pseudo);
	}
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

/* Somebody to whom the writers write, each in a conversation of its own. */
struct reader {
	struct e2e_account account;
	int64_t            conversations[WRITERS];
};

static struct reader new_reader(const char *pseudo)
{
	struct reader r = {.account = e2e_register(&server, pseudo)};

	for (int i = 0; i < WRITERS; i++)
		r.conversations[i] = chat_open(&server, r.account.token, writers[i].id);
	return r;
}

/* Writers of one test only: they may write a hundred messages a minute. */
static void new_writers(const char *name)
{
	for (int i = 0; i < WRITERS; i++) {
		char pseudo[33];

		snprintf(pseudo, sizeof pseudo, "%s-%d", name, i);
		writers[i] = e2e_register(&server, pseudo);
	}
}

static void resume(struct ws *w, int64_t after)
{
	assert_true(ws_text(w, "{\"type\":\"resume\",\"after_message_id\":%ld,\"client_id\":\"r\"}",
	                    (long)after));
}

static int64_t take_message(struct ws *w, const char *text)
{
	json_t *frame = chatter_next(w, "new_message");
	int64_t id = chatter_int(frame, "id");

	if (text)
		assert_string_equal(chatter_text(frame, "message"), text);
	json_decref(frame);
	return id;
}

static void expect_ack(struct ws *w, int64_t count)
{
	json_t *frame = chatter_next(w, "ack");

	assert_string_equal(chatter_text(frame, "client_id"), "r");
	assert_int_equal(chatter_int(frame, "count"), count);
	json_decref(frame);
}

TEST(what_was_missed_comes_oldest_first_and_then_what_comes)
{
	struct reader r = new_reader("away");
	struct ws     w = chatter_open(server.port, r.account.token);
	struct ws     stays = chatter_open(server.port, r.account.token);
	int64_t       last;

	chat_send(&server, writers[0].token, r.conversations[0], "seen");
	last = take_message(&w, "seen");
	chatter_leave(&w);
	chat_send(&server, writers[1].token, r.conversations[1], "one");
	chat_send(&server, r.account.token, r.conversations[1], "own");
	chat_send(&server, writers[0].token, r.conversations[0], "two");
	take_message(&stays, "seen");
	take_message(&stays, "one");
	take_message(&stays, "own");
	take_message(&stays, "two");
	w = chatter_open(server.port, r.account.token);
	resume(&w, last);
	take_message(&w, "one");
	take_message(&w, "own");
	take_message(&w, "two");
	expect_ack(&w, 3);
	chat_send(&server, writers[2].token, r.conversations[2], "three");
	take_message(&w, "three");
	take_message(&stays, "three");
	assert_quiet(&w);
	assert_quiet(&stays);
	chatter_leave(&w);
	chatter_leave(&stays);
}

TEST(what_came_before_one_resumed_does_not_come_again)
{
	struct reader r = new_reader("late");
	struct ws     stays = chatter_open(server.port, r.account.token), w;
	int64_t       before;

	before = chat_send(&server, writers[0].token, r.conversations[0], "missed");
	take_message(&stays, "missed");
	w = chatter_open(server.port, r.account.token);
	chat_send(&server, writers[1].token, r.conversations[1], "live");
	take_message(&w, "live"); /* though nothing is said: after a moment */
	take_message(&stays, "live");
	resume(&w, before - 1);
	take_message(&w, "missed");
	expect_ack(&w, 1);
	assert_quiet(&w);
	chatter_leave(&w);
	chatter_leave(&stays);
}

/* Writes, connects and resumes; false when that took so long that nobody waited for it. */
static bool resume_at_once(const struct reader *r, int round)
{
	int64_t   before, began_ns;
	struct ws w;
	char      texts[4][32];
	bool      was_quick;

	for (int i = 0; i < 4; i++)
		snprintf(texts[i], sizeof texts[i], "%d-%d", round, i);
	before = chat_send(&server, writers[3].token, r->conversations[3], texts[0]);
	for (int i = 1; i < 4; i++)
		chat_send(&server, writers[3].token, r->conversations[3], texts[i]);
	began_ns = clock_now_ns();
	w = chatter_open(server.port, r->account.token);
	/* Without an ack, which may come before those that are still on their way. */
	assert_true(
	        ws_text(&w, "{\"type\":\"resume\",\"after_message_id\":%ld}", (long)before - 1));
	was_quick = clock_now_ns() - began_ns < 150 * CLOCK_NS_PER_MS;
	for (int i = 0; i < 4 && was_quick; i++)
		take_message(&w, texts[i]);
	ws_close(&w);
	return was_quick;
}

TEST(who_resumes_at_once_gets_older_messages_first)
{
	struct reader r = new_reader("prompt");
	int           quick = 0;

	for (int round = 0; round < 20 && quick < 5; round++)
		quick += resume_at_once(&r, round);
	assert_int_equal(quick, 5);
}

TEST(nothing_missed_is_nothing_and_once_is_enough)
{
	struct reader r = new_reader("nothing");
	struct ws     w = chatter_open(server.port, r.account.token);

	resume(&w, 0);
	expect_ack(&w, 0);
	resume(&w, 0);
	assert_next_error(&w, "FAILED_PRECONDITION");
	chat_send(&server, writers[0].token, r.conversations[0], "on");
	take_message(&w, "on");
	chatter_leave(&w);
	/* Whatever number it names: what is new comes. */
	w = chatter_open(server.port, r.account.token);
	resume(&w, INT64_C(9007199254740991));
	expect_ack(&w, 0);
	chat_send(&server, writers[0].token, r.conversations[0], "still");
	take_message(&w, "still");
	assert_quiet(&w);
	chatter_leave(&w);
}

/* ---- while others write ---- */

struct writing {
	pthread_t            thread;
	const struct reader *reader;
	int                  writer;
	const char          *text;
	sem_t               *room; /* for messages that were not taken yet; NULL: no bound */
	int64_t              ids[EACH];
	int                  failed;
};

static void *write_all(void *arg)
{
	struct writing *w = arg;

	for (int i = 0; i < EACH; i++) {
		struct http_response r;

		if (w->room)
			sem_wait(w->room);
		r = http_postf(server.port, "/api/v1/chat/messages", writers[w->writer].token,
		               "{\"conversation_id\":%ld,\"message\":\"%s\"}",
		               (long)w->reader->conversations[w->writer], w->text);

		w->failed += r.status != 201;
		w->ids[i] = http_int(&r, "data.id");
		http_response_free(&r);
	}
	return NULL;
}

static void begin_writing(struct writing *all, const struct reader *r, const char *text,
                          sem_t *room)
{
	for (int i = 0; i < WRITERS; i++) {
		all[i] = (struct writing){.reader = r, .writer = i, .text = text, .room = room};
		assert_int_equal(pthread_create(&all[i].thread, NULL, write_all, &all[i]), 0);
	}
}

static void end_writing(struct writing *all)
{
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(all[i].thread, NULL);
		assert_int_equal(all[i].failed, 0);
	}
}

/* Takes messages until it has so many in all, by ascending numbers. */
static void take_all(struct ws *w, int64_t *last, int *count, int until)
{
	while (*count < until) {
		int64_t id = take_message(w, NULL);

		assert_true(id > *last);
		*last = id;
		++*count;
	}
}

struct seen {
	int64_t ids[WRITERS * EACH];
	int     n;
};

static void see(struct seen *all, int64_t id)
{
	for (int i = 0; i < all->n; i++)
		assert_true(all->ids[i] != id);
	assert_true(all->n < WRITERS * EACH);
	all->ids[all->n++] = id;
}

/* Takes messages until it has so many in all, and the ack; the greatest number. */
static int64_t take_with_ack(struct ws *w, struct seen *all, int until)
{
	bool    is_acked = false;
	int64_t last = 0;

	while (all->n < until || !is_acked) {
		struct ws_event e = ws_next(w, CHATTER_WAIT_MS);
		json_t         *frame = json_loads(e.text ? e.text : "", 0, NULL);
		const char     *type = json_string_value(json_object_get(frame, "type"));

		assert_int_equal(e.kind, WS_MESSAGE);
		if (strcmp(type, "ack") == 0)
			is_acked = true;
		else if (strcmp(type, "new_message") == 0)
			see(all, chatter_int(frame, "id"));
		json_decref(frame);
	}
	for (int i = 0; i < all->n; i++)
		last = all->ids[i] > last ? all->ids[i] : last;
	return last;
}

TEST(a_client_that_comes_and_goes_while_others_write_misses_nothing)
{
	struct writing all[WRITERS];
	struct seen    seen = {.n = 0};
	struct reader  r;
	struct ws      w;
	int64_t        last = 0;

	new_writers("hail");
	r = new_reader("hail");
	begin_writing(all, &r, "hail", NULL);
	/* Each time it is away for a while, and reads a little. */
	for (int round = 1; round <= 8; round++) {
		w = chatter_open(server.port, r.account.token);
		resume(&w, last);
		last = take_with_ack(&w, &seen, round * 40);
		ws_close(&w);
	}
	end_writing(all);
	w = chatter_open(server.port, r.account.token);
	resume(&w, last);
	take_with_ack(&w, &seen, WRITERS * EACH);
	assert_quiet(&w);
	chatter_leave(&w);
	for (int i = 0; i < WRITERS; i++)
		for (int k = 0; k < EACH; k++) {
			bool is_seen = false;

			for (int n = 0; n < seen.n; n++)
				is_seen = is_seen || seen.ids[n] == all[i].ids[k];
			assert_true(is_seen);
		}
}

/* ---- those who do not keep up ---- */

static const char *long_text(void)
{
	static char text[4 * 1000 + 1];

	for (int i = 0; i < 1000; i++)
		memcpy(text + 4 * i, "🦆", 4);
	return text;
}

static struct ws open_narrow(const char *token)
{
	struct ws w;

	assert_true(ws_open(
	        &w, server.port,
	        &(struct ws_request){.path = CHATTER_PATH, .token = token, .receive_bytes = 4096}));
	json_decref(chatter_next(&w, "connected"));
	return w;
}

TEST(who_does_not_read_is_closed_and_nobody_waits)
{
	struct writing  all[WRITERS];
	struct reader   r;
	struct ws       slow, quick;
	struct ws_event e;
	int64_t         last = 0;
	int             count = 0;
	sem_t           room;

	new_writers("flood");
	r = new_reader("flood");
	assert_true(server_metric(&server, "edge_socket_slow_total") == 0);
	slow = open_narrow(r.account.token);
	quick = chatter_open(server.port, r.account.token);
	/* Less waits for the quick one, however slow the machine is, than makes a client slow. */
	sem_init(&room, 0, 48);
	begin_writing(all, &r, long_text(), &room);
	while (count < WRITERS * EACH) {
		take_all(&quick, &last, &count, count + 1);
		sem_post(&room);
	}
	end_writing(all);
	assert_true(server_metric(&server, "edge_socket_slow_total") == 1);
	assert_quiet(&quick);
	/* It hears why, behind what was on its way. */
	do
		e = ws_next(&slow, CHATTER_WAIT_MS);
	while (e.kind == WS_MESSAGE || e.kind == WS_PINGED);
	assert_int_equal(e.kind, WS_CLOSED);
	assert_int_equal(e.code, 1013);
	ws_close(&slow);
	/* 1.8 MB that were missed come to a narrow client too: as fast as it reads. */
	slow = open_narrow(r.account.token);
	resume(&slow, 0);
	last = 0;
	count = 0;
	take_all(&slow, &last, &count, WRITERS * EACH);
	expect_ack(&slow, WRITERS * EACH);
	assert_true(server_metric(&server, "edge_socket_slow_total") == 1);
	chatter_leave(&slow);
	chatter_leave(&quick);
}

TEST_MAIN(start, stop)
