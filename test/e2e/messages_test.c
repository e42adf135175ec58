#include "test/e2e/e2e.h"

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

static struct http_response list(const char *token, const char *query)
{
	char path[512];

	snprintf(path, sizeof path, "/msg?%s", query);
	return http_get(server.port, path, token);
}

/* The texts of a list, "c b a"; in static memory until the next call. */
static const char *texts_of(const struct http_response *r)
{
	static char out[4096];
	size_t      len = 0, i;
	json_t     *message;

	out[0] = '\0';
	json_array_foreach(http_json(r, "result"), i, message) len +=
	        (size_t)snprintf(out + len, sizeof out - len, "%s%s", i ? " " : "",
	                         json_string_value(json_object_get(message, "text")));
	return out;
}

/* ---- writing ---- */

TEST(a_message_is_answered_whole)
{
	struct http_response r;

	e2e_create_channel(&server, owner.token, "whole", false);
	r = http_post(server.port, "/msg", owner.token,
	              "{\"channel\":\"#Whole\",\"text\":\" h\xc3\xa9 \\n \xf0\x9f\xa6\x86 \","
	              "\"from\":\"guest\"}");
	assert_http(r, 201);
	assert_keys(r, "", "result");
	assert_keys(r, "result", "channel from id pinned reactions text timestamp");
	assert_true(http_int(&r, "result.id") > 0);
	assert_json_text(r, "result.from", "owner");
	assert_json_text(r, "result.channel", "whole");
	assert_json_text(r, "result.text", " h\xc3\xa9 \n \xf0\x9f\xa6\x86 ");
	assert_json(r, "result.pinned", "false");
	assert_json(r, "result.reactions", "{}");
	assert_time(r, "result.timestamp");
	http_response_free(&r);
}

TEST(a_text_has_1_to_4000_characters_whatever_their_bytes)
{
	static const struct {
		const char *text;
		size_t      n;
		long        status;
	} cases[] = {
	        {"a", 0, 422},
	        {"a", 1, 201},
	        {" ", 1, 201},
	        {"a", 4000, 201},
	        {"a", 4001, 422},
	        {"\xc3\xa9", 4000, 201},
	        {"\xc3\xa9", 4001, 422},
	        {"\xf0\x9f\xa6\x86", 4000, 201},
	        {"\xf0\x9f\xa6\x86", 4001, 422},
	        {"\\ud83e\\udd86", 4000, 201},
	        {"\\ud83e\\udd86", 4001, 422},
	};

	e2e_create_channel(&server, owner.token, "long", false);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t               len = strlen(cases[i].text);
		char                *text = calloc(cases[i].n * len + 1, 1);
		struct http_response r;

		for (size_t k = 0; k < cases[i].n; k++)
			memcpy(text + k * len, cases[i].text, len);
		r = http_postf(server.port, "/msg", owner.token,
		               "{\"channel\":\"long\",\"text\":\"%s\"}", text);
		free(text);
		assert_http(r, cases[i].status);
		if (cases[i].status == 422)
			assert_details(r, "text");
		http_response_free(&r);
	}
}

TEST(text_that_is_no_utf_8_or_holds_nul_is_malformed)
{
	static const char *const texts[] = {
	        "a\\u0000b",    "\xff",       "\xc3",           "\xc0\x80",
	        "\xed\xa0\x80", "\\ud800",    "\\udd86\\ud83e", "\xf4\x90\x80\x80",
	        "tab\there",    "line\nfeed",
	};

	e2e_create_channel(&server, owner.token, "bytes", false);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct http_response r =
		        http_postf(server.port, "/msg", owner.token,
		                   "{\"channel\":\"bytes\",\"text\":\"%s\"}", texts[i]);

		assert_http_error(r, 400, "INVALID_ARGUMENT");
		http_response_free(&r);
	}
}

TEST(all_that_is_missing_is_said_at_once)
{
	struct http_response r = http_post(server.port, "/msg", owner.token, "{}");

	assert_http_error(r, 422, "INVALID_ARGUMENT");
	assert_details(r, "text channel");
	http_response_free(&r);
}

TEST(who_may_not_write_is_told_so_and_who_may_not_see_is_not)
{
	const struct {
		const char *token, *channel;
		long        status;
		const char *code;
	} cases[] = {
	        {outsider.token, "open", 403, "PERMISSION_DENIED"},
	        {outsider.token, "shut", 404, "NOT_FOUND"},
	        {outsider.token, "none", 404, "NOT_FOUND"},
	        {NULL, "open", 401, "UNAUTHENTICATED"},
	        {NULL, "shut", 404, "NOT_FOUND"},
	};

	e2e_create_channel(&server, owner.token, "open", false);
	e2e_create_channel(&server, owner.token, "shut", true);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        http_postf(server.port, "/msg", cases[i].token,
		                   "{\"channel\":\"%s\",\"text\":\"x\"}", cases[i].channel);

		assert_http_error(r, cases[i].status, cases[i].code);
		http_response_free(&r);
	}
	e2e_join(&server, outsider.token, "open");
	e2e_send(&server, outsider.token, "open", "now I may");
}

