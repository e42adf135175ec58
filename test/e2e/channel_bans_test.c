#include "test/e2e/room.h"

#include <string.h>

#include "test/e2e/sql.h"

/* Invitations and bans, and what of a private channel nobody else learns. */
static struct server      server;
static struct e2e_account owner, moderator, second, member, outsider;
static struct e2e_session admin;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	owner = e2e_register(&server, "owner");
	moderator = e2e_register(&server, "moderator");
	second = e2e_register(&server, "second");
	member = e2e_register(&server, "member");
	outsider = e2e_register(&server, "outsider");
	e2e_register(&server, "boss");
	admin = e2e_login_as_admin(&server, "boss");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static struct http_response invite(const char *name, const char *token, const char *pseudo)
{
	return room_name(&server, name, "/invite", token, pseudo);
}

static struct http_response ban(const char *name, const char *token, const char *pseudo)
{
	return room_name(&server, name, "/ban", token, pseudo);
}

static struct http_response take(const char *name, const char *rest, const char *token)
{
	return room_ask(&server, "DELETE", name, rest, token, NULL);
}

static struct http_response join(const char *name, const char *token)
{
	return room_ask(&server, "POST", name, "/join", token, NULL);
}

static void open_channel(const char *name)
{
	e2e_create_channel(&server, owner.token, name, false);
	e2e_join(&server, moderator.token, name);
	e2e_join(&server, second.token, name);
	e2e_join(&server, member.token, name);
	assert_answer(room_name(&server, name, "/moderators", owner.token, "moderator"), 200, NULL);
	assert_answer(room_name(&server, name, "/moderators", owner.token, "second"), 200, NULL);
}

/* ---- invitations ---- */

TEST(the_invited_see_and_enter_a_private_channel)
{
	e2e_create_channel(&server, owner.token, "club", true);
	assert_answer(join("club", outsider.token), 404, "NOT_FOUND");
	for (int i = 0; i < 2; i++)
		assert_shows(invite("club", owner.token, "@Outsider"), "result.invited",
		             "[\"outsider\"]");
	assert_shows(room_ask(&server, "GET", "club", "/config", outsider.token, NULL),
	             "result.invited", "[]");
	assert_shows(join("club", outsider.token), "result.members_count", "2");
	assert_shows(invite("club", owner.token, "outsider"), "result.invited", "[]");
	assert_answer(invite("club", outsider.token, "member"), 403, "PERMISSION_DENIED");
	assert_answer(invite("club", owner.token, "nobody-is"), 404, "NOT_FOUND");
	assert_answer(invite("club", owner.token, "deleted"), 404, "NOT_FOUND");
	assert_answer(invite("club", owner.token, ""), 422, "INVALID_ARGUMENT");
	assert_answer(invite("club", admin.token, "member"), 200, NULL);
}

TEST(an_invitation_is_taken_back)
{
	e2e_create_channel(&server, owner.token, "regret", true);
	assert_answer(invite("regret", owner.token, "outsider"), 200, NULL);
	assert_answer(take("regret", "/invite/outsider", outsider.token), 403, "PERMISSION_DENIED");
	for (int i = 0; i < 2; i++)
		assert_shows(take("regret", "/invite/outsider", owner.token), "result.invited",
		             "[]");
	assert_answer(take("regret", "/invite/nobody-is", owner.token), 404, "NOT_FOUND");
	assert_answer(join("regret", outsider.token), 404, "NOT_FOUND");
}

TEST(an_invitation_follows_the_account_when_its_name_changes)
{
	struct e2e_account before = e2e_register(&server, "tadpole");
	struct e2e_session thief;

	e2e_create_channel(&server, owner.token, "pond", true);
	assert_answer(invite("pond", owner.token, "tadpole"), 200, NULL);
	assert_answer(e2e_ask(&server, "PATCH", "/users/me", before.token, "{\"pseudo\":\"frog\"}"),
	              200, NULL);
	assert_answer(http_post(server.port, "/register", NULL,
	                        "{\"pseudo\":\"tadpole\",\"email\":\"thief@example.org\","
	                        "\"password\":\"" E2E_PASSWORD "\"}"),
	              201, NULL);
	thief = e2e_login(&server, "tadpole");
	assert_answer(join("pond", thief.token), 404, "NOT_FOUND");
	/* Who has the name now is asked of users, not remembered. */
	assert_soon(room_shows(invite("pond", owner.token, "tadpole"), "result.invited",
	                       "[\"frog\",\"tadpole\"]"));
	assert_answer(join("pond", before.token), 200, NULL);
	assert_answer(join("pond", thief.token), 200, NULL);
}

/* ---- bans ---- */

