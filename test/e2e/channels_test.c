#include "test/e2e/e2e.h"

#include <inttypes.h>
#include <string.h>

#include "test/e2e/sql.h"

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

static struct http_response create(const char *token, const char *body)
{
	return http_post(server.port, "/channel", token, body);
}

static struct http_response join(const char *token, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "/channel/%s/join", name);
	return http_post(server.port, path, token, NULL);
}

static struct http_response get_config(const char *token, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "/channel/%s/config", name);
	return http_get(server.port, path, token);
}

/* What no route does yet. */
static void put_into(const char *table, const char *channel, int64_t account_id)
{
	struct sql sql;
	char       statement[256];

	snprintf(statement, sizeof statement,
	         "INSERT INTO channels.%s (channel_id, account_id)"
	         " SELECT id, %" PRId64 " FROM channels.channels WHERE name = '%s';",
	         table, account_id, channel);
	sql_open(&sql, server.db_url);
	sql_run(&sql, statement);
	sql_close(&sql);
}

/* ---- create ---- */

TEST(a_new_channel_is_answered_whole)
{
	struct http_response r = create(owner.token, "{\"name\":\"whole\"}");

	assert_http(r, 201);
	assert_keys(r, "", "result");
	assert_keys(r, "result",
	            "banned created_at invited members_count moderators modes name owner private "
	            "topic voices");
	assert_time(r, "result.created_at");
	json_object_del(http_json(&r, "result"), "created_at");
	assert_json(r, "result",
	            "{\"name\":\"whole\",\"private\":false,\"topic\":\"\",\"owner\":\"owner\","
	            "\"modes\":[\"n\",\"t\"],\"moderators\":[],\"voices\":[],\"invited\":[],"
	            "\"banned\":[],\"members_count\":1}");
	http_response_free(&r);
}

TEST(a_channel_is_opened_as_asked)
{
	static const struct {
		const char *body, *name, *topic, *modes;
		bool        is_private;
	} cases[] = {
	        {"{\"name\":\"open1\",\"topic\":\"caf\xc3\xa9 \xf0\x9f\xa6\x86\"}", "open1",
	         "caf\xc3\xa9 \xf0\x9f\xa6\x86", "[\"n\",\"t\"]", false},
	        {"{\"name\":\"#Open_2\"}", "open_2", "", "[\"n\",\"t\"]", false},
	        {"{\"name\":\"OPEN-3\",\"private\":false}", "open-3", "", "[\"n\",\"t\"]", false},
	        {"{\"name\":\"4\",\"private\":true}", "4", "", "[\"n\",\"p\",\"t\"]", true},
	        {"{\"name\":\"open5\",\"owner\":\"guest\",\"private\":null}", "open5", "",
	         "[\"n\",\"t\"]", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = create(owner.token, cases[i].body);

		assert_http(r, 201);
		assert_json_text(r, "result.name", cases[i].name);
		assert_json_text(r, "result.topic", cases[i].topic);
		assert_json_text(r, "result.owner", "owner");
		assert_json(r, "result.modes", cases[i].modes);
		assert_json(r, "result.private", cases[i].is_private ? "true" : "false");
		http_response_free(&r);
	}
}

TEST(a_faulty_channel_is_refused)
{
	char name50[64], name51[64], topic255[300], topic256[300];
	const struct {
		const char *name, *topic;
		long        status;
		const char *details;
	} cases[] = {
	        {"", "", 422, "name"},
	        {"#", "", 422, "name"},
	        {"a b", "", 422, "name"},
	        {"a.b", "", 422, "name"},
	        {"caf\xc3\xa9", "", 422, "name"},
	        {name50, "", 201, ""},
	        {name51, "", 422, "name"},
	        {"topic255", topic255, 201, ""},
	        {"topic256", topic256, 422, "topic"},
	        {"a/b", topic256, 422, "name topic"},
	};

	snprintf(name50, sizeof name50, "%050d", 1);
	snprintf(name51, sizeof name51, "%051d", 1);
	snprintf(topic255, sizeof topic255, "%0255d", 1);
	snprintf(topic256, sizeof topic256, "%0256d", 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_postf(server.port, "/channel", owner.token,
		                                    "{\"name\":\"%s\",\"topic\":\"%s\"}",
		                                    cases[i].name, cases[i].topic);

		assert_http(r, cases[i].status);
		if (cases[i].status == 422) {
			assert_http_error(r, 422, "INVALID_ARGUMENT");
			assert_details(r, cases[i].details);
		}
		http_response_free(&r);
	}
}

TEST(a_name_that_is_taken_is_a_conflict)
{
	static const char *const names[] = {"taken", "TAKEN", "#taken", "#Taken"};

	e2e_create_channel(&server, owner.token, "taken", true);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct http_response r = http_postf(server.port, "/channel", guest.token,
		                                    "{\"name\":\"%s\"}", names[i]);

		assert_http_error(r, 409, "ALREADY_EXISTS");
		assert_details(r, "name");
		http_response_free(&r);
	}
}

TEST(of_many_who_open_one_channel_at_once_one_owns_it)
{
	enum { N = 32 };
	static struct http_pending pending[N];
	struct http_response       answers[N], r;

	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "POST",
		                                  .path = "/channel",
		                                  .token = i % 2 ? owner.token : guest.token,
		                                  .body = "{\"name\":\"rush\"}"});
	for (size_t i = 0; i < N; i++)
		answers[i] = http_finish(&pending[i]);
	assert_int_equal(e2e_count(answers, N, 201), 1);
	assert_int_equal(e2e_count(answers, N, 409), N - 1);
	r = get_config(NULL, "rush");
	for (size_t i = 0; i < N; i++) {
		if (answers[i].status == 201)
			assert_json_text(r, "result.owner", http_text(&answers[i], "result.owner"));
		http_response_free(&answers[i]);
	}
	assert_int_equal(http_int(&r, "result.members_count"), 1);
	http_response_free(&r);
}

