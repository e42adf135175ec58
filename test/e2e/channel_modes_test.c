#include "test/e2e/room.h"

#include <inttypes.h>
#include <string.h>

/* Topic and modes: who changes them, and what modes do. */
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

/* A public channel with one of each rank. */
static void open_channel(const char *name)
{
	e2e_create_channel(&server, owner.token, name, false);
	e2e_join(&server, moderator.token, name);
	e2e_join(&server, member.token, name);
	assert_answer(room_name(&server, name, "/moderators", owner.token, "moderator"), 200, NULL);
}

static struct http_response set_mode(const char *name, const char *token, const char *mode)
{
	char body[128];

	snprintf(body, sizeof body, "{\"mode\":\"%s\"}", mode);
	return room_ask(&server, "POST", name, "/mode", token, body);
}

static struct http_response set_topic(const char *name, const char *token, const char *topic)
{
	char body[2048];

	snprintf(body, sizeof body, "{\"topic\":\"%s\"}", topic);
	return room_ask(&server, "POST", name, "/topic", token, body);
}

static struct http_response patch(const char *name, const char *token, const char *body)
{
	return room_ask(&server, "PATCH", name, "", token, body);
}

static struct http_response write_to(const char *name, const char *token)
{
	return http_postf(server.port, "/msg", token, "{\"channel\":\"%s\",\"text\":\"coin\"}",
	                  name);
}

/* ---- topic ---- */

TEST(who_governs_says_what_a_channel_is_about)
{
	open_channel("about");
	assert_shows(set_topic("about", owner.token, "ducks"), "result.topic", "\"ducks\"");
	assert_shows(set_topic("about", moderator.token, "geese"), "result.topic", "\"geese\"");
	assert_shows(set_topic("about", admin.token, "caf\xc3\xa9"), "result.topic",
	             "\"caf\xc3\xa9\"");
	assert_answer(set_topic("about", member.token, "no"), 403, "PERMISSION_DENIED");
	assert_answer(set_topic("about", outsider.token, "no"), 403, "PERMISSION_DENIED");
	assert_answer(set_topic("about", NULL, "no"), 401, "UNAUTHENTICATED");
	assert_shows(room_ask(&server, "GET", "about", "/config", NULL, NULL), "result.topic",
	             "\"caf\xc3\xa9\"");
	assert_shows(set_topic("about", owner.token, ""), "result.topic", "\"\"");
}

TEST(without_mode_t_any_member_says_what_a_channel_is_about)
{
	open_channel("loose");
	assert_answer(set_mode("loose", moderator.token, "-t"), 200, NULL);
	assert_shows(set_topic("loose", member.token, "rain"), "result.topic", "\"rain\"");
	assert_shows(patch("loose", member.token, "{\"topic\":\"sun\"}"), "result.topic",
	             "\"sun\"");
	assert_answer(patch("loose", member.token, "{\"topic\":\"a\",\"mode\":\"+r\"}"), 403,
	              "PERMISSION_DENIED");
	assert_answer(set_topic("loose", outsider.token, "no"), 403, "PERMISSION_DENIED");
	assert_shows(room_ask(&server, "GET", "loose", "/config", NULL, NULL), "result.topic",
	             "\"sun\"");
}

TEST(a_faulty_topic_is_refused)
{
	char topic255[256], topic256[257];

	open_channel("long");
	snprintf(topic255, sizeof topic255, "%0255d", 1);
	snprintf(topic256, sizeof topic256, "%0256d", 1);
	assert_answer(set_topic("long", owner.token, topic255), 200, NULL);
	assert_answer(set_topic("long", owner.token, topic256), 422, "INVALID_ARGUMENT");
	assert_answer(room_ask(&server, "POST", "long", "/topic", owner.token, "{}"), 422,
	              "INVALID_ARGUMENT");
	assert_answer(room_ask(&server, "POST", "long", "/topic", owner.token, "{\"topic\":7}"),
	              400, "INVALID_ARGUMENT");
	/* What is wrong with the fields is told before whose they are. */
	assert_answer(set_topic("long", outsider.token, topic256), 422, "INVALID_ARGUMENT");
}