TEST(the_banned_are_put_out_and_neither_enter_nor_write)
{
	open_channel("strict");
	assert_answer(
	        room_ask(&server, "POST", "strict", "/mode", owner.token, "{\"mode\":\"-n\"}"), 200,
	        NULL);
	for (int i = 0; i < 2; i++)
		assert_shows(room_ask(&server, "POST", "strict", "/ban", moderator.token,
		                      "{\"pseudo\":\"member\",\"reason\":\"spam\"}"),
		             "result.banned", "[\"member\"]");
	assert_shows(room_ask(&server, "GET", "strict", "/config", member.token, NULL),
	             "result.members_count", "3");
	assert_answer(join("strict", member.token), 403, "PERMISSION_DENIED");
	assert_answer(http_post(server.port, "/msg", member.token,
	                        "{\"channel\":\"strict\",\"text\":\"still here\"}"),
	              403, "PERMISSION_DENIED");
	assert_answer(http_get(server.port, "/msg?channel=strict", member.token), 200, NULL);
	assert_answer(invite("strict", owner.token, "member"), 409, "FAILED_PRECONDITION");
	assert_answer(take("strict", "/ban/member", member.token), 403, "PERMISSION_DENIED");
	for (int i = 0; i < 2; i++)
		assert_shows(take("strict", "/ban/member", moderator.token), "result.banned", "[]");
	assert_shows(join("strict", member.token), "result.members_count", "4");
}

TEST(who_bans_whom_goes_by_rank)
{
	open_channel("peck");
	assert_answer(ban("peck", member.token, "outsider"), 403, "PERMISSION_DENIED");
	assert_answer(ban("peck", outsider.token, "member"), 403, "PERMISSION_DENIED");
	assert_answer(ban("peck", moderator.token, "second"), 403, "PERMISSION_DENIED");
	assert_answer(ban("peck", moderator.token, "owner"), 403, "PERMISSION_DENIED");
	assert_answer(ban("peck", owner.token, "owner"), 409, "FAILED_PRECONDITION");
	assert_answer(ban("peck", admin.token, "owner"), 409, "FAILED_PRECONDITION");
	assert_answer(ban("peck", owner.token, "nobody-is"), 404, "NOT_FOUND");
	assert_shows(ban("peck", moderator.token, "outsider"), "result.banned", "[\"outsider\"]");
	assert_shows(ban("peck", owner.token, "second"), "result.moderators", "[\"moderator\"]");
	assert_shows(ban("peck", admin.token, "moderator"), "result.moderators", "[]");
	/* What one was does not come back with the end of a ban. */
	assert_answer(take("peck", "/ban/second", owner.token), 200, NULL);
	assert_shows(join("peck", second.token), "result.moderators", "[]");
	assert_answer(take("peck", "/ban/nobody-is", owner.token), 404, "NOT_FOUND");
}

TEST(a_ban_voids_an_invitation)
{
	e2e_create_channel(&server, owner.token, "fickle", true);
	assert_answer(invite("fickle", owner.token, "outsider"), 200, NULL);
	assert_shows(ban("fickle", owner.token, "outsider"), "result.invited", "[]");
	assert_answer(room_ask(&server, "GET", "fickle", "/config", outsider.token, NULL), 404,
	              "NOT_FOUND");
	assert_answer(join("fickle", outsider.token), 404, "NOT_FOUND");
}

TEST(a_ban_follows_the_account_when_its_name_changes)
{
	struct e2e_account troll = e2e_register(&server, "troll");

	e2e_create_channel(&server, owner.token, "bridge", false);
	assert_answer(ban("bridge", owner.token, "troll"), 200, NULL);
	assert_answer(e2e_ask(&server, "PATCH", "/users/me", troll.token, "{\"pseudo\":\"goat\"}"),
	              200, NULL);
	assert_answer(join("bridge", troll.token), 403, "PERMISSION_DENIED");
	assert_soon(room_shows(room_ask(&server, "GET", "bridge", "/config", owner.token, NULL),
	                       "result.banned", "[\"goat\"]"));
}

/* ---- who learns of what ---- */

static const struct {
	const char *method, *rest, *body;
	bool        is_public; /* anybody may call it */
} routes[] = {
        {"GET", "/config", NULL, true},
        {"GET", "/users", NULL, true},
        {"GET", "/users?limit=0", NULL, true},
        {"PATCH", "", "{\"topic\":\"x\"}", false},
        {"PATCH", "", "{\"mode\":\"nonsense\"}", false},
        {"DELETE", "", NULL, false},
        {"POST", "/topic", "{\"topic\":\"x\"}", false},
        {"POST", "/topic", "{}", false},
        {"POST", "/mode", "{\"mode\":\"+r\"}", false},
        {"POST", "/mode", "{\"mode\":\"?\"}", false},
        {"POST", "/join", NULL, false},
        {"POST", "/leave", NULL, false},
        {"POST", "/invite", "{\"pseudo\":\"member\"}", false},
        {"POST", "/invite", "{\"pseudo\":\"nobody-is\"}", false},
        {"POST", "/invite", "{\"pseudo\":\"a b\"}", false},
        {"DELETE", "/invite/member", NULL, false},
        {"POST", "/ban", "{\"pseudo\":\"member\"}", false},
        {"POST", "/ban", "{}", false},
        {"DELETE", "/ban/member", NULL, false},
        {"POST", "/moderators", "{\"pseudo\":\"member\"}", false},
        {"DELETE", "/moderators/member", NULL, false},
        {"POST", "/voices", "{\"pseudo\":\"member\"}", false},
        {"DELETE", "/voices/member", NULL, false},
        {"POST", "/owner", "{\"pseudo\":\"member\"}", false},
};

