#include "base/str.h"

#include <string.h>

#include "test/support/test.h"

static const str nothing = {NULL, 0};

TEST(equality_compares_bytes_and_length)
{
	static const struct {
		str  a, b;
		bool same, same_nocase;
	} cases[] = {
	        {{"", 0}, {NULL, 0}, true, true},
	        {{"a", 1}, {"a", 1}, true, true},
	        {{"a", 1}, {"A", 1}, false, true},
	        {{"Z@[", 3}, {"z@[", 3}, false, true},
	        {{"@", 1}, {"`", 1}, false, false},
	        {{"a", 1}, {"ab", 2}, false, false},
	        {{"a\0b", 3}, {"a\0c", 3}, false, false},
	        {{"\xc3\x89", 2}, {"\xc3\xa9", 2}, false, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(str_eq(cases[i].a, cases[i].b), cases[i].same);
		assert_int_equal(str_eq_nocase(cases[i].a, cases[i].b), cases[i].same_nocase);
	}
}

TEST(str_c_takes_null_as_empty)
{
	assert_str(str_c(NULL), "");
	assert_str(str_c(""), "");
	assert_str(str_c("abc"), "abc");
}

TEST(starts_and_ends_look_at_the_edges)
{
	static const struct {
		const char *s, *part;
		bool        starts, ends;
	} cases[] = {
	        {"abcab", "ab", true, true}, {"abc", "", true, true},
	        {"", "", true, true},        {"", "a", false, false},
	        {"abc", "abc", true, true},  {"abc", "abcd", false, false},
	        {"abc", "bc", false, true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(str_starts(str_c(cases[i].s), str_c(cases[i].part)),
		                 cases[i].starts);
		assert_int_equal(str_ends(str_c(cases[i].s), str_c(cases[i].part)), cases[i].ends);
	}
	assert_true(str_starts(nothing, nothing));
	assert_true(str_ends(nothing, nothing));
}

TEST(str_cut_splits_at_the_first_separator)
{
	static const struct {
		const char *in, *head, *tail;
	} cases[] = {
	        {"a=b", "a", "b"}, {"a=b=c", "a", "b=c"}, {"=b", "", "b"},
	        {"a=", "a", ""},   {"=", "", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str head, tail;

		assert_true(str_cut(str_c(cases[i].in), '=', &head, &tail));
		assert_str(head, cases[i].head);
		assert_str(tail, cases[i].tail);
	}
}

TEST(str_cut_without_a_separator_leaves_the_outputs_alone)
{
	str head = STR("h"), tail = STR("t");

	assert_false(str_cut(STR("ab"), '=', &head, &tail));
	assert_false(str_cut(nothing, '=', &head, &tail));
	assert_str(head, "h");
	assert_str(tail, "t");
}

TEST(str_cut_may_write_over_its_input)
{
	str rest = STR("a,b"), head;

	assert_true(str_cut(rest, ',', &head, &rest));
	assert_str(head, "a");
	assert_str(rest, "b");
}

TEST(find_gives_a_position_or_minus_one)
{
	assert_int_equal(str_find(STR("abcb"), 'b'), 1);
	assert_int_equal(str_find(STR("abc"), 'z'), -1);
	assert_int_equal(str_find(STR("a\0b"), '\0'), 1);
	assert_int_equal(str_find(nothing, 'a'), -1);
}

TEST(str_from_is_empty_past_the_end)
{
	static const struct {
		size_t      from;
		const char *rest;
	} cases[] = {{0, "abc"}, {1, "bc"}, {3, ""}, {4, ""}, {SIZE_MAX, ""}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_str(str_from(STR("abc"), cases[i].from), cases[i].rest);
	assert_str(str_from(nothing, 0), "");
	assert_str(str_from(nothing, 5), "");
}

TEST(trim_takes_white_space_off_both_ends_only)
{
	static const struct {
		const char *in, *out;
	} cases[] = {{"", ""}, {"a", "a"}, {" \t\r\n", ""}, {"  a b\n", "a b"}, {"a\v", "a\v"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_str(str_trim(str_c(cases[i].in)), cases[i].out);
	assert_str(str_trim(nothing), "");
}

TEST(unsigned_numbers_parse_up_to_their_limit)
{
	static const struct {
		const char *in;
		bool        ok;
		uint64_t    value;
	} cases[] = {
	        {"0", true, 0},
	        {"007", true, 7},
	        {"18446744073709551615", true, UINT64_MAX},
	        {"18446744073709551616", false, 0},
	        {"18446744073709551620", false, 0},
	        {"99999999999999999999", false, 0},
	        {"100000000000000000000", false, 0},
	        {"", false, 0},
	        {"-1", false, 0},
	        {"+1", false, 0},
	        {" 1", false, 0},
	        {"1 ", false, 0},
	        {"1.0", false, 0},
	        {"0x10", false, 0},
	        {"\xb2", false, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t v = 12345;

		assert_int_equal(str_to_u64(str_c(cases[i].in), &v), cases[i].ok);
		assert_true(v == (cases[i].ok ? cases[i].value : 12345));
	}
}

TEST(signed_numbers_parse_between_their_limits)
{
	static const struct {
		const char *in;
		bool        ok;
		int64_t     value;
	} cases[] = {
	        {"0", true, 0},
	        {"-0", true, 0},
	        {"-1", true, -1},
	        {"9223372036854775807", true, INT64_MAX},
	        {"9223372036854775808", false, 0},
	        {"-9223372036854775808", true, INT64_MIN},
	        {"-9223372036854775809", false, 0},
	        {"18446744073709551615", false, 0},
	        {"-18446744073709551615", false, 0},
	        {"", false, 0},
	        {"-", false, 0},
	        {"--1", false, 0},
	        {"+1", false, 0},
	        {"- 1", false, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t v = 12345;

		assert_int_equal(str_to_i64(str_c(cases[i].in), &v), cases[i].ok);
		assert_true(v == (cases[i].ok ? cases[i].value : 12345));
	}
}

TEST(compare_orders_by_unsigned_bytes_then_length)
{
	static const char *const sorted[] = {"", "A", "a", "aa", "ab", "b", "\x7f", "\x80", "\xff"};
	size_t                   n = sizeof sorted / sizeof *sorted;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			int c = str_compare(str_c(sorted[i]), str_c(sorted[j]));

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
	assert_int_equal(str_compare(nothing, STR("")), 0);
}

TEST(str_next_takes_a_list_piece_by_piece)
{
	static const struct {
		const char *list, *pieces; /* each followed by a bar */
	} cases[] = {
	        {"", ""},          {"a", "a|"},   {"a,b", "a|b|"},
	        {"a,,b", "a||b|"}, {",a", "|a|"}, {"a,", "a|"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str    rest = str_c(cases[i].list), piece;
		char   seen[32];
		size_t len = 0;

		while (str_next(&rest, ',', &piece)) {
			memcpy(seen + len, piece.ptr, piece.len);
			len += piece.len;
			seen[len++] = '|';
		}
		assert_str(((str){seen, len}), cases[i].pieces);
	}
}

TEST_MAIN()
