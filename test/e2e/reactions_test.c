#include "test/e2e/talk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

#define assert_reactions(request, expected)                                                        \
	do {                                                                                       \
		struct http_response r_ = (request);                                               \
		assert_http(r_, 200);                                                              \
		assert_json(r_, "result.reactions", (expected));                                   \
		http_response_free(&r_);                                                           \
	} while (0)

#define DUCK  "\xf0\x9f\xa6\x86"
#define HEART "\xe2\x9d\xa4\xef\xb8\x8f"

TEST(a_reaction_counts_once_for_a_person_and_an_emoji)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "room", false);
	id = e2e_send(&server, owner.token, "room", "hello");
	assert_reactions(talk_react(&server, "POST", owner.token, id, DUCK),
	                 "{\"" DUCK "\":[\"owner\"]}");
	assert_reactions(talk_react(&server, "POST", owner.token, id, DUCK),
	                 "{\"" DUCK "\":[\"owner\"]}");
	assert_reactions(talk_react(&server, "POST", guest.token, id, DUCK),
	                 "{\"" DUCK "\":[\"owner\",\"guest\"]}");
	assert_reactions(talk_react(&server, "POST", owner.token, id, HEART),
	                 "{\"" DUCK "\":[\"owner\",\"guest\"],\"" HEART "\":[\"owner\"]}");
	assert_reactions(talk_react(&server, "DELETE", owner.token, id, DUCK),
	                 "{\"" DUCK "\":[\"guest\"],\"" HEART "\":[\"owner\"]}");
	assert_reactions(talk_react(&server, "DELETE", owner.token, id, DUCK),
	                 "{\"" DUCK "\":[\"guest\"],\"" HEART "\":[\"owner\"]}");
	assert_reactions(talk_react(&server, "DELETE", guest.token, id, DUCK),
	                 "{\"" HEART "\":[\"owner\"]}");
	assert_reactions(talk_react(&server, "DELETE", guest.token, id, "never"),
	                 "{\"" HEART "\":[\"owner\"]}");
	{
		struct http_response r = talk_list(&server, NULL, "?channel=room");

		assert_json(r, "result.0.reactions", "{\"" HEART "\":[\"owner\"]}");
		http_response_free(&r);
	}
}

TEST(either_name_of_the_field_names_the_message)
{
	static const char *const names[] = {"message_id", "messageId", "id"};
	int64_t                  id;

	e2e_create_channel(&server, owner.token, "names", false);
	id = e2e_send(&server, owner.token, "names", "hello");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_reactions(e2e_ask(&server, "POST", "/msg/reaction", owner.token,
		                         "{\"%s\":%" PRId64 ",\"emoji\":\"+1\"}", names[i], id),
		                 "{\"+1\":[\"owner\"]}");
}

TEST(an_emoji_has_1_to_16_code_points)
{
	static const struct {
		const char *emoji;
		long        status;
	} cases[] = {
	        {"", 422},
	        {"a", 200},
	        {"0123456789abcdef", 200},
	        {"0123456789abcdefg", 422},
	        {DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK,
	         200},
	        {DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK DUCK
	                 DUCK,
	         422},
	        {"\xff", 400},
	        {"\\u0000", 400},
	        {"'; DROP TABLE x; --", 422},
	        {"\\\"{},\\\\NULL", 200}, /* what arrays are written with */
	};
	int64_t id;

	e2e_create_channel(&server, owner.token, "lengths", false);
	id = e2e_send(&server, owner.token, "lengths", "hello");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        talk_react(&server, "POST", owner.token, id, cases[i].emoji);

		assert_http(r, cases[i].status);
		if (cases[i].status == 422)
			assert_details(r, "emoji");
		http_response_free(&r);
		r = talk_react(&server, "DELETE", owner.token, id, cases[i].emoji);
		assert_http(r, cases[i].status);
		http_response_free(&r);
	}
}

