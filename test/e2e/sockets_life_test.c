/* How a WebSocket of the chat lives and ends: pings, silence, closes, faults, its session. */
#include "test/e2e/chatter.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "auth/token.h"

static struct server server;

static int start(void **state __attribute__((unused)))
{
	static const char *const env[] = {"SOCKET_PING_MS=200", "SOCKET_SILENCE_MS=1000", NULL};

	e2e_start(&server, env);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static struct ws open_as(const char *pseudo)
{
	struct e2e_account a = e2e_register(&server, pseudo);

	return chatter_open(server.port, a.token);
}

/* ---- pings ---- */

TEST(who_answers_pings_stays_and_who_says_nothing_is_closed)
{
	struct ws       quiet = open_as("quiet"), lively;
	int64_t         began_ns = clock_now_ns();
	struct ws_event e;

	quiet.ignores_pings = true;
	do
		e = ws_next(&quiet, CHATTER_WAIT_MS);
	while (e.kind == WS_PINGED);
	assert_int_equal(e.kind, WS_CLOSED);
	assert_int_equal(e.code, 1001);
	assert_true(clock_now_ns() - began_ns > 900 * CLOCK_NS_PER_MS);
	ws_close(&quiet);
	lively = open_as("lively");
	began_ns = clock_now_ns();
	while (clock_now_ns() - began_ns < 1500 * CLOCK_NS_PER_MS)
		assert_int_equal(ws_next(&lively, CHATTER_WAIT_MS).kind, WS_PINGED);
	chatter_leave(&lively);
}

TEST(a_ping_of_the_client_is_answered_with_what_it_holds)
{
	struct ws       w = open_as("pinger");
	struct ws_event e;
	char            text[125];

	memset(text, 'p', sizeof text);
	assert_true(ws_send(&w, WS_PING, text, sizeof text));
	do
		e = ws_next(&w, CHATTER_WAIT_MS);
	while (e.kind == WS_PINGED);
	assert_int_equal(e.kind, WS_PONGED);
	assert_int_equal(e.len, sizeof text);
	assert_memory_equal(e.text, text, sizeof text);
	chatter_leave(&w);
}

/* ---- closes ---- */

TEST(a_close_is_answered_with_its_code)
{
	struct ws w = open_as("leaver");

	assert_true(ws_send_close(&w, 3999));
	assert_closed(&w, 3999);
	w = open_as("leaver2");
	assert_true(ws_send_close(&w, 0));
	assert_closed(&w, 1005);
}

TEST(who_breaks_the_protocol_is_closed_with_its_code)
{
	static const char bad_utf8[] = {'"', (char)0xff, '"'};
	static const struct {
		uint8_t     first_byte;
		bool        is_masked;
		const char *payload;
		size_t      len;
		int         code;
	} cases[] = {
	        {0x81, false, "{}", 2, 1002},      /* unmasked */
	        {0xc1, true, "{}", 2, 1002},       /* a reserved bit */
	        {0x83, true, "{}", 2, 1002},       /* a reserved opcode */
	        {0x80, true, "{}", 2, 1002},       /* continues nothing */
	        {0x09, true, "", 0, 1002},         /* a ping in pieces */
	        {0x81, true, bad_utf8, 3, 1007},   /* no UTF-8 */
	        {0x88, true, "\x03\xed", 2, 1002}, /* a code that nobody may send */
	        {0x88, true, "\x03", 1, 1002},     /* half a code */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char      pseudo[32];
		struct ws w;

		snprintf(pseudo, sizeof pseudo, "breaker-%zu", i);
		w = open_as(pseudo);
		assert_true(ws_send_frame(&w, cases[i].first_byte, cases[i].is_masked,
		                          cases[i].payload, cases[i].len));
		assert_closed(&w, cases[i].code);
	}
}

TEST(messages_and_fragments_are_bounded)
{
	static char big[16 * 1024 + 1];
	struct ws   w = open_as("big");

	memset(big, ' ', sizeof big);
	assert_true(ws_send(&w, WS_TEXT, big, sizeof big));
	assert_closed(&w, 1009);
	w = open_as("pieces");
	assert_true(ws_send_frame(&w, WS_TEXT, true, big, 16 * 1024));
	assert_true(ws_send_frame(&w, WS_CONT, true, big, 1));
	assert_closed(&w, 1009);
	w = open_as("crumbs");
	assert_true(ws_send_frame(&w, WS_TEXT, true, "", 0));
	for (int i = 0; i < 64; i++)
		(void)ws_send_frame(&w, WS_CONT, true, "", 0);
	assert_closed(&w, 1008);
}

/* What is under way to the server may be read by it at once, and must not be much. */
TEST(a_client_in_a_hurry_is_read_by_small_pieces)
{
	enum { FRAME = 131, FRAMES = 800, TIMES = 80, MAX_WINDOW = 128 * 1024 };
	static unsigned char pongs[FRAMES * FRAME];
	struct ws            w = open_as("hurry");
	uint32_t             widest = 0;

	for (size_t i = 0; i < FRAMES; i++) {
		pongs[i * FRAME] = 0x8a;
		pongs[i * FRAME + 1] = 0x80 | 125;
	}
	for (int i = 0; i < TIMES; i++) {
		struct tcp_info info = {0};

		assert_true(ws_send_bytes(&w, pongs, sizeof pongs));
		assert_int_equal(
		        getsockopt(w.fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){sizeof info}),
		        0);
		if (info.tcpi_snd_wnd > widest)
			widest = info.tcpi_snd_wnd;
	}
	assert_in_range(widest, 1, MAX_WINDOW);
	assert_quiet(&w);
	chatter_leave(&w);
}