/* ---- answering ---- */

TEST(an_answer_names_a_message_of_the_same_place)
{
	int64_t here, there, hidden;
	char    text[32];

	e2e_create_channel(&server, owner.token, "here", false);
	e2e_create_channel(&server, owner.token, "there", false);
	e2e_create_channel(&server, owner.token, "hidden", true);
	e2e_join(&server, guest.token, "here");
	here = e2e_send(&server, owner.token, "here", "first");
	there = e2e_send(&server, owner.token, "there", "elsewhere");
	hidden = e2e_send(&server, owner.token, "hidden", "secret");
	snprintf(text, sizeof text, "\"%" PRId64 "\"", here);
	{
		const struct {
			int64_t     reply_to;
			const char *as_text;
			long        status;
			const char *details;
		} cases[] = {
		        {here, NULL, 201, ""},
		        {0, text, 201, ""}, /* ids are taken as text too */
		        {there, NULL, 422, "reply_to"},
		        {hidden, NULL, 404, ""}, /* as if it were not there */
		        {here + 1000000, NULL, 404, ""},
		        {0, "0", 422, "reply_to"},
		        {0, "-5", 422, "reply_to"},
		        {0, "null", 201, ""},
		        {0, "1.5", 400, "reply_to"},
		        {0, "\"x\"", 400, "reply_to"},
		        {0, "true", 400, "reply_to"},
		        {0, "9223372036854775808", 400, "reply_to"},
		};

		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			char                 value[32];
			struct http_response r;

			snprintf(value, sizeof value, "%" PRId64, cases[i].reply_to);
			r = http_postf(server.port, "/msg", guest.token,
			               "{\"channel\":\"here\",\"text\":\"answer\",\"replyTo\":%s}",
			               cases[i].as_text ? cases[i].as_text : value);
			assert_http(r, cases[i].status);
			assert_details(r, cases[i].details);
			if (cases[i].status == 201 && i < 2)
				assert_int_equal(http_int(&r, "result.reply_to"), here);
			http_response_free(&r);
		}
	}
}

/* ---- reading ---- */

TEST(a_list_is_newest_first_and_cut_as_asked)
{
	int64_t ids[6];
	char    name[8];

	e2e_create_channel(&server, owner.token, "pages", false);
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof name, "m%d", i);
		ids[i] = e2e_send(&server, owner.token, "pages", name);
		assert_true(i == 0 || ids[i] > ids[i - 1]);
	}
	{
		const struct {
			const char *query; /* and an id */
			int64_t     id;
			const char *texts;
		} cases[] = {
		        {"", 0, "m5 m4 m3 m2 m1 m0"},
		        {"&limit=2", 0, "m5 m4"},
		        {"&limit=2&offset=3", 0, "m2 m1"},
		        {"&offset=5", 0, "m0"},
		        {"&offset=6", 0, ""},
		        {"&before=", ids[2], "m1 m0"},
		        {"&limit=1&before=", ids[2], "m1"},
		        {"&after=", ids[3], "m5 m4"},
		        {"&limit=1&after=", ids[1], "m2"},
		        {"&limit=2&offset=1&after=", ids[1], "m4 m3"},
		        {"&before=1", 0, ""},
		        {"&LIMIT=1&unknown&=&limits=0", 0, "m5 m4 m3 m2 m1 m0"},
		};

		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			char                 query[128] = "channel=%23Pages";
			struct http_response r;
			size_t               len = strlen(query);

			len += (size_t)snprintf(query + len, sizeof query - len, "%s",
			                        cases[i].query);
			if (cases[i].id)
				snprintf(query + len, sizeof query - len, "%" PRId64, cases[i].id);
			r = list(NULL, query);
			assert_http(r, 200);
			assert_string_equal(texts_of(&r), cases[i].texts);
			http_response_free(&r);
		}
	}
}

TEST(both_cursors_bound_a_list_from_two_sides)
{
	int64_t              first, last;
	struct http_response r;
	char                 query[128];

	e2e_create_channel(&server, owner.token, "between", false);
	first = e2e_send(&server, owner.token, "between", "a");
	e2e_send(&server, owner.token, "between", "b");
	e2e_send(&server, owner.token, "between", "c");
	last = e2e_send(&server, owner.token, "between", "d");
	snprintf(query, sizeof query, "channel=between&after=%" PRId64 "&before=%" PRId64, first,
	         last);
	r = list(NULL, query);
	assert_http(r, 200);
	assert_string_equal(texts_of(&r), "c b");
	http_response_free(&r);
}