TEST(what_may_not_be_reacted_to_is_refused)
{
	int64_t hidden, open;

	e2e_create_channel(&server, owner.token, "hidden", true);
	e2e_create_channel(&server, owner.token, "open", false);
	hidden = e2e_send(&server, owner.token, "hidden", "secret");
	open = e2e_send(&server, owner.token, "open", "hello");
	assert_answer(talk_react(&server, "POST", outsider.token, hidden, "x"), 404, "NOT_FOUND");
	assert_answer(talk_react(&server, "DELETE", outsider.token, hidden, "x"), 404, "NOT_FOUND");
	assert_answer(talk_react(&server, "POST", outsider.token, open + 1000000, "x"), 404,
	              "NOT_FOUND");
	assert_answer(talk_react(&server, "POST", NULL, open, "x"), 401, "UNAUTHENTICATED");
	assert_answer(talk_react(&server, "POST", outsider.token, 0, "x"), 422, "INVALID_ARGUMENT");
	/* Who may read may react. */
	assert_reactions(talk_react(&server, "POST", outsider.token, open, "x"),
	                 "{\"x\":[\"outsider\"]}");
}

TEST(kinds_of_reactions_have_a_bound)
{
	char    emoji[16];
	int64_t id;

	e2e_create_channel(&server, owner.token, "kinds", false);
	id = e2e_send(&server, owner.token, "kinds", "hello");
	for (int i = 0; i < 50; i++) {
		snprintf(emoji, sizeof emoji, "e%d", i);
		assert_answer(talk_react(&server, "POST", owner.token, id, emoji), 200, NULL);
	}
	assert_answer(talk_react(&server, "POST", owner.token, id, "e50"), 409,
	              "FAILED_PRECONDITION");
	/* Kinds that are there go on. */
	assert_answer(talk_react(&server, "POST", guest.token, id, "e49"), 200, NULL);
	assert_answer(talk_react(&server, "DELETE", owner.token, id, "e0"), 200, NULL);
	assert_answer(talk_react(&server, "POST", owner.token, id, "e50"), 200, NULL);
}

/* How many reactions services are told of; -1: the message is not there. */
static int64_t count_told(int64_t id)
{
	json_t *answer = talk_call(&server, "/canaduck.messages.v1.Messages/ListStates", "{}");
	int64_t count = -1;
	size_t  i;
	json_t *told;

	json_array_foreach(json_object_get(answer, "states"), i, told)
	{
		if (json_integer_value(json_object_get(told, "message_id")) == id)
			count = json_integer_value(json_object_get(told, "reaction_count"));
	}
	json_decref(answer);
	return count;
}

TEST(many_at_once_react_once_each)
{
	enum { PEOPLE = 8, TIMES = 4, N = PEOPLE * TIMES };
	static struct http_pending pending[N];
	static struct e2e_account  people[PEOPLE];
	static char                body[128];
	struct http_response       r;
	int64_t                    id;

	e2e_create_channel(&server, owner.token, "crowd", false);
	id = e2e_send(&server, owner.token, "crowd", "hello");
	for (size_t i = 0; i < PEOPLE; i++) {
		char pseudo[33];

		snprintf(pseudo, sizeof pseudo, "fan%zu", i);
		people[i] = e2e_register(&server, pseudo);
	}
	snprintf(body, sizeof body, "{\"message_id\":%" PRId64 ",\"emoji\":\"x\"}", id);
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "POST",
		                                  .path = "/msg/reaction",
		                                  .token = people[i % PEOPLE].token,
		                                  .body = body});
	for (size_t i = 0; i < N; i++)
		assert_answer(http_finish(&pending[i]), 200, NULL);
	r = talk_list(&server, NULL, "?channel=crowd");
	assert_int_equal(json_array_size(http_json(&r, "result.0.reactions.x")), PEOPLE);
	http_response_free(&r);

	/* Half of them change their minds, all at once and several times. */
	for (size_t i = 0; i < N; i++)
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = i % 2 ? "DELETE" : "POST",
		                                  .path = "/msg/reaction",
		                                  .token = people[i % PEOPLE].token,
		                                  .body = body});
	for (size_t i = 0; i < N; i++)
		assert_answer(http_finish(&pending[i]), 200, NULL);
	r = talk_list(&server, NULL, "?channel=crowd");
	assert_int_equal(json_array_size(http_json(&r, "result.0.reactions.x")), PEOPLE / 2);
	http_response_free(&r);
	assert_int_equal(count_told(id), PEOPLE / 2);
}

TEST_MAIN(start, stop)
