#include "db/array.h"

#include "test/support/test.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

TEST(integers_are_printed_in_braces)
{
	static const int64_t items[] = {0, -1, INT64_MAX, INT64_MIN};

	assert_string_equal(db_array_print_i64s(&arena, NULL, 0), "{}");
	assert_string_equal(db_array_print_i64s(&arena, items, 4),
	                    "{0,-1,9223372036854775807,-9223372036854775808}");
}

TEST(doubles_are_printed_in_braces_and_read_back)
{
	static const double items[] = {0, -48.8566, 1.0 / 3, 1e300, -5e-324};
	const double       *read;
	const char         *literal;
	size_t              n;

	assert_string_equal(db_array_print_doubles(&arena, NULL, 0), "{}");
	assert_string_equal(db_array_print_doubles(&arena, items, 2), "{0,-48.8566}");
	literal = db_array_print_doubles(&arena, items, 5);
	assert_true(db_array_parse_doubles(&arena, literal, &read, &n));
	assert_int_equal(n, 5);
	assert_memory_equal(read, items, sizeof items);
	assert_true(db_array_parse_doubles(&arena, "{}", &read, &n));
	assert_int_equal(n, 0);
}

TEST(what_is_no_array_of_numbers_is_not_read_as_one)
{
	static const char *const literals[] = {"",        "{",     "1",   "{1",      "{1,}",
	                                       "{,1}",    "{{1}}", "{a}", "{1}}",    "{1;2}",
	                                       "{\"1\"}", "{1 2}", "{} ", "{1,NULL}"};

	for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
		const double *read;
		size_t        n;

		if (db_array_parse_doubles(&arena, literals[i], &read, &n))
			fail_msg("%s was read", literals[i]);
	}
}

TEST(texts_are_quoted_and_escaped)
{
	static const struct {
		const char *text, *literal;
	} cases[] = {
	        {"", "{\"\"}"},       {"a", "{\"a\"}"},     {"NULL", "{\"NULL\"}"},
	        {"a,b", "{\"a,b\"}"}, {"{}", "{\"{}\"}"},   {"a\"b", "{\"a\\\"b\"}"},
	        {"\\", "{\"\\\\\"}"}, {" a ", "{\" a \"}"}, {"é\n", "{\"é\n\"}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		str         item = str_c(cases[i].text);
		const char *literal;

		assert_status(db_array_print_texts(&arena, &item, 1, &literal), CODE_OK);
		assert_string_equal(literal, cases[i].literal);
	}
}

TEST(a_nul_within_a_text_is_refused)
{
	const str   items[] = {STR("a"), {"b\0c", 3}};
	const char *literal = "untouched";

	assert_status(db_array_print_texts(&arena, items, 2, &literal), CODE_INVALID_ARGUMENT);
	assert_string_equal(literal, "untouched");
}

TEST(what_is_printed_is_read_back)
{
	const str   items[] = {STR(""),      STR("null"), STR("a\\\"b"),
	                       STR("{x,y}"), STR(" "),    {NULL, 0}};
	const char *literal;
	const str  *read;
	size_t      n;

	assert_status(db_array_print_texts(&arena, items, 6, &literal), CODE_OK);
	assert_true(db_array_parse(&arena, literal, &read, &n));
	assert_int_equal(n, 6);
	for (size_t i = 0; i < n; i++) {
		assert_true(str_eq(read[i], items[i]));
		assert_non_null(read[i].ptr);
		assert_int_equal(read[i].ptr[read[i].len], '\0');
	}
}

TEST(elements_without_quotes_are_read_and_null_has_no_pointer)
{
	const str *read;
	size_t     n;

	assert_true(db_array_parse(&arena, "{a,NULL,\"NULL\",b\\,c,12}", &read, &n));
	assert_int_equal(n, 5);
	assert_str(read[0], "a");
	assert_null(read[1].ptr);
	assert_str(read[2], "NULL");
	assert_str(read[3], "b,c");
	assert_str(read[4], "12");
	assert_true(db_array_parse(&arena, "{}", &read, &n));
	assert_int_equal(n, 0);
}

TEST(what_is_no_array_of_one_dimension_is_refused)
{
	static const char *const cases[] = {
	        "",     "a",        "{",       "{a",   "{a,",    "{a,}",  "{,a}",     "{\"a}",
	        "{a}b", "{\"a\"b}", "{{a},b}", "{a\\", "{\"a\\", "{a{b}", "{a\"b\"}", "[0:1]={1,2}",
	};
	const str *read = NULL;
	size_t     n = 7;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (db_array_parse(&arena, cases[i], &read, &n))
			fail_msg("read: %s", cases[i]);
		assert_null(read);
		assert_int_equal(n, 7);
	}
}

TEST_MAIN(setup, teardown)