TEST(a_list_holds_50_unless_said_and_200_at_most)
{
	static const struct {
		const char *query;
		size_t      n;
	} cases[] = {{"channel=many", 50}, {"channel=many&limit=200", 60}};
	struct http_response r;

	e2e_create_channel(&server, owner.token, "many", false);
	for (int i = 0; i < 60; i++)
		e2e_send(&server, owner.token, "many", "x");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		r = list(NULL, cases[i].query);
		assert_http(r, 200);
		assert_int_equal(json_array_size(http_json(&r, "result")), cases[i].n);
		http_response_free(&r);
	}
}

TEST(a_bound_that_is_out_of_range_is_named)
{
	static const struct {
		const char *query;
		long        status;
		const char *details;
	} cases[] = {
	        {"", 422, "channel"},
	        {"channel=", 422, "channel"},
	        {"channel=bounds&limit=1", 200, ""},
	        {"channel=bounds&limit=200", 200, ""},
	        {"channel=bounds&limit=0", 422, "limit"},
	        {"channel=bounds&limit=201", 422, "limit"},
	        {"channel=bounds&limit=-1", 422, "limit"},
	        {"channel=bounds&offset=-1", 422, "offset"},
	        {"channel=bounds&limit=0&offset=-1&before=0&after=0", 422,
	         "limit offset before after"},
	        {"limit=500", 422, "channel limit"},
	        {"channel=bounds&limit=ten", 400, "limit"},
	        {"channel=bounds&limit=", 400, "limit"},
	        {"channel=bounds&limit=1.5", 400, "limit"},
	        {"channel=bounds&limit=99999999999", 400, "limit"},
	        {"channel=bounds&before=x", 400, "before"},
	        {"channel=%ff", 400, ""},
	        {"channel=%00", 400, ""},
	        {"channel=%zz", 400, ""},
	};

	e2e_create_channel(&server, owner.token, "bounds", false);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = list(NULL, cases[i].query);

		if (r.status != cases[i].status)
			print_error("%s:\n", cases[i].query);
		assert_http(r, cases[i].status);
		if (cases[i].status != 200)
			assert_http_error(r, cases[i].status, "INVALID_ARGUMENT");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

TEST(messages_of_a_private_channel_are_for_its_members)
{
	const char *const    tokens[] = {NULL, outsider.token};
	struct http_response r;

	e2e_create_channel(&server, owner.token, "private", true);
	e2e_send(&server, owner.token, "private", "psst");
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		r = list(tokens[i], "channel=private");
		assert_http_error(r, 404, "NOT_FOUND");
		http_response_free(&r);
	}
	r = list(NULL, "channel=never-was");
	assert_http_error(r, 404, "NOT_FOUND");
	http_response_free(&r);
	r = list(owner.token, "channel=private");
	assert_http(r, 200);
	assert_string_equal(texts_of(&r), "psst");
	http_response_free(&r);
}

TEST(an_empty_channel_lists_nothing)
{
	struct http_response r;

	e2e_create_channel(&server, owner.token, "empty", false);
	r = list(NULL, "channel=empty");
	assert_http(r, 200);
	assert_string_equal(r.body, "{\"result\":[]}");
	http_response_free(&r);
}

TEST(a_listed_message_is_the_one_that_was_answered)
{
	struct http_response sent, r;

	e2e_create_channel(&server, owner.token, "same", false);
	sent = http_post(server.port, "/msg", owner.token,
	                 "{\"channel\":\"same\",\"text\":\"\\\"\\\\/\\b\\f\\n\\r\\t<>&'\"}");
	assert_http(sent, 201);
	r = list(guest.token, "channel=same");
	assert_http(r, 200);
	assert_true(json_equal(http_json(&sent, "result"), http_json(&r, "result.0")));
	http_response_free(&sent);
	http_response_free(&r);
}

TEST(what_many_write_at_once_is_there_once)
{
	enum { N = 32 };
	static struct http_pending pending[N];
	static char                bodies[N][128];
	struct http_response       r;
	bool                       seen[N] = {false};
	json_t                    *message;
	size_t                     i;

	e2e_create_channel(&server, owner.token, "busy", false);
	for (i = 0; i < N; i++) {
		snprintf(bodies[i], sizeof bodies[i], "{\"channel\":\"busy\",\"text\":\"%zu\"}", i);
		http_start(&pending[i], server.port,
		           &(struct http_request){.method = "POST",
		                                  .path = "/msg",
		                                  .token = owner.token,
		                                  .body = bodies[i]});
	}
	for (i = 0; i < N; i++) {
		r = http_finish(&pending[i]);
		assert_http(r, 201);
		http_response_free(&r);
	}
	r = list(NULL, "channel=busy");
	assert_int_equal(json_array_size(http_json(&r, "result")), N);
	json_array_foreach(http_json(&r, "result"), i, message)
	{
		size_t n = strtoul(json_string_value(json_object_get(message, "text")), NULL, 10);

		assert_true(n < N && !seen[n]);
		seen[n] = true;
	}
	http_response_free(&r);
}

TEST_MAIN(start, stop)
