#include "test/e2e/talk.h"

#include <inttypes.h>
#include <string.h>

/* What ranks, bans and modes of a channel mean for its messages: at once, for the next request. */
static struct server      server;
static struct e2e_account owner, guest, outsider;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	owner = e2e_register(&server, "owner");
	guest = e2e_register(&server, "guest");
	outsider = e2e_register(&server, "outsider");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static void open_room(const char *name)
{
	e2e_create_channel(&server, owner.token, name, false);
	e2e_join(&server, guest.token, name);
}

/* "<method> /channel/<rest>" by the owner, which must go well. */
static void govern(const char *method, const char *rest, const char *body)
{
	char                 path[128];
	struct http_response r;

	snprintf(path, sizeof path, "/channel/%s", rest);
	r = e2e_ask(&server, method, path, owner.token, "%s", body);
	assert_http(r, 200);
	http_response_free(&r);
}

static struct http_response write_to(const char *token, const char *channel)
{
	return http_postf(server.port, "/msg", token, "{\"channel\":\"%s\",\"text\":\"x\"}",
	                  channel);
}

static struct http_response edit(const char *token, int64_t id)
{
	return talk_ask(&server, "PUT", id, "", token, "{\"text\":\"changed\"}");
}

TEST(a_ban_acts_on_the_next_request)
{
	int64_t id;

	open_room("banning");
	id = e2e_send(&server, guest.token, "banning", "mine");
	for (int i = 0; i < 5; i++) {
		govern("POST", "banning/ban", "{\"pseudo\":\"guest\"}");
		assert_answer(write_to(guest.token, "banning"), 403, "PERMISSION_DENIED");
		assert_answer(edit(guest.token, id), 403, "PERMISSION_DENIED");
		assert_answer(talk_react(&server, "POST", guest.token, id, "x"), 403,
		              "PERMISSION_DENIED");
		/* What is there may be read, and taken back. */
		assert_answer(talk_list(&server, guest.token, "?channel=banning"), 200, NULL);
		assert_answer(talk_react(&server, "DELETE", guest.token, id, "x"), 200, NULL);
		govern("DELETE", "banning/ban/guest", "");
		e2e_join(&server, guest.token, "banning");
		e2e_send(&server, guest.token, "banning", "back");
	}
	govern("POST", "banning/ban", "{\"pseudo\":\"guest\"}");
	assert_answer(talk_ask(&server, "DELETE", id, "", guest.token, NULL), 204, NULL);
}

TEST(modes_act_on_the_next_request)
{
	int64_t id;

	open_room("modes");
	id = e2e_send(&server, guest.token, "modes", "mine");
	for (int i = 0; i < 5; i++) {
		govern("POST", "modes/mode", "{\"mode\":\"+r\"}");
		assert_answer(write_to(guest.token, "modes"), 403, "PERMISSION_DENIED");
		assert_answer(edit(guest.token, id), 403, "PERMISSION_DENIED");
		assert_answer(write_to(owner.token, "modes"), 201, NULL);
		govern("POST", "modes/mode", "{\"mode\":\"-r+p\"}");
		assert_answer(write_to(guest.token, "modes"), 201, NULL);
		assert_answer(talk_list(&server, outsider.token, "?channel=modes"), 404,
		              "NOT_FOUND");
		assert_answer(talk_list(&server, NULL, "/thread/%" PRId64, id), 404, "NOT_FOUND");
		assert_texts(talk_list(&server, outsider.token, "/search?q=mine"), "");
		govern("POST", "modes/mode", "{\"mode\":\"-p\"}");
		assert_answer(talk_list(&server, outsider.token, "?channel=modes"), 200, NULL);
		assert_texts(talk_list(&server, outsider.token, "/search?q=mine"), "mine");
	}
	govern("POST", "modes/mode", "{\"mode\":\"+m\"}");
	assert_answer(write_to(guest.token, "modes"), 403, "PERMISSION_DENIED");
	govern("POST", "modes/voices", "{\"pseudo\":\"guest\"}");
	assert_answer(write_to(guest.token, "modes"), 201, NULL);
}

