#include "httprule/httprule.h"

#include "test/support/test.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

TEST(percent_codes_are_decoded_and_plus_in_a_query_only)
{
	static const struct {
		const char *raw, *path, *query;
	} cases[] = {
	        {"", "", ""},
	        {"plain", "plain", "plain"},
	        {"a%20b", "a b", "a b"},
	        {"a+b", "a+b", "a b"},
	        {"%2B%2b", "++", "++"},
	        {"%2F", "/", "/"},
	        {"%252F", "%2F", "%2F"},
	        {"%C3%A9", "\xc3\xa9", "\xc3\xa9"},
	        {"\xc3\xa9", "\xc3\xa9", "\xc3\xa9"},
	        {"%F0%9F%A6%86", "\xf0\x9f\xa6\x86", "\xf0\x9f\xa6\x86"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a;
		str          text;

		arena_init(&a, 1024);
		assert_status(httprule_decode(str_c(cases[i].raw), false, &a, &text), CODE_OK);
		assert_str(text, cases[i].path);
		assert_status(httprule_decode(str_c(cases[i].raw), true, &a, &text), CODE_OK);
		assert_str(text, cases[i].query);
		arena_fini(&a);
	}
}

TEST(what_is_no_text_is_refused)
{
	static const char *const cases[] = {
	        "%",     "%4",  "a%",  "%zz",  "%4g",       "%g4",    "%%41",   "%00",
	        "a%00b", "%ff", "%C3", "\xff", "%ED%A0%80", "%C0%80", "%u0041", "%F5%80%80%80",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a;
		str          text = STR("untouched");

		arena_init(&a, 1024);
		assert_status(httprule_decode(str_c(cases[i]), false, &a, &text),
		              CODE_INVALID_ARGUMENT);
		assert_status(httprule_decode(str_c(cases[i]), true, &a, &text),
		              CODE_INVALID_ARGUMENT);
		assert_str(text, "untouched");
		arena_fini(&a);
	}
}

TEST(a_raw_nul_is_refused)
{
	struct arena a;
	str          text;

	arena_init(&a, 1024);
	assert_status(httprule_decode(STR("a\0b"), false, &a, &text), CODE_INVALID_ARGUMENT);
	arena_fini(&a);
}

TEST(the_arenas_ceiling_holds)
{
	struct arena a;
	str          text;

	arena_init(&a, 16);
	assert_status(httprule_decode(STR("0123456789abcdef"), false, &a, &text),
	              CODE_RESOURCE_EXHAUSTED);
	arena_fini(&a);
}

TEST_MAIN()
