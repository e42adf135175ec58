#include "test/e2e/room.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "test/e2e/sql.h"

/* What other services are told of channels: by events, and by the snapshot. */
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

static int64_t channel_id(const char *name)
{
	struct sql sql;
	char       statement[128];
	int64_t    id;

	snprintf(statement, sizeof statement, "SELECT id FROM channels.channels WHERE name = '%s';",
	         name);
	sql_open(&sql, server.db_url);
	id = sql_number(&sql, statement);
	sql_close(&sql);
	return id;
}

/* What was told of a channel, "Type Type!": with a mark where the public heard it. */
static const char *told(int64_t id)
{
	static char text[4096];
	char        statement[512];
	struct sql  sql;

	snprintf(statement, sizeof statement,
	         "SELECT string_agg(substr(type, 22) || CASE WHEN is_public THEN '!' ELSE '' END,"
	         "                  ' ' ORDER BY id) FROM channels.outbox"
	         " WHERE topic IN ('channels.channel.%" PRId64 "', 'channels.members.%" PRId64
	         "');",
	         id, id);
	sql_open(&sql, server.db_url);
	snprintf(text, sizeof text, "%s", sql_run(&sql, statement));
	sql_close(&sql);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* The payload of the n-th event of a topic, as `canaduck sub` prints it. */
static json_t *payload(const char *topic, int64_t id, unsigned n)
{
	static char output[256 * 1024];
	char        full[64], count[16];
	char       *line, *rest = output;
	unsigned    seen = 0;
	json_t     *found = NULL;

	snprintf(full, sizeof full, "channels.%s.%" PRId64, topic, id);
	snprintf(count, sizeof count, "%u", n);
	assert_int_equal(server_run((const char *[]){"canaduck", "sub", "--after", "0", "--count",
	                                             count, full, NULL},
	                            &server, NULL, output, sizeof output),
	                 0);
	while ((line = strsep(&rest, "\n"))) {
		json_t *event = *line == '{' ? json_loads(line, 0, NULL) : NULL;

		if (event && ++seen == n)
			found = json_incref(json_object_get(event, "payload"));
		json_decref(event);
	}
	assert_non_null(found);
	return found;
}

static int64_t number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	/* Canonical JSON has 64-bit numbers as text. */
	return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10)
	                             : json_integer_value(value);
}

static void ask(const char *method, const char *name, const char *rest, const char *token,
                const char *body)
{
	struct http_response r = room_ask(&server, method, name, rest, token, body);

	assert_true(r.status == 200 || r.status == 204);
	http_response_free(&r);
}

TEST(every_change_is_told_once)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "loud", false);
	id = channel_id("loud");
	for (int i = 0; i < 2; i++)
		ask("POST", "loud", "/join", guest.token, NULL);
	for (int i = 0; i < 2; i++)
		ask("POST", "loud", "/topic", owner.token, "{\"topic\":\"ducks\"}");
	for (int i = 0; i < 2; i++)
		ask("POST", "loud", "/mode", owner.token, "{\"mode\":\"+r\"}");
	ask("PATCH", "loud", "", owner.token, "{\"topic\":\"geese\",\"mode\":\"-r\"}");
	for (int i = 0; i < 2; i++)
		ask("POST", "loud", "/moderators", owner.token, "{\"pseudo\":\"guest\"}");
	for (int i = 0; i < 2; i++)
		ask("POST", "loud", "/voices", owner.token, "{\"pseudo\":\"guest\"}");
	for (int i = 0; i < 2; i++)
		ask("DELETE", "loud", "/moderators/guest", owner.token, NULL);
	for (int i = 0; i < 2; i++)
		ask("POST", "loud", "/leave", guest.token, NULL);
	assert_string_equal(told(id),
	                    "ChannelCreated! MemberJoined! ChannelChanged! ChannelChanged!"
	                    " ChannelChanged! MemberChanged! MemberChanged! MemberChanged!"
	                    " MemberLeft!");
	ask("DELETE", "loud", "", owner.token, NULL);
	assert_non_null(strstr(told(id), " MemberLeft! ChannelDeleted!"));
}

