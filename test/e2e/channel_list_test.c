#include "test/e2e/room.h"

#include <string.h>

/* GET /channel and GET /channel/{name}/users. */
static struct server      server;
static struct e2e_account owner, guest, outsider;

static int start(void **state __attribute__((unused)))
{
	static const char *const names[] = {"delta", "alpha", "echo", "charlie", "bravo"};

	e2e_start(&server, NULL);
	owner = e2e_register(&server, "owner");
	guest = e2e_register(&server, "guest");
	outsider = e2e_register(&server, "outsider");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		e2e_create_channel(&server, owner.token, names[i], false);
	e2e_create_channel(&server, owner.token, "bunker", true);
	e2e_create_channel(&server, guest.token, "attic", true);
	e2e_join(&server, guest.token, "echo");
	e2e_join(&server, guest.token, "alpha");
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static struct http_response list(const char *token, const char *query)
{
	char path[256];

	snprintf(path, sizeof path, "/channel%s", query);
	return http_get(server.port, path, token);
}

TEST(anybody_lists_public_channels_by_name)
{
	assert_names(list(NULL, ""), "alpha bravo charlie delta echo");
	/* Nor are private ones listed to who is in them. */
	assert_names(list(owner.token, ""), "alpha bravo charlie delta echo");
	assert_names(list(NULL, "?mine=false"), "alpha bravo charlie delta echo");
}

TEST(a_listed_channel_is_shown_whole)
{
	struct http_response r = list(outsider.token, "?limit=1");

	assert_http(r, 200);
	assert_keys(r, "result.0",
	            "banned created_at invited members_count moderators modes name owner private "
	            "topic voices");
	assert_json_text(r, "result.0.owner", "owner");
	assert_int_equal(http_int(&r, "result.0.members_count"), 2);
	http_response_free(&r);
}

TEST(pages_of_channels_go_on_from_a_name_or_a_number)
{
	static const struct {
		const char *query, *names;
	} cases[] = {
	        {"?limit=2", "alpha bravo"},
	        {"?limit=2&offset=2", "charlie delta"},
	        {"?limit=2&after=bravo", "charlie delta"},
	        {"?limit=2&after=%23BRAVO", "charlie delta"},
	        {"?after=delta", "echo"},
	        {"?after=echo", ""},
	        {"?limit=2&before=echo", "charlie delta"},
	        {"?before=bravo", "alpha"},
	        {"?after=alpha&before=delta", "bravo charlie"},
	        {"?after=alpha&before=echo&limit=2", "bravo charlie"},
	        {"?offset=5", ""},
	        {"?offset=4&before=zulu", "alpha"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_names(list(NULL, cases[i].query), cases[i].names);
}

TEST(of_ones_own_channels_private_ones_are_listed_too)
{
	assert_names(list(guest.token, "?mine=true"), "alpha attic echo");
	assert_names(list(guest.token, "?mine=true&limit=1&after=alpha"), "attic");
	assert_names(list(guest.token, "?mine=true&limit=1&before=echo"), "attic");
	assert_names(list(outsider.token, "?mine=true"), "");
	assert_answer(list(NULL, "?mine=true"), 401, "UNAUTHENTICATED");
}

TEST(a_faulty_page_is_refused)
{
	static const struct {
		const char *query;
		long        status;
	} cases[] = {
	        {"?limit=0", 422},       {"?limit=201", 422}, {"?limit=-1", 422},
	        {"?offset=-1", 422},     {"?limit=x", 400},   {"?mine=perhaps", 400},
	        {"?limit=200&x=y", 200},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_answer(list(NULL, cases[i].query), cases[i].status,
		              cases[i].status == 200 ? NULL : "INVALID_ARGUMENT");
		if (strstr(cases[i].query, "mine") == NULL) {
			char rest[64];

			snprintf(rest, sizeof rest, "/users%s", cases[i].query);
			assert_answer(room_ask(&server, "GET", "alpha", rest, NULL, NULL),
			              cases[i].status,
			              cases[i].status == 200 ? NULL : "INVALID_ARGUMENT");
		}
	}
}

/* ---- users ---- */

static struct http_response users(const char *name, const char *query, const char *token)
{
	char rest[128];

	snprintf(rest, sizeof rest, "/users%s", query);
	return room_ask(&server, "GET", name, rest, token, NULL);
}

TEST(who_is_in_a_channel_is_listed_by_name)
{
	assert_shows(users("alpha", "", NULL), "result", "[\"guest\",\"owner\"]");
	assert_shows(users("%23Bravo", "", outsider.token), "result", "[\"owner\"]");
	assert_shows(users("alpha", "?limit=1", NULL), "result", "[\"guest\"]");
	assert_shows(users("alpha", "?limit=1&offset=1", NULL), "result", "[\"owner\"]");
	assert_shows(users("alpha", "?after=guest", NULL), "result", "[\"owner\"]");
	assert_shows(users("alpha", "?before=zoe&limit=1", NULL), "result", "[\"owner\"]");
	assert_shows(users("alpha", "?before=owner", NULL), "result", "[\"guest\"]");
}

TEST(who_is_in_a_private_channel_is_for_those_who_may_see_it)
{
	assert_shows(users("bunker", "", owner.token), "result", "[\"owner\"]");
	assert_answer(users("bunker", "", guest.token), 404, "NOT_FOUND");
	assert_answer(users("bunker", "", NULL), 404, "NOT_FOUND");
	assert_answer(users("bunker", "?limit=0", guest.token), 404, "NOT_FOUND");
	assert_answer(users("no-such", "?limit=0", guest.token), 404, "NOT_FOUND");
	assert_answer(users("bunker", "?limit=0", owner.token), 422, "INVALID_ARGUMENT");
}

TEST_MAIN(start, stop)
