#include "test/e2e/chatter.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"
#include "test/support/pg.h"

/* Time is moved in the database; presence is told more often than by default. */
static struct server server;
static struct sql    sql;

enum { HOUR_S = 3600, MINUTE_S = 60, INTERVAL_MS = 100 };

static const char *const often[] = {"PRESENCE_INTERVAL_MS=100", "SOCKET_PING_MS=300", NULL};

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, often);
	sql_open(&sql, server.db_url);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	sql_close(&sql);
	server_stop(&server);
	return 0;
}

static void run(struct sql *on, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void run(struct sql *on, const char *format, ...)
{
	char    statement[512];
	va_list args;

	va_start(args, format);
	vsnprintf(statement, sizeof statement, format, args);
	va_end(args);
	sql_run(on, statement);
}

/* Seconds since the account was last seen, as the database has it. */
static int64_t age_s(struct sql *on, const struct e2e_account *a)
{
	char query[160];

	snprintf(query, sizeof query,
	         "SELECT floor(extract(epoch FROM now() - last_seen_time))::bigint"
	         " FROM users.accounts WHERE id = %" PRId64 ";",
	         a->id);
	return sql_number(on, query);
}

static void set_age(struct sql *on, const struct e2e_account *a, int64_t seconds)
{
	run(on,
	    "UPDATE users.accounts SET last_seen_time = now() - %" PRId64 " * interval '1 s'"
	    " WHERE id = %" PRId64 ";",
	    seconds, a->id);
}

static void ask_of(const struct server *s, const struct e2e_account *a, long expected)
{
	struct http_response r = http_get(s->port, "/users/me", a->token);

	assert_http(r, expected);
	http_response_free(&r);
}

static void ask(const struct e2e_account *a)
{
	ask_of(&server, a, 200);
}

static void set_status(const struct e2e_account *a, const char *text)
{
	struct http_response r =
	        http_postf(server.port, "/user/status", a->token, "{\"status\":\"%s\"}", text);

	assert_http(r, 200);
	http_response_free(&r);
}

/* Whatever was asked before this is told once this returns. */
static void wait_told(void)
{
	static unsigned    n;
	char               name[33];
	struct e2e_account marker;

	snprintf(name, sizeof name, "marker%u", n++);
	marker = e2e_register(&server, name);
	set_age(&sql, &marker, HOUR_S);
	ask(&marker);
	assert_soon(age_s(&sql, &marker) < MINUTE_S);
}

/* ---- last seen ---- */

TEST(a_request_is_seen)
{
	struct e2e_account   walker = e2e_register(&server, "walker");
	struct http_response before, after;

	set_age(&sql, &walker, HOUR_S);
	before = http_get(server.port, "/seen/walker", NULL);
	ask(&walker);
	assert_soon(age_s(&sql, &walker) < MINUTE_S);
	after = http_get(server.port, "/seen/walker", NULL);
	assert_time(after, "result.last_seen");
	assert_true(strcmp(http_text(&after, "result.last_seen"),
	                   http_text(&before, "result.last_seen")) > 0);
	http_response_free(&before);
	http_response_free(&after);
}

TEST(a_refused_request_is_one_too)
{
	struct e2e_account   loser = e2e_register(&server, "loser");
	struct http_response r;

	set_age(&sql, &loser, HOUR_S);
	r = http_get(server.port, "/users/me/routes/1", loser.token);
	assert_http(r, 404);
	http_response_free(&r);
	assert_soon(age_s(&sql, &loser) < MINUTE_S);
}

TEST(signing_in_and_refreshing_are_seen_at_once)
{
	struct e2e_account   comer = e2e_register(&server, "comer");
	struct http_response login, r;

	set_age(&sql, &comer, HOUR_S);
	login = http_post(server.port, "/login", NULL,
	                  "{\"pseudo\":\"comer\",\"password\":\"" E2E_PASSWORD "\"}");
	assert_http(login, 200);
	assert_true(age_s(&sql, &comer) < MINUTE_S);
	set_age(&sql, &comer, HOUR_S);
	r = http_postf(server.port, "/refresh", NULL, "{\"token\":\"%s\"}",
	               http_text(&login, "refresh_token"));
	assert_http(r, 200);
	assert_true(age_s(&sql, &comer) < MINUTE_S);
	http_response_free(&r);

	set_status(&comer, "offline");
	set_age(&sql, &comer, HOUR_S);
	r = http_postf(server.port, "/refresh", NULL, "{\"token\":\"%s\"}",
	               http_text(&login, "refresh_token"));
	assert_http(r, 200);
	assert_true(age_s(&sql, &comer) >= HOUR_S);
	http_response_free(&r);
	http_response_free(&login);
}

TEST(a_request_without_a_valid_token_is_nobodys)
{
	struct e2e_account   victim = e2e_register(&server, "victim");
	struct http_response r;
	char                 forged[SERVER_TOKEN_BYTES];
	size_t               len = strlen(victim.token);

	set_age(&sql, &victim, HOUR_S);
	memcpy(forged, victim.token, len + 1);
	forged[len - 10] = forged[len - 10] == 'A' ? 'B' : 'A';
	r = http_get(server.port, "/users/me", forged);
	assert_http(r, 401);
	http_response_free(&r);
	r = http_get(server.port, "/whois/victim", NULL);
	assert_http(r, 200);
	http_response_free(&r);
	wait_told();
	assert_true(age_s(&sql, &victim) >= HOUR_S);
}

TEST(many_requests_are_few_writes)
{
	enum { REQUESTS = 200 };
	struct e2e_account busy = e2e_register(&server, "busy");
	int64_t            writes, since_ns;

	run(&sql, "CREATE TABLE public.writes (account_id bigint);"
	          "CREATE FUNCTION public.count_writes() RETURNS trigger LANGUAGE plpgsql"
	          " SECURITY DEFINER AS"
	          " 'BEGIN INSERT INTO public.writes VALUES (NEW.id); RETURN NEW; END';"
	          "CREATE TRIGGER count_writes AFTER UPDATE ON users.accounts"
	          " FOR EACH ROW EXECUTE FUNCTION public.count_writes();");
	since_ns = clock_now_ns();
	for (int i = 0; i < REQUESTS; i++)
		ask(&busy);
	wait_told();
	since_ns = clock_now_ns() - since_ns;
	run(&sql, "DROP TRIGGER count_writes ON users.accounts;");
	writes = sql_number(&sql, "SELECT count(*) FROM public.writes WHERE account_id ="
	                          " (SELECT id FROM users.accounts WHERE pseudo = 'busy');");
	assert_in_range(writes, 1, since_ns / (INTERVAL_MS * CLOCK_NS_PER_MS) + 1);
	assert_true(writes < REQUESTS / 2);
	assert_true(age_s(&sql, &busy) < MINUTE_S);
}

TEST(last_seen_never_moves_back)
{
	struct e2e_account ahead = e2e_register(&server, "ahead");

	set_age(&sql, &ahead, -HOUR_S);
	ask(&ahead);
	wait_told();
	assert_true(age_s(&sql, &ahead) < -HOUR_S / 2);
}

TEST(a_row_that_is_held_keeps_nobody_else_waiting)
{
	struct e2e_account held = e2e_register(&server, "held");
	struct sql         holder;

	set_age(&sql, &held, HOUR_S);
	sql_open(&holder, server.db_url);
	run(&holder, "BEGIN; SELECT FROM users.accounts WHERE id = %" PRId64 " FOR UPDATE;",
	    held.id);
	ask(&held);
	wait_told();
	assert_true(age_s(&sql, &held) >= HOUR_S);
	run(&holder, "ROLLBACK;");
	sql_close(&holder);
	assert_soon(age_s(&sql, &held) < MINUTE_S);
}

/* ---- offline ---- */

TEST(who_says_to_be_offline_was_last_seen_then)
{
	struct e2e_account   hermit = e2e_register(&server, "hermit");
	struct http_response r;

	set_age(&sql, &hermit, HOUR_S);
	set_status(&hermit, "offline");
	assert_true(age_s(&sql, &hermit) < MINUTE_S);
	set_age(&sql, &hermit, HOUR_S);

	ask(&hermit);
	set_status(&hermit, "offline");
	r = http_post(server.port, "/login", NULL,
	              "{\"pseudo\":\"hermit\",\"password\":\"" E2E_PASSWORD "\"}");
	assert_http(r, 200);
	http_response_free(&r);
	wait_told();
	assert_true(age_s(&sql, &hermit) >= HOUR_S);

	set_status(&hermit, "back");
	assert_true(age_s(&sql, &hermit) < MINUTE_S);
	set_age(&sql, &hermit, HOUR_S);
	ask(&hermit);
	assert_soon(age_s(&sql, &hermit) < MINUTE_S);
}

/* ---- ison ---- */

static void assert_connected(const char *query, const char *pseudos)
{
	struct http_response r;
	char                 path[256];

	snprintf(path, sizeof path, "/ison?%s", query);
	r = http_get(server.port, path, NULL);
	assert_http(r, 200);
	assert_keys(r, "", "result");
	assert_json(r, "result", pseudos);
	http_response_free(&r);
}

TEST(ison_lists_who_was_heard_of_within_five_minutes)
{
	struct e2e_account a = e2e_register(&server, "ison.a");
	struct e2e_account b = e2e_register(&server, "ison.b");

	assert_connected("users=ison.a,ison.b", "[\"ison.a\",\"ison.b\"]");
	set_age(&sql, &a, 5 * MINUTE_S + 1);
	set_age(&sql, &b, 5 * MINUTE_S - 30);
	assert_connected("users=ison.a,ison.b", "[\"ison.b\"]");
	ask(&a);
	assert_soon(age_s(&sql, &a) < MINUTE_S);
	assert_connected("users=ison.a,ison.b", "[\"ison.a\",\"ison.b\"]");
	set_status(&a, "away");
	set_status(&b, "offline");
	assert_connected("users=ison.a,ison.b", "[\"ison.a\"]");
	set_status(&b, "online");
	assert_connected("users=ison.a,ison.b", "[\"ison.a\",\"ison.b\"]");
}

TEST(who_holds_a_websocket_is_there_as_long_as_that)
{
	struct e2e_account a = e2e_register(&server, "holder");
	struct ws          w;

	set_age(&sql, &a, HOUR_S);
	assert_connected("users=holder", "[]");
	w = chatter_open(server.port, a.token);
	assert_soon(age_s(&sql, &a) < MINUTE_S);
	assert_connected("users=holder", "[\"holder\"]");
	/* Nothing is asked; it is pinged, and that is told now and then. */
	wait_told();
	set_age(&sql, &a, HOUR_S);
	assert_int_equal(ws_next(&w, CHATTER_WAIT_MS).kind, WS_PINGED);
	assert_soon(age_s(&sql, &a) < MINUTE_S);
	chatter_leave(&w);
	assert_soon(server_metric(&server, "edge_sockets") == 0);
	wait_told();
	set_age(&sql, &a, HOUR_S);
	wait_told();
	assert_true(age_s(&sql, &a) > HOUR_S / 2);
}

TEST(ison_takes_names_in_any_form_and_order)
{
	static const struct {
		const char *query, *pseudos;
	} cases[] = {
	        {"users=one1,two2", "[\"one1\",\"two2\"]"},
	        {"users=two2,one1", "[\"two2\",\"one1\"]"},
	        {"users=two2&users=one1", "[\"two2\",\"one1\"]"},
	        {"users=%40One1,TWO2", "[\"one1\",\"two2\"]"},
	        {"users=one1%2Ctwo2", "[\"one1\",\"two2\"]"},
	        {"users=one1,%20two2,,", "[\"one1\",\"two2\"]"},
	        {"users=one1,one1", "[\"one1\"]"},
	        {"users=nobody,one1", "[\"one1\"]"},
	        {"users=nobody", "[]"},
	        {"users=%27%22%5C%7B%7D,one1", "[\"one1\"]"},
	        {"other=x&users=one1", "[\"one1\"]"},
	};

	e2e_register(&server, "one1");
	e2e_register(&server, "two2");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_connected(cases[i].query, cases[i].pseudos);
}

/* /ison?users=x,x,... with so many names; in static memory until the next call. */
static const char *many_names(size_t n)
{
	static char path[4096];
	size_t      len = (size_t)snprintf(path, sizeof path, "/ison?users=n0");

	for (size_t i = 1; i < n; i++)
		len += (size_t)snprintf(path + len, sizeof path - len, ",n%zu", i);
	return path;
}

TEST(ison_wants_1_to_200_names)
{
	const struct {
		const char *path;
		long        status;
	} cases[] = {
	        {"/ison", 422},           {"/ison?users=", 422},   {"/ison?users=,,", 422},
	        {"/ison?users=%20", 422}, {"/ison?user=one", 422},
	};
	struct http_response r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		r = http_get(server.port, cases[i].path, NULL);
		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "users");
		http_response_free(&r);
	}
	r = http_get(server.port, many_names(200), NULL);
	assert_http(r, 200);
	http_response_free(&r);
	r = http_get(server.port, many_names(201), NULL);
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "users");
	http_response_free(&r);
	r = http_get(server.port, "/ison?users=%ff", NULL);
	assert_http_error(r, 400, "INVALID_ARGUMENT");
	http_response_free(&r);
	r = http_get(server.port, "/ison?users=one", "no.such.token");
	assert_http_error(r, 401, "UNAUTHENTICATED");
	http_response_free(&r);
	r = http_post(server.port, "/ison", NULL, "{}");
	assert_http_error(r, 405, "UNIMPLEMENTED");
	http_response_free(&r);
}

