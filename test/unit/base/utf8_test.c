#include "base/utf8.h"

#include <string.h>

#include "test/support/test.h"

TEST(well_formed_text_is_valid_and_counted)
{
	static const struct {
		const char *text;
		size_t      count;
	} cases[] = {
	        {"", 0},
	        {"duck", 4},
	        {"\x7f", 1},
	        {"\xc2\x80", 1},         /* U+0080, the first of two bytes */
	        {"\xdf\xbf", 1},         /* U+07FF */
	        {"\xe0\xa0\x80", 1},     /* U+0800 */
	        {"\xed\x9f\xbf", 1},     /* U+D7FF, before the surrogates */
	        {"\xee\x80\x80", 1},     /* U+E000, after them */
	        {"\xef\xbf\xbf", 1},     /* U+FFFF */
	        {"\xf0\x90\x80\x80", 1}, /* U+10000 */
	        {"\xf4\x8f\xbf\xbf", 1}, /* U+10FFFF */
	        {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x86z", 5},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(utf8_is_valid(str_c(cases[i].text)));
		assert_int_equal(utf8_count(str_c(cases[i].text)), cases[i].count);
	}
	assert_true(utf8_is_valid((str){NULL, 0}));
	assert_true(utf8_is_valid(STR("a\0b")));
}

TEST(ill_formed_text_is_refused)
{
	static const char *const cases[] = {
	        "\x80", /* a continuation alone */
	        "\xbf",
	        "\xc0\x80", /* overlong NUL */
	        "\xc0\xaf", /* overlong '/' */
	        "\xc1\xbf",
	        "\xe0\x80\xaf",
	        "\xe0\x9f\xbf",
	        "\xf0\x80\x80\xaf",
	        "\xf0\x8f\xbf\xbf",
	        "\xed\xa0\x80", /* U+D800 */
	        "\xed\xbf\xbf", /* U+DFFF */
	        "\xed\xa0\xbd\xed\xb8\x80",
	        "\xf4\x90\x80\x80", /* U+110000 */
	        "\xf5\x80\x80\x80",
	        "\xf8\x88\x80\x80\x80",
	        "\xfe",
	        "\xff",
	        "\xc3", /* truncated */
	        "\xe2\x82",
	        "\xe2",
	        "\xf0\x9f\xa6",
	        "\xf0\x9f",
	        "\xf0",
	        "\xc3(", /* a start without its continuation */
	        "\xe2\x28\xa1",
	        "\xe2\x82\x28",
	        "\xf0\x9f\xa6(",
	        "ok\xc3",
	        "\xe2\x82\xc2\xa9",
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (utf8_is_valid(str_c(cases[i])))
			fail_msg("case %zu was taken for valid", i);
	}
}

TEST(length_at_reads_no_byte_past_the_slice)
{
	str euro = {"\xe2\x82\xac", 2}; /* the third byte is not part of the slice */

	assert_int_equal(utf8_length_at(euro, 0), 0);
	assert_int_equal(utf8_length_at(euro, 1), 0);
	assert_int_equal(utf8_length_at((str){"\xe2\x82\xac", 3}, 0), 3);
}

TEST(every_code_point_encodes_to_itself_and_surrogates_to_nothing)
{
	for (uint32_t c = 0; c < 0x110400; c++) {
		char   out[4];
		size_t n = utf8_encode(c, out);
		bool   is_code_point = c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);

		if ((n != 0) != is_code_point)
			fail_msg("U+%04X encodes to %zu bytes", c, n);
		if (n && (utf8_length_at((str){out, n}, 0) != n || utf8_count((str){out, n}) != 1))
			fail_msg("U+%04X is not well-formed", c);
	}
	assert_int_equal(utf8_encode(UINT32_MAX, (char[4]){0}), 0);
}

TEST(encode_writes_the_known_bytes)
{
	static const struct {
		uint32_t    code_point;
		const char *bytes;
	} cases[] = {
	        {'A', "A"},
	        {0xe9, "\xc3\xa9"},
	        {0x20ac, "\xe2\x82\xac"},
	        {0x1f986, "\xf0\x9f\xa6\x86"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char   out[4];
		size_t n = utf8_encode(cases[i].code_point, out);

		assert_str(((str){out, n}), cases[i].bytes);
	}
}

TEST_MAIN()