TEST(the_public_hears_nothing_of_invitations_and_bans)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "lists", false);
	id = channel_id("lists");
	ask("POST", "lists", "/join", guest.token, NULL);
	for (int i = 0; i < 2; i++)
		ask("POST", "lists", "/invite", owner.token, "{\"pseudo\":\"outsider\"}");
	for (int i = 0; i < 2; i++)
		ask("POST", "lists", "/ban", owner.token, "{\"pseudo\":\"outsider\"}");
	for (int i = 0; i < 2; i++)
		ask("DELETE", "lists", "/ban/outsider", owner.token, NULL);
	ask("POST", "lists", "/invite", owner.token, "{\"pseudo\":\"outsider\"}");
	for (int i = 0; i < 2; i++)
		ask("DELETE", "lists", "/invite/outsider", owner.token, NULL);
	ask("POST", "lists", "/ban", owner.token, "{\"pseudo\":\"guest\"}");
	assert_string_equal(told(id), "ChannelCreated! MemberJoined! Invited Uninvited Banned"
	                              " Unbanned Invited Uninvited MemberLeft! Banned");
}

TEST(the_public_hears_of_a_channel_while_it_is_public)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "shy", true);
	id = channel_id("shy");
	ask("POST", "shy", "/topic", owner.token, "{\"topic\":\"psst\"}");
	ask("POST", "shy", "/mode", owner.token, "{\"mode\":\"-p\"}");
	ask("POST", "shy", "/join", guest.token, NULL);
	ask("POST", "shy", "/mode", owner.token, "{\"mode\":\"+p\"}");
	ask("POST", "shy", "/leave", guest.token, NULL);
	ask("DELETE", "shy", "", owner.token, NULL);
	assert_string_equal(told(id), "ChannelCreated ChannelChanged ChannelChanged! MemberJoined!"
	                              " ChannelChanged MemberLeft ChannelDeleted");
}

TEST(events_say_how_it_is_now)
{
	json_t       *p;
	const json_t *c;
	int64_t       id;

	e2e_create_channel(&server, owner.token, "facts", false);
	id = channel_id("facts");
	e2e_join(&server, guest.token, "facts");
	ask("PATCH", "facts", "", owner.token, "{\"topic\":\"rain\",\"mode\":\"+p-t\"}");
	ask("POST", "facts", "/owner", owner.token, "{\"pseudo\":\"guest\"}");
	ask("DELETE", "facts", "", guest.token, NULL);

	p = payload("channel", id, 1);
	c = json_object_get(p, "channel");
	assert_int_equal(number(c, "channel_id"), id);
	assert_string_equal(json_string_value(json_object_get(c, "name")), "facts");
	assert_int_equal(number(c, "owner_id"), owner.id);
	json_decref(p);
	p = payload("channel", id, 2);
	c = json_object_get(p, "channel");
	assert_true(json_is_true(json_object_get(c, "private")));
	assert_string_equal(json_string_value(json_object_get(c, "modes")), "np");
	assert_string_equal(json_string_value(json_object_get(c, "topic")), "rain");
	json_decref(p);
	p = payload("channel", id, 3);
	assert_int_equal(number(json_object_get(p, "channel"), "owner_id"), guest.id);
	json_decref(p);
	p = payload("channel", id, 4);
	c = json_object_get(p, "channel");
	assert_true(json_is_true(json_object_get(c, "deleted")));
	assert_int_equal(number(c, "version"), 4);
	assert_string_equal(json_string_value(json_object_get(p, "name")), "facts");
	json_decref(p);
	/* Joined, then both sides of the handing over. */
	p = payload("members", id, 3);
	c = json_object_get(p, "membership");
	assert_int_equal(number(c, "account_id"), guest.id);
	assert_string_equal(json_string_value(json_object_get(c, "role")), "ROLE_OWNER");
	json_decref(p);
}