TEST(a_moderator_deletes_pins_and_sees_earlier_texts)
{
	int64_t id;

	open_room("moderated");
	e2e_join(&server, outsider.token, "moderated");
	id = e2e_send(&server, outsider.token, "moderated", "first");
	assert_answer(edit(outsider.token, id), 200, NULL);
	assert_answer(talk_ask(&server, "POST", id, "/pin", guest.token, NULL), 403,
	              "PERMISSION_DENIED");
	govern("POST", "moderated/moderators", "{\"pseudo\":\"guest\"}");
	assert_answer(talk_ask(&server, "POST", id, "/pin", guest.token, NULL), 200, NULL);
	assert_texts(talk_ask(&server, "GET", id, "/history", guest.token, NULL), "first");
	assert_answer(edit(guest.token, id), 403, "PERMISSION_DENIED");
	assert_answer(talk_ask(&server, "DELETE", id, "/pin", guest.token, NULL), 200, NULL);
	govern("DELETE", "moderated/moderators/guest", "");
	assert_answer(talk_ask(&server, "DELETE", id, "", guest.token, NULL), 403,
	              "PERMISSION_DENIED");
	govern("POST", "moderated/moderators", "{\"pseudo\":\"guest\"}");
	assert_answer(talk_ask(&server, "DELETE", id, "", guest.token, NULL), 204, NULL);
}

TEST(who_is_invited_to_a_private_channel_reads_and_does_not_write)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "salon", true);
	id = e2e_send(&server, owner.token, "salon", "velvet");
	assert_answer(talk_list(&server, outsider.token, "?channel=salon"), 404, "NOT_FOUND");
	govern("POST", "salon/invite", "{\"pseudo\":\"outsider\"}");
	assert_texts(talk_list(&server, outsider.token, "?channel=salon"), "velvet");
	assert_texts(talk_list(&server, outsider.token, "/search?q=velvet"), "velvet");
	assert_answer(talk_react(&server, "POST", outsider.token, id, "x"), 200, NULL);
	assert_answer(write_to(outsider.token, "salon"), 403, "PERMISSION_DENIED");
	e2e_join(&server, outsider.token, "salon");
	assert_answer(write_to(outsider.token, "salon"), 201, NULL);
	govern("POST", "salon/ban", "{\"pseudo\":\"outsider\"}");
	assert_answer(talk_list(&server, outsider.token, "?channel=salon"), 404, "NOT_FOUND");
	assert_texts(talk_list(&server, outsider.token, "/search?q=velvet"), "");
}

TEST(an_administrator_reads_no_private_channel_it_is_not_in)
{
	struct e2e_session admin;
	int64_t            id;

	e2e_register(&server, "boss");
	admin = e2e_login_as_admin(&server, "boss");
	e2e_create_channel(&server, owner.token, "closed", true);
	id = e2e_send(&server, owner.token, "closed", "parchment");
	assert_answer(talk_list(&server, admin.token, "?channel=closed"), 404, "NOT_FOUND");
	assert_answer(talk_ask(&server, "DELETE", id, "", admin.token, NULL), 404, "NOT_FOUND");
	assert_texts(talk_list(&server, admin.token, "/search?q=parchment"), "");
	assert_answer(write_to(admin.token, "closed"), 404, "NOT_FOUND");
	govern("POST", "closed/invite", "{\"pseudo\":\"boss\"}");
	assert_texts(talk_list(&server, admin.token, "?channel=closed"), "parchment");
	assert_answer(talk_ask(&server, "POST", id, "/pin", admin.token, NULL), 200, NULL);
	assert_answer(talk_ask(&server, "DELETE", id, "", admin.token, NULL), 204, NULL);
}

TEST_MAIN(start, stop)
