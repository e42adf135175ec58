#include "test/e2e/room.h"

#include <string.h>

/* Who comes, goes, and is what in a channel. */
static struct server      server;
static struct e2e_account owner, moderator, member, outsider;
static struct e2e_session admin;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	owner = e2e_register(&server, "owner");
	moderator = e2e_register(&server, "moderator");
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

static struct http_response post(const char *name, const char *rest, const char *token)
{
	return room_ask(&server, "POST", name, rest, token, NULL);
}

static struct http_response take(const char *name, const char *rest, const char *token)
{
	return room_ask(&server, "DELETE", name, rest, token, NULL);
}

static struct http_response config(const char *name)
{
	return room_ask(&server, "GET", name, "/config", admin.token, NULL);
}

static void open_channel(const char *name, bool is_private)
{
	e2e_create_channel(&server, owner.token, name, is_private);
	if (is_private) {
		assert_answer(room_name(&server, name, "/invite", owner.token, "moderator"), 200,
		              NULL);
		assert_answer(room_name(&server, name, "/invite", owner.token, "member"), 200,
		              NULL);
	}
	e2e_join(&server, moderator.token, name);
	e2e_join(&server, member.token, name);
	assert_answer(room_name(&server, name, "/moderators", owner.token, "moderator"), 200, NULL);
}

/* ---- leave ---- */

TEST(who_leaves_is_gone_and_stays_out)
{
	open_channel("door", false);
	assert_answer(post("door", "/leave", member.token), 204, NULL);
	assert_answer(post("door", "/leave", member.token), 204, NULL);
	assert_answer(post("door", "/leave", outsider.token), 204, NULL);
	assert_answer(post("door", "/leave", NULL), 401, "UNAUTHENTICATED");
	assert_shows(config("door"), "result.members_count", "2");
	assert_shows(room_ask(&server, "GET", "door", "/users", NULL, NULL), "result",
	             "[\"moderator\",\"owner\"]");
	assert_answer(post("door", "/leave", owner.token), 409, "FAILED_PRECONDITION");
	/* What one was is lost by leaving. */
	assert_answer(post("door", "/leave", moderator.token), 204, NULL);
	e2e_join(&server, moderator.token, "door");
	assert_shows(config("door"), "result.moderators", "[]");
}

TEST(who_left_a_private_channel_does_not_see_it_any_more)
{
	open_channel("cave", true);
	assert_answer(post("cave", "/leave", member.token), 204, NULL);
	assert_answer(room_ask(&server, "GET", "cave", "/config", member.token, NULL), 404,
	              "NOT_FOUND");
	assert_answer(post("cave", "/join", member.token), 404, "NOT_FOUND");
	assert_answer(post("cave", "/leave", member.token), 404, "NOT_FOUND");
}

/* ---- moderators and voices ---- */

TEST(the_owner_names_moderators)
{
	open_channel("ranks", false);
	assert_answer(room_name(&server, "ranks", "/moderators", moderator.token, "member"), 403,
	              "PERMISSION_DENIED");
	assert_answer(room_name(&server, "ranks", "/moderators", outsider.token, "outsider"), 403,
	              "PERMISSION_DENIED");
	for (int i = 0; i < 2; i++)
		assert_shows(room_name(&server, "ranks", "/moderators", owner.token, "@Member"),
		             "result.moderators", "[\"member\",\"moderator\"]");
	assert_shows(room_name(&server, "ranks", "/moderators", owner.token, "owner"),
	             "result.owner", "\"owner\"");
	assert_answer(room_name(&server, "ranks", "/moderators", owner.token, "outsider"), 409,
	              "FAILED_PRECONDITION");
	assert_answer(room_name(&server, "ranks", "/moderators", owner.token, "nobody-is"), 404,
	              "NOT_FOUND");
	assert_answer(room_name(&server, "ranks", "/moderators", owner.token, "a b"), 422,
	              "INVALID_ARGUMENT");
	assert_answer(take("ranks", "/moderators/member", moderator.token), 403,
	              "PERMISSION_DENIED");
	for (int i = 0; i < 2; i++)
		assert_shows(take("ranks", "/moderators/member", admin.token), "result.moderators",
		             "[\"moderator\"]");
	assert_answer(take("ranks", "/moderators/nobody-is", owner.token), 404, "NOT_FOUND");
	/* Stepping down takes nobody's leave. */
	assert_shows(take("ranks", "/moderators/moderator", moderator.token), "result.moderators",
	             "[]");
	assert_answer(take("ranks", "/moderators/owner", owner.token), 200, NULL);
	assert_shows(config("ranks"), "result.owner", "\"owner\"");
	assert_shows(config("ranks"), "result.members_count", "3");
}

TEST(those_who_govern_give_and_take_voices)
{
	open_channel("choir", false);
	assert_answer(room_name(&server, "choir", "/voices", member.token, "member"), 403,
	              "PERMISSION_DENIED");
	for (int i = 0; i < 2; i++)
		assert_shows(room_name(&server, "choir", "/voices", moderator.token, "member"),
		             "result.voices", "[\"member\"]");
	assert_answer(room_name(&server, "choir", "/voices", owner.token, "outsider"), 409,
	              "FAILED_PRECONDITION");
	assert_answer(room_name(&server, "choir", "/voices", owner.token, "nobody-is"), 404,
	              "NOT_FOUND");
	assert_answer(take("choir", "/voices/member", member.token), 403, "PERMISSION_DENIED");
	for (int i = 0; i < 2; i++)
		assert_shows(take("choir", "/voices/member", owner.token), "result.voices", "[]");
}

/* ---- owner ---- */