/* ---- ends and beginnings ---- */

TEST(unless_told_otherwise_a_request_is_seen_within_five_seconds)
{
	struct server      other;
	struct e2e_account user;
	struct sql         on;
	int64_t            asked_ns;

	e2e_start(&other, NULL);
	user = e2e_register(&other, "user");
	sql_open(&on, other.db_url);
	set_age(&on, &user, HOUR_S);
	asked_ns = clock_now_ns();
	ask_of(&other, &user, 200);
	assert_soon(age_s(&on, &user) < MINUTE_S);
	assert_true(clock_now_ns() - asked_ns < 5 * CLOCK_NS_PER_S);
	sql_close(&on);
	server_stop(&other);
}

/* By default there is time enough for the end to come first; and every loop tells. */
TEST(requests_right_before_the_end_are_not_forgotten)
{
	enum { ACCOUNTS = 12 };
	struct server      other;
	struct e2e_account last[ACCOUNTS];
	struct sql         on;

	e2e_start(&other, (const char *[]){"EDGE_LOOPS=3", NULL});
	sql_open(&on, other.db_url);
	for (size_t i = 0; i < ACCOUNTS; i++) {
		char name[33];

		snprintf(name, sizeof name, "last%zu", i);
		last[i] = e2e_register(&other, name);
	}
	run(&on, "UPDATE users.accounts SET last_seen_time = now() - interval '1 hour';");
	for (size_t i = 0; i < ACCOUNTS; i++)
		ask_of(&other, &last[i], 200);
	server_stop(&other);
	for (size_t i = 0; i < ACCOUNTS; i++)
		assert_true(age_s(&on, &last[i]) < MINUTE_S);
	sql_close(&on);
}