enum { N_ROUTES = sizeof routes / sizeof *routes };

TEST(a_private_channel_is_not_there_for_others_on_any_route)
{
	const char *const tokens[] = {NULL, outsider.token};

	e2e_create_channel(&server, owner.token, "secret", true);
	for (size_t i = 0; i < 2 * N_ROUTES; i++) {
		const char          *token = tokens[i % 2];
		struct http_response secret =
		        room_ask(&server, routes[i / 2].method, "secret", routes[i / 2].rest, token,
		                 routes[i / 2].body);
		struct http_response nothing =
		        room_ask(&server, routes[i / 2].method, "no-such", routes[i / 2].rest,
		                 token, routes[i / 2].body);

		if (secret.status != 404)
			print_error("%s %s:\n", routes[i / 2].method, routes[i / 2].rest);
		assert_http_error(secret, 404, "NOT_FOUND");
		json_object_del(secret.json, "request_id");
		json_object_del(nothing.json, "request_id");
		/* Nothing tells one from the other. */
		assert_int_equal(nothing.status, 404);
		assert_true(json_equal(secret.json, nothing.json));
		http_response_free(&secret);
		http_response_free(&nothing);
	}
	assert_shows(room_ask(&server, "GET", "secret", "/config", owner.token, NULL),
	             "result.members_count", "1");
}

TEST(in_a_public_channel_a_token_is_asked_for_before_all_else)
{
	e2e_create_channel(&server, owner.token, "plaza", false);
	for (size_t i = 0; i < N_ROUTES; i++)
		if (!routes[i].is_public)
			assert_answer(room_ask(&server, routes[i].method, "plaza", routes[i].rest,
			                       NULL, routes[i].body),
			              401, "UNAUTHENTICATED");
	assert_answer(room_ask(&server, "GET", "plaza", "/config", "not-a-token", NULL), 401,
	              "UNAUTHENTICATED");
	assert_shows(room_ask(&server, "GET", "plaza", "/config", NULL, NULL),
	             "result.members_count", "1");
}

/* ---- ceilings ---- */

/* So many rows as there may be, of people nobody knows. */
static void fill_lists(struct sql *sql, const char *name)
{
	static const char *const tables[] = {"invitations (channel_id, account_id)",
	                                     "bans (channel_id, account_id)",
	                                     "members (channel_id, account_id, role)",
	                                     "members (channel_id, account_id, has_voice)"};
	static const char *const values[] = {"", "", ", 'moderator'", ", true"};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		char statement[512];

		snprintf(statement, sizeof statement,
		         "INSERT INTO channels.%s SELECT c.id, 1000000 + %zu * 10000 + n%s"
		         "  FROM channels.channels AS c, generate_series(1, 1000) AS n"
		         " WHERE c.name = '%s' ON CONFLICT DO NOTHING;",
		         tables[i], i, values[i], name);
		sql_run(sql, statement);
	}
}

TEST(each_list_of_a_channel_has_a_ceiling_that_is_told)
{
	struct sql sql;

	e2e_create_channel(&server, owner.token, "crowded", false);
	e2e_join(&server, member.token, "crowded");
	e2e_join(&server, second.token, "crowded");
	assert_answer(invite("crowded", owner.token, "outsider"), 200, NULL);
	sql_open(&sql, server.db_url);
	fill_lists(&sql, "crowded");
	sql_close(&sql);

	assert_answer(invite("crowded", owner.token, "boss"), 409, "FAILED_PRECONDITION");
	assert_answer(ban("crowded", owner.token, "member"), 409, "FAILED_PRECONDITION");
	assert_answer(room_name(&server, "crowded", "/moderators", owner.token, "member"), 409,
	              "FAILED_PRECONDITION");
	assert_answer(room_name(&server, "crowded", "/voices", owner.token, "member"), 409,
	              "FAILED_PRECONDITION");
	/* Who is there already is no error, and one less is room for one more. */
	assert_answer(invite("crowded", owner.token, "outsider"), 200, NULL);
	assert_answer(take("crowded", "/invite/outsider", owner.token), 200, NULL);
	sql_open(&sql, server.db_url);
	sql_run(&sql, "DELETE FROM channels.bans WHERE account_id = 1010001;"
	              "DELETE FROM channels.invitations WHERE account_id = 1000001;");
	sql_close(&sql);
	assert_answer(invite("crowded", owner.token, "boss"), 200, NULL);
	assert_answer(ban("crowded", owner.token, "member"), 200, NULL);
}

TEST_MAIN(start, stop)