TEST(the_end_of_an_account_is_told_of_each_channel_it_stood_in)
{
	struct e2e_account gone = e2e_register(&server, "leaver");
	int64_t            owned, shared, strict, left;

	e2e_create_channel(&server, gone.token, "owned", false);
	e2e_create_channel(&server, gone.token, "left", false);
	e2e_create_channel(&server, owner.token, "shared", false);
	e2e_create_channel(&server, owner.token, "keepout", false);
	owned = channel_id("owned");
	left = channel_id("left");
	shared = channel_id("shared");
	strict = channel_id("keepout");
	e2e_join(&server, gone.token, "shared");
	e2e_join(&server, guest.token, "left");
	ask("POST", "keepout", "/ban", owner.token, "{\"pseudo\":\"leaver\"}");
	assert_answer(e2e_ask(&server, "DELETE", "/user/leaver", gone.token, "%s", ""), 204, NULL);
	assert_soon(strstr(told(owned), "ChannelDeleted!"));
	assert_string_equal(told(owned), "ChannelCreated! ChannelDeleted!");
	assert_string_equal(told(left), "ChannelCreated! MemberJoined! MemberChanged!"
	                                " MemberChanged! ChannelChanged! MemberLeft!");
	assert_string_equal(told(shared), "ChannelCreated! MemberJoined! MemberLeft!");
	assert_string_equal(told(strict), "ChannelCreated! Banned Unbanned");
}

/* ---- the snapshot ---- */

/* What the snapshot, taken page by page, has of a channel; NULL: nothing. */
static json_t *find_state(int64_t id, unsigned page_size, int64_t *out_first_position)
{
	json_t *found = NULL;
	int64_t after = 0, last = 0;

	*out_first_position = -1;
	do {
		char    json[96];
		json_t *page, *list;
		json_t *item;

		snprintf(json, sizeof json, "{\"after\":%" PRId64 ",\"page_size\":%u}", after,
		         page_size);
		page = talk_call(&server, "/canaduck.channels.v1.Channels/ListStates", json);
		if (*out_first_position < 0)
			*out_first_position = number(page, "last_position");
		assert_true(number(page, "epoch") > 0);
		list = json_object_get(page, "channels");
		assert_true(json_array_size(list) <= page_size);
		for (size_t i = 0; i < json_array_size(list); i++) {
			item = json_array_get(list, i);
			assert_true(number(item, "channel_id") > last);
			last = number(item, "channel_id");
			if (last == id)
				found = json_incref(item);
		}
		after = number(page, "next_after");
		json_decref(page);
	} while (after > 0);
	return found;
}

TEST(the_snapshot_has_all_channels_and_where_the_stream_stands)
{
	json_t *item;
	int64_t kept, gone, position, later;

	e2e_create_channel(&server, owner.token, "kept", true);
	e2e_create_channel(&server, owner.token, "gone", false);
	kept = channel_id("kept");
	gone = channel_id("gone");
	ask("POST", "kept", "/topic", owner.token, "{\"topic\":\"still here\"}");
	ask("DELETE", "gone", "", owner.token, NULL);

	item = find_state(kept, 2, &position);
	assert_non_null(item);
	assert_string_equal(json_string_value(json_object_get(item, "name")), "kept");
	assert_string_equal(json_string_value(json_object_get(item, "topic")), "still here");
	assert_true(json_is_true(json_object_get(item, "private")));
	assert_false(json_is_true(json_object_get(item, "deleted")));
	assert_int_equal(number(item, "owner_id"), owner.id);
	assert_int_equal(number(item, "version"), 2);
	json_decref(item);
	item = find_state(gone, 1, &position);
	assert_non_null(item);
	assert_true(json_is_true(json_object_get(item, "deleted")));
	assert_int_equal(number(item, "version"), 2);
	json_decref(item);

	ask("POST", "kept", "/topic", owner.token, "{\"topic\":\"moved\"}");
	item = payload("channel", kept, 3);
	json_decref(item);
	item = find_state(kept, 5000, &later);
	assert_true(later > position);
	json_decref(item);
}

TEST_MAIN(start, stop)
