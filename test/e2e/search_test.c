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

#define assert_found(token, query, texts)                                                          \
	assert_texts(talk_list(&server, (token), "/search?q=%s", (query)), (texts))

/* ---- words ---- */

TEST(words_are_found_whatever_their_accents_case_and_endings)
{
	static const struct {
		const char *text, *query;
		bool        is_found;
	} cases[] = {
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "ETE", true},
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "%C3%89T%C3%89", true},
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "plages", true},
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "l'ete", true},
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "la", true},
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "plage+ete", true},
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "plage+hiver", false},
	        {"L'\xc3\xa9t\xc3\xa9 \xc3\xa0 la plage", "lag", false},
	        {"les chevaux mangeaient", "cheval", true},
	        {"les chevaux mangeaient", "manger", true},
	        {"les chevaux mangeaient", "mang%C3%A9", true},
	        {"the ducks were running", "duck", true},
	        {"the ducks were running", "RUN", true},
	        {"the ducks were running", "the", true},
	        {"the ducks were running", "goose", false},
	        {"une \xc5\x93uvre na\xc3\xafve", "oeuvre", true},
	        {"une oeuvre naive", "%C5%92UVRE+na%C3%AFve", true},
	        {"see https://example.org/ducks/index.html?x=1", "ducks", true},
	        {"see https://example.org/ducks/index.html?x=1", "example", true},
	        {"snake_case and kebab-case", "snake", true},
	        {"snake_case and kebab-case", "kebab-case", true},
	        {"snake_case and kebab-case", "case+snake", true},
	        {"release v1.2 of 2026-11-21", "2026", true},
	        {"release v1.2 of 2026-11-21", "v1.2", true},
	        {"\xd0\xa3\xd1\x82\xd0\xba\xd0\xb0 \xd0\xb8 \xd0\xb4\xd0\xbe\xd0\xbc",
	         "%D1%83%D1%82%D0%BA%D0%B0", true},
	        {"e\xcc\x81t\xc3\xa9", "ete", true}, /* a letter and its mark, two code points */
	        {"\xef\xbc\xb7\xef\xbd\x89\xef\xbd\x84\xef\xbd\x85", "wide", true},
	        {"mail bob@example.com", "bob", true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char                 name[16];
		struct http_response r;
		size_t               n;

		snprintf(name, sizeof name, "words%zu", i);
		e2e_create_channel(&server, owner.token, name, false);
		e2e_send(&server, owner.token, name, cases[i].text);
		r = talk_list(&server, NULL, "/search?q=%s&channel=%s", cases[i].query, name);
		assert_http(r, 200);
		n = json_array_size(http_json(&r, "result"));
		if (n != cases[i].is_found)
			print_error("\"%s\" in \"%s\":\n", cases[i].query, cases[i].text);
		assert_int_equal(n, cases[i].is_found);
		http_response_free(&r);
	}
}

/* Each is escaped as a query in all its bytes, and takes what words it has for words. */
TEST(no_query_breaks_the_search)
{
	static const char *const queries[] = {
	        "'; DROP TABLE messages.messages; --",
	        "& | ! ( ) :* <-> <2>",
	        "a & b | !c",
	        "cat:*",
	        "((((((((",
	        "\\\\\\",
	        "\"\"",
	        "''",
	        "%_%",
	        "%%",
	        "$1 $2",
	        "{1,2}",
	        "\xf0\x9f\xa6\x86\xf0\x9f\xa6\x86",
	        "\xe2\x80\x8b\xe2\x80\x8b",
	        "\xcc\x81\xcc\x81",
	        "\t\n\r",
	        "  ",
	        "1e999 -0 0x10 1.5.2 NaN",
	        "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xe4\xbd\xa0\xe5\xa5\xbd",
	        "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba",
	        "-- /* */ ;",
	        "\x01\x02\x7f",
	        "NULL null",
	        "a-b-c-d-e_f/g.h@i:j#k?l=m&n",
	};

	e2e_create_channel(&server, owner.token, "plain", false);
	e2e_send(&server, owner.token, "plain", "nothing to see");
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		char                 escaped[1024];
		size_t               len = 0;
		struct http_response r;

		for (const char *c = queries[i]; *c; c++)
			len += (size_t)snprintf(escaped + len, sizeof escaped - len, "%%%02X",
			                        (unsigned char)*c);
		r = talk_list(&server, owner.token, "/search?q=%s", escaped);
		if (r.status != 200)
			print_error("query %zu:\n", i);
		assert_http(r, 200);
		http_response_free(&r);
	}
}