TEST(what_the_users_service_misses_it_is_told_when_it_is_back)
{
	struct server          other;
	struct server_process *users;
	struct e2e_account     early, late;
	char                   url[PG_URL_BYTES];
	struct sql             on;

	static const char *const seldom[] = {"PRESENCE_INTERVAL_MS=3000", NULL};

	pg_shared_database(url);
	server_start_many(&other, url, seldom, "ipc", 1);
	early = e2e_register(&other, "early");
	late = e2e_register(&other, "late");
	sql_open(&on, url);
	set_age(&on, &early, HOUR_S);
	set_age(&on, &late, HOUR_S);

	/* They are noted, and users is gone before it is told of them. */
	users = server_part(&other, "users", 0);
	ask_of(&other, &early, 200);
	ask_of(&other, &late, 200);
	server_signal_part(users, SIGKILL);
	assert_int_equal(server_wait_part(users), 128 + SIGKILL);
	assert_soon(server_metric(&other, "edge_presence_retried_total") >= 1);
	assert_true(age_s(&on, &early) >= HOUR_S);
	server_restart_part(&other, users);
	assert_soon(age_s(&on, &early) < MINUTE_S && age_s(&on, &late) < MINUTE_S);
	sql_close(&on);
	server_stop(&other);
}

TEST(an_edge_that_cannot_tell_ends_all_the_same)
{
	struct server          other;
	struct server_process *users;
	struct e2e_account     lost;
	char                   url[PG_URL_BYTES];
	int64_t                since_ns;

	pg_shared_database(url);
	server_start_many(&other, url, (const char *[]){"DRAIN_TIMEOUT_MS=60000", NULL}, "ipc", 1);
	lost = e2e_register(&other, "lost");
	users = server_part(&other, "users", 0);
	server_signal_part(users, SIGTERM);
	assert_int_equal(server_wait_part(users), 0);
	ask_of(&other, &lost, 503);
	since_ns = clock_now_ns();
	server_stop(&other);
	assert_true(clock_now_ns() - since_ns < 30 * CLOCK_NS_PER_S);
}

TEST_MAIN(start, stop)