TEST(what_comes_with_the_handshake_is_read)
{
	struct e2e_account a = e2e_register(&server, "hasty");
	struct ws          w;

	/* Before the answer is there. */
	assert_true(ws_begin(&w, server.port,
	                     &(struct ws_request){.path = CHATTER_PATH, .token = a.token}));
	assert_true(ws_send(&w, WS_PING, "now", 3));
	assert_true(ws_finish(&w));
	json_decref(chatter_next(&w, "connected"));
	assert_int_equal(ws_next(&w, CHATTER_WAIT_MS).kind, WS_PONGED);
	chatter_leave(&w);
}

/* ---- its session ---- */

TEST(the_end_of_its_session_closes_it_at_once_and_no_other)
{
	struct e2e_account   a = e2e_register(&server, "ender");
	struct e2e_session   other = e2e_login(&server, "ender");
	struct ws            w = chatter_open(server.port, a.token);
	struct ws            stays = chatter_open(server.port, other.token);
	struct http_response r;
	int64_t              began_ns;

	began_ns = clock_now_ns();
	r = e2e_ask(&server, "PATCH", "/users/me/update-password", other.token,
	            "{\"old\":\"" E2E_PASSWORD "\",\"new\":\"coin-coin-43\"}");
	assert_http(r, 200);
	http_response_free(&r);
	assert_closed(&w, 4401);
	/* The hashing of two passwords is in it. */
	assert_true(clock_now_ns() - began_ns < 5 * CLOCK_NS_PER_S);
	assert_quiet(&stays);
	chatter_leave(&stays);
}

TEST(it_is_closed_when_its_token_expires)
{
	struct e2e_session  s;
	struct token_claims claims = {.pseudo = STR("brief")};
	struct arena        arena;
	struct ws           w;
	str                 token;

	claims.account_id = e2e_register(&server, "brief").id;
	s = e2e_login(&server, "brief");
	claims.session_id = s.id;
	claims.issued_time = clock_wall_us() / 1000000;
	claims.expire_time = claims.issued_time + 2;
	arena_init(&arena, 65536);
	assert_status(token_sign(STR(SERVER_JWT_SECRET), &claims, &arena, &token), CODE_OK);
	w = chatter_open(server.port, arena_cstr(&arena, token));
	assert_closed(&w, 4401);
	arena_fini(&arena);
}

/* ---- the server's end ---- */

TEST(a_server_that_stops_tells_its_clients_first)
{
	struct server own;
	struct ws     w[5], silent;
	char          token[SERVER_TOKEN_BYTES];

	e2e_start(&own, NULL);
	server_register(&own, "told", token);
	for (size_t i = 0; i < 5; i++)
		w[i] = chatter_open(own.port, token);
	silent = chatter_open(own.port, token); /* never answers its close */
	server_terminate(&own);
	for (size_t i = 0; i < 5; i++)
		assert_closed(&w[i], 1012);
	assert_int_equal(server_wait(&own), 0);
	assert_int_equal(ws_next(&silent, CHATTER_WAIT_MS).kind, WS_CLOSED);
	ws_close(&silent);
}

TEST_MAIN(start, stop)