/* ---- modes ---- */

TEST(modes_are_switched_by_those_who_govern)
{
	open_channel("modes");
	assert_shows(set_mode("modes", owner.token, "+r"), "result.modes", "[\"n\",\"r\",\"t\"]");
	assert_shows(set_mode("modes", owner.token, "+r"), "result.modes", "[\"n\",\"r\",\"t\"]");
	assert_shows(set_mode("modes", moderator.token, "-rn+m"), "result.modes", "[\"m\",\"t\"]");
	assert_shows(set_mode("modes", admin.token, "-m-t"), "result.modes", "[]");
	assert_answer(set_mode("modes", member.token, "+r"), 403, "PERMISSION_DENIED");
	assert_answer(set_mode("modes", outsider.token, "+r"), 403, "PERMISSION_DENIED");
	assert_answer(set_mode("modes", NULL, "+r"), 401, "UNAUTHENTICATED");
}

TEST(what_is_no_mode_is_refused)
{
	static const char *const modes[] = {"", "r", "+", "+x", "+R", "+r-", "rt", "+r t"};

	open_channel("wrong");
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct http_response r = set_mode("wrong", owner.token, modes[i]);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, "mode");
		http_response_free(&r);
	}
	assert_answer(room_ask(&server, "POST", "wrong", "/mode", owner.token, NULL), 422,
	              "INVALID_ARGUMENT");
	assert_shows(room_ask(&server, "GET", "wrong", "/config", NULL, NULL), "result.modes",
	             "[\"n\",\"t\"]");
}

TEST(only_owner_and_admin_make_a_channel_private_or_public)
{
	open_channel("hideout");
	assert_answer(set_mode("hideout", moderator.token, "+p"), 403, "PERMISSION_DENIED");
	/* All of it or nothing. */
	assert_answer(set_mode("hideout", moderator.token, "+pr"), 403, "PERMISSION_DENIED");
	assert_shows(set_mode("hideout", moderator.token, "-p"), "result.modes", "[\"n\",\"t\"]");
	assert_shows(set_mode("hideout", owner.token, "+p"), "result.private", "true");
	assert_answer(room_ask(&server, "GET", "hideout", "/config", outsider.token, NULL), 404,
	              "NOT_FOUND");
	assert_shows(set_mode("hideout", moderator.token, "+p"), "result.private", "true");
	assert_answer(set_mode("hideout", moderator.token, "-p"), 403, "PERMISSION_DENIED");
	assert_shows(set_mode("hideout", admin.token, "-p"), "result.private", "false");
	assert_answer(room_ask(&server, "GET", "hideout", "/config", outsider.token, NULL), 200,
	              NULL);
}

TEST(a_patch_changes_what_it_names)
{
	struct http_response r;

	open_channel("patched");
	r = patch("patched", owner.token, "{\"topic\":\"ducks\",\"mode\":\"+r-t\"}");
	assert_http(r, 200);
	assert_json_text(r, "result.topic", "ducks");
	assert_json(r, "result.modes", "[\"n\",\"r\"]");
	http_response_free(&r);
	assert_shows(patch("patched", moderator.token, "{\"mode\":\"-r\"}"), "result.topic",
	             "\"ducks\"");
	assert_shows(patch("patched", moderator.token, "{}"), "result.modes", "[\"n\"]");
	assert_shows(patch("patched", moderator.token, "{\"topic\":null}"), "result.topic", "\"\"");
	assert_answer(patch("patched", member.token, "{}"), 403, "PERMISSION_DENIED");
	assert_answer(patch("patched", owner.token, "{\"mode\":null}"), 422, "INVALID_ARGUMENT");
	assert_answer(patch("patched", moderator.token, "{\"topic\":\"x\",\"mode\":\"+p\"}"), 403,
	              "PERMISSION_DENIED");
	assert_shows(room_ask(&server, "GET", "patched", "/config", NULL, NULL), "result.topic",
	             "\"\"");
	/* A name in the body is no other channel's. */
	open_channel("other");
	assert_shows(patch("patched", owner.token, "{\"name\":\"other\",\"topic\":\"mine\"}"),
	             "result.name", "\"patched\"");
}