/* ---- join ---- */

TEST(joining_again_is_no_error)
{
	e2e_create_channel(&server, owner.token, "again", false);
	for (int i = 0; i < 2; i++) {
		struct http_response r = join(guest.token, "again");

		assert_http(r, 200);
		assert_json_text(r, "result.name", "again");
		assert_int_equal(http_int(&r, "result.members_count"), 2);
		http_response_free(&r);
	}
}

TEST(joining_many_times_at_once_makes_one_member)
{
	enum { N = 16 };
	static struct http_pending pending[N];
	struct http_response       r;

	e2e_create_channel(&server, owner.token, "crowd", false);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "POST",
		                                  .path = "/channel/crowd/join",
		                                  .token = guest.token});
	for (size_t i = 0; i < N; i++) {
		r = http_finish(&pending[i]);
		assert_http(r, 200);
		http_response_free(&r);
	}
	r = get_config(NULL, "crowd");
	assert_int_equal(http_int(&r, "result.members_count"), 2);
	http_response_free(&r);
}

TEST(the_banned_do_not_enter)
{
	struct http_response r;

	e2e_create_channel(&server, owner.token, "strict", false);
	put_into("bans", "strict", guest.id);
	r = join(guest.token, "strict");
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	e2e_join(&server, outsider.token, "strict");
}

TEST(an_invitation_opens_a_private_channel_and_is_used_up)
{
	struct http_response r;

	e2e_create_channel(&server, owner.token, "club", true);
	r = join(guest.token, "club");
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);

	put_into("invitations", "club", guest.id);
	r = get_config(guest.token, "club");
	assert_http(r, 200);
	http_response_free(&r);
	r = join(guest.token, "club");
	assert_http(r, 200);
	assert_int_equal(http_int(&r, "result.members_count"), 2);
	http_response_free(&r);

	r = get_config(owner.token, "club");
	assert_json(r, "result.invited", "[]");
	http_response_free(&r);
}

/* ---- config ---- */

TEST(anybody_sees_a_public_channel_by_any_form_of_its_name)
{
	static const char *const names[] = {"plaza", "PLAZA", "%23plaza", "pl%61za"};

	e2e_create_channel(&server, owner.token, "plaza", false);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct http_response r = get_config(i % 2 ? guest.token : NULL, names[i]);

		assert_http(r, 200);
		assert_json_text(r, "result.name", "plaza");
		assert_json_text(r, "result.owner", "owner");
		http_response_free(&r);
	}
}

TEST(a_private_channel_is_not_there_for_others)
{
	struct http_response secret, nothing;
	const char *const    tokens[] = {NULL, guest.token};

	e2e_create_channel(&server, owner.token, "secret", true);
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		secret = get_config(tokens[i], "secret");
		nothing = get_config(tokens[i], "no-such");
		assert_http_error(secret, 404, "NOT_FOUND");
		assert_http_error(nothing, 404, "NOT_FOUND");
		/* Nothing tells one from the other. */
		json_object_del(secret.json, "request_id");
		json_object_del(nothing.json, "request_id");
		assert_true(json_equal(secret.json, nothing.json));
		http_response_free(&secret);
		http_response_free(&nothing);
	}
	secret = get_config(owner.token, "secret");
	assert_http(secret, 200);
	assert_json(secret, "result.private", "true");
	http_response_free(&secret);
}

TEST(who_is_invited_or_banned_is_for_those_who_govern)
{
	struct http_response r;

	e2e_create_channel(&server, owner.token, "lists", false);
	e2e_join(&server, guest.token, "lists");
	put_into("invitations", "lists", outsider.id);
	put_into("bans", "lists", outsider.id);
	/* Who stands in a channel stands in people: as if a route had put them there. */
	e2e_create_channel(&server, outsider.token, "elsewhere", false);

	r = get_config(owner.token, "lists");
	assert_json(r, "result.invited", "[\"outsider\"]");
	assert_json(r, "result.banned", "[\"outsider\"]");
	http_response_free(&r);
	r = get_config(guest.token, "lists");
	assert_json(r, "result.invited", "[]");
	assert_json(r, "result.banned", "[]");
	http_response_free(&r);
	r = get_config(NULL, "lists");
	assert_json(r, "result.banned", "[]");
	http_response_free(&r);
}

TEST(an_admin_governs_a_private_channel_without_being_in_it)
{
	struct e2e_account   admin = e2e_register(&server, "admin");
	struct http_response r;
	char                 output[4096];

	e2e_create_channel(&server, owner.token, "governed", true);
	assert_int_equal(server_run((const char *[]){"canaduck", "admin", "grant", "admin", NULL},
	                            &server, NULL, output, sizeof output),
	                 0);
	r = http_post(server.port, "/login", NULL,
	              "{\"pseudo\":\"admin\",\"password\":\"" E2E_PASSWORD "\"}");
	assert_http(r, 200);
	snprintf(admin.token, sizeof admin.token, "%s", http_text(&r, "token"));
	http_response_free(&r);

	r = get_config(admin.token, "governed");
	assert_http(r, 200);
	http_response_free(&r);
	r = join(admin.token, "governed");
	assert_http_error(r, 403, "PERMISSION_DENIED");
	http_response_free(&r);
	r = http_get(server.port, "/msg?channel=governed", admin.token);
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
}

TEST_MAIN(start, stop)