TEST(a_query_has_2_to_200_characters)
{
	char long_query[256];

	assert_answer(talk_list(&server, NULL, "/search"), 422, "INVALID_ARGUMENT");
	assert_answer(talk_list(&server, NULL, "/search?q=a"), 422, "INVALID_ARGUMENT");
	assert_answer(talk_list(&server, NULL, "/search?q=%%C3%%A9"), 422, "INVALID_ARGUMENT");
	assert_answer(talk_list(&server, NULL, "/search?q=%%FF%%FF"), 400, NULL);
	assert_answer(talk_list(&server, NULL, "/search?q=ab%%00"), 400, NULL);
	assert_answer(talk_list(&server, NULL, "/search?q=ab&limit=201"), 422, "INVALID_ARGUMENT");
	memset(long_query, 'a', sizeof long_query);
	long_query[200] = '\0';
	assert_answer(talk_list(&server, NULL, "/search?q=%s", long_query), 200, NULL);
	long_query[200] = 'a';
	long_query[201] = '\0';
	assert_answer(talk_list(&server, NULL, "/search?q=%s", long_query), 422,
	              "INVALID_ARGUMENT");
}

TEST(a_word_of_any_length_can_be_written)
{
	static char text[4001];

	memset(text, 'w', 4000);
	e2e_create_channel(&server, owner.token, "longest", false);
	e2e_send(&server, owner.token, "longest", text);
	memcpy(text, "beside ", 7);
	e2e_send(&server, owner.token, "longest", text);
	assert_texts(talk_list(&server, NULL, "/search?q=beside&channel=longest"), text);
}

/* ---- what comes, and in which order ---- */

TEST(what_fits_best_comes_first_and_then_the_newest)
{
	e2e_create_channel(&server, owner.token, "ranks", false);
	e2e_send(&server, owner.token, "ranks", "zebra-once");
	e2e_send(&server, owner.token, "ranks", "zebra,zebra,zebra");
	e2e_send(&server, owner.token, "ranks", "zebra-again");
	assert_found(NULL, "zebra", "zebra,zebra,zebra zebra-again zebra-once");
	assert_texts(talk_list(&server, NULL, "/search?q=zebra&limit=1"), "zebra,zebra,zebra");
	assert_texts(talk_list(&server, NULL, "/search?q=zebra&limit=1&offset=1"), "zebra-again");
	assert_texts(talk_list(&server, NULL, "/search?q=zebra&offset=3"), "");
}

TEST(a_search_follows_edits_and_deletions)
{
	int64_t id;

	e2e_create_channel(&server, owner.token, "changing", false);
	id = e2e_send(&server, owner.token, "changing", "walrus");
	assert_found(NULL, "walrus", "walrus");
	assert_answer(talk_ask(&server, "PUT", id, "", owner.token, "{\"text\":\"ostrich\"}"), 200,
	              NULL);
	assert_found(NULL, "walrus", "");
	assert_found(NULL, "ostriches", "ostrich");
	assert_answer(talk_ask(&server, "DELETE", id, "", owner.token, NULL), 204, NULL);
	assert_found(NULL, "ostriches", "");
}

TEST(a_search_may_be_about_a_channel_or_a_person)
{
	e2e_create_channel(&server, owner.token, "north", false);
	e2e_create_channel(&server, owner.token, "south", false);
	e2e_join(&server, guest.token, "north");
	e2e_send(&server, owner.token, "north", "penguin-1");
	e2e_send(&server, guest.token, "north", "penguin-2");
	e2e_send(&server, owner.token, "south", "penguin-3");
	assert_found(NULL, "penguin", "penguin-3 penguin-2 penguin-1");
	assert_found(NULL, "penguin&channel=%23North", "penguin-2 penguin-1");
	assert_found(NULL, "penguin&from=@Owner", "penguin-3 penguin-1");
	assert_found(NULL, "penguin&from=owner&channel=north", "penguin-1");
	assert_found(NULL, "penguin&from=outsider", "");
	assert_answer(talk_list(&server, NULL, "/search?q=penguin&channel=none"), 404, "NOT_FOUND");
	assert_answer(talk_list(&server, NULL, "/search?q=penguin&from=nobody"), 404, "NOT_FOUND");
}

TEST(only_what_the_caller_may_read_is_found)
{
	struct http_response r;

	e2e_create_channel(&server, owner.token, "public-pond", false);
	e2e_create_channel(&server, owner.token, "secret-pond", true);
	e2e_send(&server, owner.token, "public-pond", "heron-1");
	e2e_send(&server, owner.token, "secret-pond", "heron-2");
	talk_to(&server, owner.token, "guest", "heron-3");
	talk_to(&server, guest.token, "owner", "heron-4");
	assert_found(NULL, "heron", "heron-1");
	assert_found(outsider.token, "heron", "heron-1");
	assert_found(guest.token, "heron", "heron-4 heron-3 heron-1");
	assert_found(owner.token, "heron", "heron-4 heron-3 heron-2 heron-1");
	assert_found(owner.token, "heron&channel=secret-pond", "heron-2");
	assert_found(guest.token, "heron&from=guest", "heron-4");
	r = talk_list(&server, owner.token, "/search?q=heron");
	assert_keys(r, "result.0", "from id pinned reactions text timestamp to");
	assert_json_text(r, "result.0.to", "owner");
	assert_json_text(r, "result.1.to", "guest");
	assert_json_text(r, "result.2.channel", "secret-pond");
	assert_json_text(r, "result.3.channel", "public-pond");
	http_response_free(&r);
}

TEST_MAIN(start, stop)
