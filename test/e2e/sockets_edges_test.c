/* The chat over two edges, each a process: whoever is connected where, all hear the same. */
#include "test/e2e/chatter.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/pg.h"

static struct server server;
static uint16_t      first, second; /* the edges' ports */

static int start(void **state __attribute__((unused)))
{
	char url[PG_URL_BYTES];

	pg_shared_database(url);
	/* Two loops each: sockets of one person hang on any of them. */
	server_start_edges(&server, url, (const char *[]){"EDGE_LOOPS=2", NULL}, "ipc", 2);
	first = server_part(&server, "edge", 0)->port;
	second = server_part(&server, "edge", 1)->port;
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static void hears(struct ws *w, const char *text)
{
	json_t *frame = chatter_next(w, "new_message");

	assert_string_equal(chatter_text(frame, "message"), text);
	json_decref(frame);
}

TEST(a_message_comes_to_sockets_at_every_edge_and_loop)
{
	enum { EACH = 6 };
	struct e2e_account a = e2e_register(&server, "wide-a"), b = e2e_register(&server, "wide-b");
	int64_t            conversation = chat_open(&server, a.token, b.id);
	struct ws          w[2 * EACH];

	for (int i = 0; i < 2 * EACH; i++)
		w[i] = chatter_open(i % 2 ? first : second, i < EACH ? a.token : b.token);
	for (int i = 0; i < 2 * EACH; i++) {
		char text[32];

		snprintf(text, sizeof text, "from %d", i);
		assert_true(ws_text(&w[i],
		                    "{\"type\":\"send_message\",\"conversation_id\":%ld,"
		                    "\"content\":\"%s\"}",
		                    (long)conversation, text));
		for (int k = 0; k < 2 * EACH; k++)
			hears(&w[k], text);
	}
	for (int i = 0; i < 2 * EACH; i++) {
		assert_quiet(&w[i]);
		chatter_leave(&w[i]);
	}
}

TEST(typing_and_reading_cross_over)
{
	struct e2e_account a = e2e_register(&server, "over-a"), b = e2e_register(&server, "over-b");
	int64_t            conversation = chat_open(&server, a.token, b.id);
	struct ws          wa = chatter_open(first, a.token), wb = chatter_open(second, b.token);
	char               data[64];

	assert_true(
	        ws_text(&wa, "{\"type\":\"typing\",\"conversation_id\":%ld}", (long)conversation));
	snprintf(data, sizeof data, "{\"user_id\":%ld,\"is_typing\":true}", (long)a.id);
	assert_next(&wb, "typing", data);
	chat_send(&server, a.token, conversation, "read me");
	hears(&wa, "read me");
	hears(&wb, "read me");
	assert_true(ws_text(&wb, "{\"type\":\"mark_read\",\"conversation_id\":%ld}",
	                    (long)conversation));
	json_decref(chatter_next(&wa, "read"));
	json_decref(chatter_next(&wb, "read"));
	chatter_leave(&wa);
	chatter_leave(&wb);
}

/* Frames of presence until this one: what an edge says wrongly another puts right. */
static void await_presence(struct ws *w, int64_t account, const char *expected)
{
	for (;;) {
		json_t *frame = chatter_next(w, "presence");
		bool    is_it = chatter_int(frame, "user_id") == account &&
		             strcmp(chatter_text(frame, "status"), expected) == 0;

		json_decref(frame);
		if (is_it)
			return;
	}
}

TEST(who_leaves_one_edge_and_is_at_the_other_is_there)
{
	struct e2e_account a = e2e_register(&server, "there-a"),
	                   b = e2e_register(&server, "there-b");
	struct ws wa, here, there;

	chat_open(&server, a.token, b.id);
	wa = chatter_open(first, a.token);
	here = chatter_open(first, b.token);
	await_presence(&wa, b.id, "online");
	there = chatter_open(second, b.token);
	await_presence(&wa, b.id, "online");
	chatter_leave(&here);
	await_presence(&wa, b.id, "offline");
	await_presence(&wa, b.id, "online");
	chatter_leave(&there);
	await_presence(&wa, b.id, "offline");
	chatter_leave(&wa);
}

static int by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

TEST(a_logout_elsewhere_closes_a_socket_within_a_tenth_of_a_second)
{
	enum { N = 9 };
	int64_t took_ms[N];

	e2e_register(&server, "outer");
	for (int i = 0; i < N; i++) {
		struct e2e_session   s = e2e_login(&server, "outer");
		struct ws            w = chatter_open(i % 2 ? first : second, s.token);
		struct http_response r = http_postf(i % 2 ? second : first, "/logout", s.token,
		                                    "{\"token\":\"%s\"}", s.refresh_token);
		int64_t              at_ns = clock_now_ns();

		assert_http(r, 204);
		http_response_free(&r);
		assert_closed(&w, 4401);
		took_ms[i] = (clock_now_ns() - at_ns) / CLOCK_NS_PER_MS;
	}
	/* The middle one: a machine that does much besides may hold up any of them. */
	qsort(took_ms, N, sizeof *took_ms, by_size);
	if (took_ms[N / 2] > 100)
		fail_msg("it took %ld ms", (long)took_ms[N / 2]);
}

/* ---- a crash ---- */

enum { PEOPLE = 25, SOCKETS = 500, MESSAGES = 20 };

/* In a circle: each writes to the next, and so hears what two of them write. */
static struct e2e_account people[PEOPLE];
static int64_t            conversations[PEOPLE];
static int64_t            written[PEOPLE][MESSAGES];

struct listener {
	struct ws w;
	int       person;
	bool      is_lost;
	int64_t   last;
	int       n;
	int64_t   ids[2 * MESSAGES];
};

static struct listener listeners[SOCKETS];

static void *write_all(void *arg)
{
	const struct server at_second = {.port = second};

	(void)arg;
	for (int i = 0; i < MESSAGES; i++)
		for (int p = 0; p < PEOPLE; p++) {
			struct http_response r = chat_write(&at_second, people[p].token,
			                                    conversations[p], "on and on");

			written[p][i] = r.status == 201 ? http_int(&r, "data.id") : -1;
			http_response_free(&r);
		}
	return NULL;
}

/* Takes what has come; none comes twice. */
static void take_all(struct listener *l)
{
	struct ws_event e;

	if (!ws_fill(&l->w))
		l->is_lost = true;
	while ((e = ws_take(&l->w)).kind != WS_NOTHING) {
		json_t *frame;

		if (e.kind != WS_MESSAGE)
			continue;
		frame = json_loads(e.text, 0, NULL);
		if (strcmp(json_string_value(json_object_get(frame, "type")), "new_message") == 0) {
			int64_t id = chatter_int(frame, "id");

			for (int i = 0; i < l->n; i++)
				assert_true(l->ids[i] != id);
			assert_true(l->n < 2 * MESSAGES);
			l->ids[l->n++] = id;
			l->last = id > l->last ? id : l->last;
		}
		json_decref(frame);
	}
}

/* Listens until all have so many, or are lost. */
static void listen_to_all(int until)
{
	static struct pollfd polled[SOCKETS];
	int64_t              give_up_ns = clock_after_ms(60000);
	int                  n_left;

	do {
		n_left = 0;
		for (int i = 0; i < SOCKETS; i++) {
			bool is_over = listeners[i].is_lost || listeners[i].n >= until;

			polled[i] = (struct pollfd){.fd = is_over ? -1 : listeners[i].w.fd,
			                            .events = POLLIN};
			n_left += !is_over;
		}
		if (n_left > 0 && poll(polled, SOCKETS, 1000) > 0)
			for (int i = 0; i < SOCKETS; i++)
				if (polled[i].revents)
					take_all(&listeners[i]);
	} while (n_left > 0 && clock_now_ns() < give_up_ns);
	assert_int_equal(n_left, 0);
}

static void connect_all(uint16_t port)
{
	for (int i = 0; i < SOCKETS; i++) {
		struct listener *l = &listeners[i];

		l->person = i % PEOPLE;
		l->w = chatter_open(port, people[l->person].token);
	}
}

static void check_all(void)
{
	for (int i = 0; i < SOCKETS; i++) {
		const struct listener *l = &listeners[i];
		int                    before = (l->person + PEOPLE - 1) % PEOPLE;

		assert_int_equal(l->n, 2 * MESSAGES);
		for (int k = 0; k < MESSAGES; k++) {
			int found = 0;

			for (int n = 0; n < l->n; n++)
				found += l->ids[n] == written[l->person][k] ||
				         l->ids[n] == written[before][k];
			assert_int_equal(found, 2);
		}
	}
}

TEST(an_edge_is_killed_under_500_sockets_and_nothing_is_missed_at_another)
{
	struct server_process *edge = server_part(&server, "edge", 0);
	pthread_t              writer;

	for (int p = 0; p < PEOPLE; p++) {
		char pseudo[33];

		snprintf(pseudo, sizeof pseudo, "circle-%d", p);
		people[p] = e2e_register(&server, pseudo);
	}
	for (int p = 0; p < PEOPLE; p++)
		conversations[p] = chat_open(&server, people[p].token, people[(p + 1) % PEOPLE].id);
	connect_all(first);
	assert_int_equal(pthread_create(&writer, NULL, write_all, NULL), 0);
	listen_to_all(MESSAGES / 2);
	server_signal_part(edge, SIGKILL);
	assert_int_equal(server_wait_part(edge), 128 + SIGKILL);
	listen_to_all(2 * MESSAGES + 1);
	for (int i = 0; i < SOCKETS; i++) {
		ws_close(&listeners[i].w);
		listeners[i].is_lost = false;
	}
	for (int i = 0; i < SOCKETS; i++) {
		listeners[i].w = chatter_open(second, people[listeners[i].person].token);
		assert_true(ws_text(&listeners[i].w,
		                    "{\"type\":\"resume\",\"after_message_id\":%ld}",
		                    (long)listeners[i].last));
	}
	listen_to_all(2 * MESSAGES);
	pthread_join(writer, NULL);
	check_all();
	for (int i = 0; i < SOCKETS; i++)
		ws_close(&listeners[i].w);
	server_restart_part(&server, edge);
}

TEST_MAIN(start, stop)