TEST(all_faulty_fields_of_a_patch_are_told)
{
	char                 body[512];
	struct http_response r;

	open_channel("faulty");
	snprintf(body, sizeof body, "{\"topic\":\"%0256d\",\"mode\":\"x\"}", 1);
	r = patch("faulty", owner.token, body);
	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "topic mode");
	http_response_free(&r);
}

/* ---- what they do ---- */

TEST(modes_say_who_writes)
{
	static const struct {
		const char *mode;
		long        owner, moderator, voiced, member, outsider;
	} cases[] = {
	        {"+n-r-m", 201, 201, 201, 201, 403}, {"-n-r-m", 201, 201, 201, 201, 201},
	        {"-n+r-m", 201, 201, 403, 403, 403}, {"-n-r+m", 201, 201, 201, 403, 403},
	        {"+n+r+m", 201, 201, 403, 403, 403}, {"+n-r+m", 201, 201, 201, 403, 403},
	};
	struct e2e_account voiced = e2e_register(&server, "voiced");

	open_channel("writing");
	e2e_join(&server, voiced.token, "writing");
	assert_answer(room_name(&server, "writing", "/voices", moderator.token, "voiced"), 200,
	              NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_answer(set_mode("writing", owner.token, cases[i].mode), 200, NULL);
		assert_answer(write_to("writing", owner.token), cases[i].owner, NULL);
		assert_answer(write_to("writing", moderator.token), cases[i].moderator, NULL);
		assert_answer(write_to("writing", voiced.token), cases[i].voiced, NULL);
		assert_answer(write_to("writing", member.token), cases[i].member, NULL);
		assert_answer(write_to("writing", outsider.token), cases[i].outsider, NULL);
	}
}

TEST(a_private_channel_is_read_by_members_and_the_invited)
{
	open_channel("quiet");
	e2e_send(&server, owner.token, "quiet", "psst");
	assert_answer(set_mode("quiet", owner.token, "+p"), 200, NULL);
	assert_answer(http_get(server.port, "/msg?channel=quiet", member.token), 200, NULL);
	assert_answer(http_get(server.port, "/msg?channel=quiet", outsider.token), 404,
	              "NOT_FOUND");
	assert_answer(http_get(server.port, "/msg?channel=quiet", admin.token), 404, "NOT_FOUND");
	assert_answer(room_name(&server, "quiet", "/invite", moderator.token, "outsider"), 200,
	              NULL);
	assert_answer(http_get(server.port, "/msg?channel=quiet", outsider.token), 200, NULL);
	assert_answer(write_to("quiet", outsider.token), 403, "PERMISSION_DENIED");
}

TEST(other_services_are_told_what_an_account_may_do)
{
	struct {
		int64_t     account_id;
		const char *is_admin;
		bool        can_read, can_write, can_moderate;
	} cases[] = {
	        {owner.id, "false", true, true, true},    {moderator.id, "false", true, true, true},
	        {member.id, "false", true, false, false}, {outsider.id, "true", false, false, true},
	        {member.id, "true", true, false, true},
	};

	open_channel("told");
	assert_answer(set_mode("told", owner.token, "+pm"), 200, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char    json[128];
		json_t *answer;

		snprintf(json, sizeof json,
		         "{\"name\":\"told\",\"account_id\":%" PRId64 ",\"is_admin\":%s}",
		         cases[i].account_id, cases[i].is_admin);
		answer = talk_call(&server, "/canaduck.channels.v1.Channels/CheckAccess", json);
		assert_true(json_is_true(json_object_get(answer, "is_private")));
		assert_int_equal(json_is_true(json_object_get(answer, "can_read")),
		                 cases[i].can_read);
		assert_int_equal(json_is_true(json_object_get(answer, "can_write")),
		                 cases[i].can_write);
		assert_int_equal(json_is_true(json_object_get(answer, "can_moderate")),
		                 cases[i].can_moderate);
		json_decref(answer);
	}
}

TEST_MAIN(start, stop)
