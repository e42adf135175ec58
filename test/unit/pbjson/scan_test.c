#include "pbjson/scan.h"

#include "test/support/test.h"

#include <string.h>

static void scan_all(struct pbjson_scan *s, str text)
{
	pbjson_scan_init(s, text);
	pbjson_scan_skip(s);
	pbjson_scan_end(s);
}

TEST(scan_accepts_every_form_of_value)
{
	static const char *const cases[] = {
	        "{}",
	        "[]",
	        "\"\"",
	        "0",
	        "true",
	        "false",
	        "null",
	        " \t\r\n[ ] \n",
	        "{\"a\":1,\"a\":2}",
	        "{ \"a\" : [ 1 , {} , \"x\" ] , \"\" : null }",
	        "[[],[[]]]",
	        "-0",
	        "1e5",
	        "1E-5",
	        "0.5",
	        "1e400",
	        "123456789012345678901234567890",
	        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
	        "\"\x7f\"",
	        "\"\xc3\xa9\"",
	        "\"\xf0\x9f\xa6\x86\"",
	        "\"\\uffff\"",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pbjson_scan s;

		scan_all(&s, str_c(cases[i]));
		if (s.fault)
			print_error("%s: %s at %zu\n", cases[i], s.fault, s.at);
		assert_null(s.fault);
	}
}

TEST(scan_says_what_is_wrong_and_where)
{
	static const struct {
		const char *in, *fault;
		size_t      at;
	} cases[] = {
	        {"", "unexpected end", 0},
	        {"  ", "unexpected end", 2},
	        {"\xef\xbb\xbf{}", "unexpected character", 0},
	        {"{} x", "unexpected character", 3},
	        {"[1,]", "unexpected character", 3},
	        {"[,1]", "unexpected character", 1},
	        {"[1 2]", "unexpected character", 3},
	        {"[1", "unexpected end", 2},
	        {"[1}", "unexpected character", 2},
	        {"{\"a\":1,}", "unexpected character", 7},
	        {"{a:1}", "unexpected character", 1},
	        {"{\"a\" 1}", "unexpected character", 5},
	        {"{\"a\":}", "unexpected character", 5},
	        {"{\"a\"", "unexpected end", 4},
	        {"{1:2}", "unexpected character", 1},
	        {"01", "unexpected character", 1},
	        {"1.", "unexpected character", 1},
	        {"-", "unexpected end", 1},
	        {"-x", "unexpected character", 1},
	        {"+1", "unexpected character", 0},
	        {".5", "unexpected character", 0},
	        {"1e", "unexpected character", 1},
	        {"NaN", "unexpected character", 0},
	        {"Infinity", "unexpected character", 0},
	        {"nul", "unexpected character", 0},
	        {"nullx", "unexpected character", 4},
	        {"True", "unexpected character", 0},
	        {"'a'", "unexpected character", 0},
	        {"/* */1", "unexpected character", 0},
	        {"\"a", "unexpected end", 2},
	        {"\"a\\", "unexpected end", 3},
	        {"\"\n\"", "control character in a string", 1},
	        {"\"\t\"", "control character in a string", 1},
	        {"\"\\x\"", "unknown escape", 1},
	        {"\"\\u12\"", "unknown escape", 1},
	        {"\"\\u12G4\"", "unknown escape", 1},
	        {"\"\\u0000\"", "NUL in a string", 1},
	        {"\"\\ud800\"", "unpaired surrogate", 1},
	        {"\"\\ud800\\u0041\"", "unpaired surrogate", 1},
	        {"\"\\ud800\\ud800\"", "unpaired surrogate", 1},
	        {"\"\\ud800x\"", "unpaired surrogate", 1},
	        {"\"\\udc00\"", "unpaired surrogate", 1},
	        {"\"\xff\"", "bad UTF-8", 1},
	        {"\"\xc0\x80\"", "bad UTF-8", 1},
	        {"\"\xed\xa0\x80\"", "bad UTF-8", 1},
	        {"\"\xf4\x90\x80\x80\"", "bad UTF-8", 1},
	        {"\"\xe2\x82", "bad UTF-8", 1},
	        {"\"a\xc3", "bad UTF-8", 2},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pbjson_scan s;

		scan_all(&s, str_c(cases[i].in));
		if (s.fault == NULL || strcmp(s.fault, cases[i].fault) != 0 || s.at != cases[i].at)
			print_error("%s: %s at %zu\n", cases[i].in, s.fault ? s.fault : "fine",
			            s.at);
		assert_string_equal(s.fault ? s.fault : "fine", cases[i].fault);
		assert_int_equal(s.at, cases[i].at);
	}
}