TEST(a_channel_is_handed_over_to_a_member)
{
	struct http_response r;

	open_channel("crown", true);
	assert_answer(room_name(&server, "crown", "/owner", moderator.token, "moderator"), 403,
	              "PERMISSION_DENIED");
	assert_answer(room_name(&server, "crown", "/owner", owner.token, "outsider"), 409,
	              "FAILED_PRECONDITION");
	assert_answer(room_name(&server, "crown", "/owner", owner.token, "nobody-is"), 404,
	              "NOT_FOUND");
	r = room_name(&server, "crown", "/owner", owner.token, "member");
	assert_http(r, 200);
	assert_json_text(r, "result.owner", "member");
	assert_json(r, "result.moderators", "[\"moderator\",\"owner\"]");
	assert_int_equal(http_int(&r, "result.members_count"), 3);
	http_response_free(&r);
	assert_answer(room_name(&server, "crown", "/owner", owner.token, "owner"), 403,
	              "PERMISSION_DENIED");
	assert_answer(room_name(&server, "crown", "/owner", member.token, "member"), 200, NULL);
	assert_answer(post("crown", "/leave", member.token), 409, "FAILED_PRECONDITION");
	assert_answer(post("crown", "/leave", owner.token), 204, NULL);
	assert_shows(room_name(&server, "crown", "/owner", admin.token, "moderator"),
	             "result.owner", "\"moderator\"");
}

/* ---- delete ---- */

TEST(owner_and_admin_delete_a_channel_and_its_name_is_free)
{
	open_channel("brief", false);
	assert_answer(take("brief", "", moderator.token), 403, "PERMISSION_DENIED");
	assert_answer(take("brief", "", outsider.token), 403, "PERMISSION_DENIED");
	assert_answer(take("brief", "", NULL), 401, "UNAUTHENTICATED");
	assert_answer(take("brief", "", owner.token), 204, NULL);
	assert_answer(take("brief", "", owner.token), 404, "NOT_FOUND");
	assert_answer(config("brief"), 404, "NOT_FOUND");
	assert_answer(http_get(server.port, "/msg?channel=brief", owner.token), 404, "NOT_FOUND");
	e2e_create_channel(&server, outsider.token, "brief", true);
	assert_shows(room_ask(&server, "GET", "brief", "/config", outsider.token, NULL),
	             "result.members_count", "1");
	assert_answer(post("brief", "/join", member.token), 404, "NOT_FOUND");
	assert_answer(take("brief", "", admin.token), 204, NULL);
	assert_answer(room_ask(&server, "GET", "brief", "/config", outsider.token, NULL), 404,
	              "NOT_FOUND");
}

/* ---- accounts that go ---- */

static void delete_account(const struct e2e_account *a)
{
	char path[64];

	snprintf(path, sizeof path, "/user/%s", a->pseudo);
	assert_answer(e2e_ask(&server, "DELETE", path, a->token, "%s", ""), 204, NULL);
}

TEST(a_channel_passes_to_who_has_been_moderator_for_longest_else_member)
{
	struct e2e_account king = e2e_register(&server, "king"), first, second, third;

	first = e2e_register(&server, "first");
	second = e2e_register(&server, "second");
	third = e2e_register(&server, "third");
	e2e_create_channel(&server, king.token, "realm", false);
	e2e_join(&server, first.token, "realm");
	e2e_join(&server, second.token, "realm");
	e2e_join(&server, third.token, "realm");
	/* The one who came last has been moderator for longest. */
	assert_answer(room_name(&server, "realm", "/moderators", king.token, "third"), 200, NULL);
	assert_answer(room_name(&server, "realm", "/moderators", king.token, "second"), 200, NULL);
	assert_answer(take("realm", "/moderators/second", king.token), 200, NULL);

	delete_account(&king);
	assert_soon(room_shows(config("realm"), "result.owner", "\"third\""));
	assert_shows(config("realm"), "result.members_count", "3");
	assert_shows(config("realm"), "result.moderators", "[]");
	delete_account(&third);
	assert_soon(room_shows(config("realm"), "result.owner", "\"first\""));
	delete_account(&first);
	assert_soon(room_shows(config("realm"), "result.owner", "\"second\""));
	assert_shows(config("realm"), "result.members_count", "1");
	delete_account(&second);
	assert_soon(room_status(config("realm")) == 404);
}

TEST(what_stood_about_a_deleted_account_is_inherited_by_nobody)
{
	struct e2e_account gone = e2e_register(&server, "shade"), again;

	e2e_create_channel(&server, owner.token, "guests", true);
	e2e_create_channel(&server, owner.token, "strict", false);
	e2e_create_channel(&server, owner.token, "crew", false);
	assert_answer(room_name(&server, "guests", "/invite", owner.token, "shade"), 200, NULL);
	assert_answer(room_name(&server, "strict", "/ban", owner.token, "shade"), 200, NULL);
	e2e_join(&server, gone.token, "crew");
	assert_answer(room_name(&server, "crew", "/moderators", owner.token, "shade"), 200, NULL);
	delete_account(&gone);
	assert_soon(room_shows(config("crew"), "result.moderators", "[]"));
	assert_shows(config("crew"), "result.members_count", "1");
	assert_shows(config("guests"), "result.invited", "[]");
	assert_shows(config("strict"), "result.banned", "[]");
	again = e2e_register(&server, "shade");
	assert_answer(post("guests", "/join", again.token), 404, "NOT_FOUND");
	assert_answer(post("strict", "/join", again.token), 200, NULL);
	assert_answer(room_ask(&server, "POST", "crew", "/mode", again.token, "{\"mode\":\"+r\"}"),
	              403, "PERMISSION_DENIED");
}

TEST_MAIN(start, stop)
