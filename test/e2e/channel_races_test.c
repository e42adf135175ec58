#include "test/e2e/room.h"

#include <inttypes.h>

#include "test/e2e/sql.h"

/* What several do to a channel at once: there is an order, and every answer is true of it. */
static struct server      server;
static struct e2e_account owner, guest, other;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	owner = e2e_register(&server, "owner");
	guest = e2e_register(&server, "guest");
	other = e2e_register(&server, "other");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static struct http_request post(const char *path, const char *token, const char *body)
{
	return (struct http_request){.method = "POST", .path = path, .token = token, .body = body};
}

TEST(a_ban_and_joins_at_once_leave_no_banned_member)
{
	enum { ROUNDS = 8, N = 8 };
	static struct http_pending pending[N];

	for (int round = 0; round < ROUNDS; round++) {
		char                name[32], ban[64], join[64], body[32];
		struct http_request reqs[2];

		snprintf(name, sizeof name, "fray-%d", round);
		snprintf(ban, sizeof ban, "/channel/%s/ban", name);
		snprintf(join, sizeof join, "/channel/%s/join", name);
		snprintf(body, sizeof body, "{\"pseudo\":\"guest\"}");
		e2e_create_channel(&server, owner.token, name, false);
		reqs[0] = post(join, guest.token, NULL);
		reqs[1] = post(ban, owner.token, body);
		for (size_t i = 0; i < N; i++)
			http_start(&pending[i], server.port, &reqs[i == N / 2]);
		for (size_t i = 0; i < N; i++) {
			struct http_response r = http_finish(&pending[i]);

			if (i == N / 2)
				assert_http(r, 200);
			else
				assert_true(r.status == 200 || r.status == 403);
			http_response_free(&r);
		}
		assert_shows(room_ask(&server, "GET", name, "/users", NULL, NULL), "result",
		             "[\"owner\"]");
		assert_shows(room_ask(&server, "GET", name, "/config", NULL, NULL),
		             "result.members_count", "1");
	}
}

TEST(there_is_one_owner_whoever_hands_over_at_once)
{
	enum { ROUNDS = 8, N = 6 };
	static struct http_pending pending[N];

	for (int round = 0; round < ROUNDS; round++) {
		static const char *const bodies[] = {"{\"pseudo\":\"guest\"}",
		                                     "{\"pseudo\":\"other\"}"};
		char                     name[32], path[64], leave[64];
		struct http_response     answers[N], r;
		struct http_request      reqs[3];

		snprintf(name, sizeof name, "throne-%d", round);
		snprintf(path, sizeof path, "/channel/%s/owner", name);
		snprintf(leave, sizeof leave, "/channel/%s/leave", name);
		e2e_create_channel(&server, owner.token, name, false);
		e2e_join(&server, guest.token, name);
		e2e_join(&server, other.token, name);
		reqs[0] = post(path, owner.token, bodies[0]);
		reqs[1] = post(path, owner.token, bodies[1]);
		reqs[2] = post(leave, guest.token, NULL);
		for (size_t i = 0; i < N; i++)
			http_start(&pending[i], server.port, &reqs[i % 3]);
		for (size_t i = 0; i < N; i++)
			answers[i] = http_finish(&pending[i]);
		/* Whoever came first, the others found no owner in who asked, or nobody to take it.
		 */
		r = room_ask(&server, "GET", name, "/config", NULL, NULL);
		assert_http(r, 200);
		assert_true(*http_text(&r, "result.owner") != '\0');
		assert_int_equal(http_int(&r, "result.members_count"),
		                 e2e_count(answers, N, 204) > 0 ? 2 : 3);
		assert_true(e2e_count(answers, N, 200) >= 1);
		http_response_free(&r);
		for (size_t i = 0; i < N; i++)
			http_response_free(&answers[i]);
	}
}

TEST(modes_that_change_at_once_are_all_there)
{
	static const char *const bodies[] = {"{\"mode\":\"+r\"}", "{\"mode\":\"+m\"}",
	                                     "{\"mode\":\"-n\"}", "{\"mode\":\"-t\"}"};
	enum { N = sizeof bodies / sizeof *bodies };
	static struct http_pending pending[N];

	e2e_create_channel(&server, owner.token, "switches", false);
	for (size_t i = 0; i < N; i++) {
		const struct http_request req =
		        post("/channel/switches/mode", owner.token, bodies[i]);

		http_start(&pending[i], server.port, &req);
	}
	for (size_t i = 0; i < N; i++) {
		struct http_response r = http_finish(&pending[i]);

		assert_http(r, 200);
		http_response_free(&r);
	}
	assert_shows(room_ask(&server, "GET", "switches", "/config", NULL, NULL), "result.modes",
	             "[\"m\",\"r\"]");
}

/* Whoever was held up finds the channel as it is then, not as it was when they asked. */
TEST(a_join_that_waited_for_a_change_of_mode_sees_it)
{
	static struct http_pending pending;
	const struct http_request  req = post("/channel/gate/join", guest.token, NULL);
	struct sql                 sql;
	struct http_response       r;

	e2e_create_channel(&server, owner.token, "gate", false);
	sql_open(&sql, server.db_url);
	sql_run(&sql, "BEGIN; UPDATE channels.channels SET modes = 'npt' WHERE name = 'gate';");
	http_start(&pending, server.port, &req);
	assert_soon(sql_number(&sql, "SELECT count(*) FROM pg_locks WHERE NOT granted;") > 0);
	sql_run(&sql, "COMMIT;");
	r = http_finish(&pending);
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
	sql_close(&sql);
}

/* An account's end, told while it enters, leaves no member behind. */
TEST(who_goes_while_they_enter_is_not_in_it)
{
	enum { ROUNDS = 6, N = 6 };
	static struct http_pending pending[N];

	for (int round = 0; round < ROUNDS; round++) {
		char                name[32], pseudo[32], path[64], user[64];
		struct e2e_account  mayfly;
		struct http_request reqs[2];

		snprintf(name, sizeof name, "pond-%d", round);
		snprintf(pseudo, sizeof pseudo, "mayfly-%d", round);
		snprintf(path, sizeof path, "/channel/%s/join", name);
		snprintf(user, sizeof user, "/user/%s", pseudo);
		mayfly = e2e_register(&server, pseudo);
		e2e_create_channel(&server, owner.token, name, false);
		reqs[0] = post(path, mayfly.token, NULL);
		reqs[1] = (struct http_request){
		        .method = "DELETE", .path = user, .token = mayfly.token};
		for (size_t i = 0; i < N; i++)
			http_start(&pending[i], server.port, &reqs[i == 1]);
		for (size_t i = 0; i < N; i++) {
			struct http_response r = http_finish(&pending[i]);

			assert_true(r.status != 0 && r.status < 500);
			http_response_free(&r);
		}
		assert_soon(room_shows(room_ask(&server, "GET", name, "/users", NULL, NULL),
		                       "result", "[\"owner\"]"));
	}
}

TEST_MAIN(start, stop)