TEST(scan_refuses_a_nul_byte_in_the_text)
{
	struct pbjson_scan s;

	scan_all(&s, STR("1\0"));
	assert_string_equal(s.fault, "unexpected character");
	scan_all(&s, STR("\"a\0b\""));
	assert_string_equal(s.fault, "control character in a string");
	scan_all(&s, STR("\"\\\0\""));
	assert_string_equal(s.fault, "unknown escape");
}

TEST(scan_goes_to_its_greatest_depth_and_no_deeper)
{
	for (size_t extra = 0; extra < 2; extra++) {
		char               text[2 * (PBJSON_MAX_DEPTH + 1)];
		size_t             n = PBJSON_MAX_DEPTH + extra;
		struct pbjson_scan s;

		memset(text, '[', n);
		memset(text + n, ']', n);
		scan_all(&s, (str){text, 2 * n});
		if (extra)
			assert_string_equal(s.fault, "nested too deeply");
		else
			assert_null(s.fault);
	}
}

TEST(scan_counts_depth_not_containers)
{
	struct pbjson_scan s;
	char               text[3 * 100];

	text[0] = '[';
	for (size_t i = 0; i < 99; i++)
		memcpy(text + 1 + 3 * i, "[],", 3);
	text[3 * 99] = ']';
	scan_all(&s, (str){text, 3 * 99 + 1});
	assert_null(s.fault);
}

TEST(scan_keeps_its_first_fault)
{
	struct pbjson_scan   s;
	struct pbjson_string string;
	str                  number;

	scan_all(&s, STR("[x]"));
	assert_false(pbjson_scan_enter(&s));
	assert_false(pbjson_scan_next_item(&s));
	assert_false(pbjson_scan_next_key(&s, &string));
	assert_false(pbjson_scan_string(&s, &string));
	assert_false(pbjson_scan_number(&s, &number));
	assert_false(pbjson_scan_literal(&s));
	assert_false(pbjson_scan_end(&s));
	assert_int_equal(pbjson_scan_peek(&s), PBJSON_NOTHING);
	assert_int_equal(s.at, 1);
}

TEST(scan_walks_items_and_keys_in_order)
{
	struct pbjson_scan   s;
	struct pbjson_string key;
	str                  number;

	pbjson_scan_init(&s, STR("{\"a\":[1,2.50],\"b\":{}}"));
	assert_int_equal(pbjson_scan_peek(&s), PBJSON_OBJECT);
	assert_true(pbjson_scan_enter(&s));
	assert_true(pbjson_scan_next_key(&s, &key));
	assert_str(key.raw, "a");
	assert_int_equal(pbjson_scan_peek(&s), PBJSON_ARRAY);
	assert_true(pbjson_scan_enter(&s));
	assert_true(pbjson_scan_next_item(&s));
	assert_true(pbjson_scan_number(&s, &number));
	assert_str(number, "1");
	assert_true(pbjson_scan_next_item(&s));
	assert_true(pbjson_scan_number(&s, &number));
	assert_str(number, "2.50");
	assert_false(pbjson_scan_next_item(&s));
	assert_true(pbjson_scan_next_key(&s, &key));
	assert_str(key.raw, "b");
	assert_true(pbjson_scan_skip(&s));
	assert_false(pbjson_scan_next_key(&s, &key));
	assert_null(s.fault);
	assert_true(pbjson_scan_end(&s));
}

TEST(scan_unescape_gives_the_text_meant)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"\"\"", ""},
	        {"\"plain\"", "plain"},
	        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
	        {"\"a\\u00e9b\"", "a\xc3\xa9"
	                          "b"},
	        {"\"\\u20AC\"", "\xe2\x82\xac"},
	        {"\"\\ud83e\\udd86!\"", "\xf0\x9f\xa6\x86!"},
	        {"\"\\uDBFF\\uDFFF\"", "\xf4\x8f\xbf\xbf"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pbjson_scan   s;
		struct pbjson_string string;
		char                 out[64];

		pbjson_scan_init(&s, str_c(cases[i].in));
		assert_true(pbjson_scan_string(&s, &string));
		assert_str(((str){out, pbjson_scan_unescape(string, out)}), cases[i].out);
	}
}

TEST_MAIN()
