#include "pbjson/number.h"

#include "test/support/test.h"

#include <math.h>
#include <string.h>

static void assert_fault(const char *fault, const char *expected)
{
	if (expected == NULL)
		assert_null(fault);
	else
		assert_string_equal(fault ? fault : "no fault", expected);
}

TEST(number_length_is_that_of_the_longest_number_in_the_grammar)
{
	static const struct {
		const char *in;
		size_t      length;
	} cases[] = {
	        {"0", 1},     {"-0", 2},    {"10", 2},   {"01", 1},     {"1.5", 3},  {"1.", 1},
	        {".5", 0},    {"-", 0},     {"-a", 0},   {"+1", 0},     {"1e5", 3},  {"1E+5", 4},
	        {"1e-05", 5}, {"1e", 1},    {"1e+", 1},  {"1.5e3x", 5}, {"", 0},     {"NaN", 0},
	        {"0x10", 1},  {"1.5.5", 3}, {"12,3", 2}, {" 1", 0},     {"-1.0", 4}, {"1e5e5", 3},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(pbjson_number_length(str_c(cases[i].in)), cases[i].length);
}

TEST(number_to_i64_is_exact_and_takes_whole_numbers_in_any_form)
{
	static const char NOT_WHOLE[] = "must be a whole number", RANGE[] = "is out of range";
	static const char NUMBER[] = "must be a number";
	static const struct {
		const char *in, *fault;
		int64_t     value;
	} cases[] = {
	        {"0", NULL, 0},
	        {"-0", NULL, 0},
	        {"-0.000e5", NULL, 0},
	        {"0e999999999999999999999", NULL, 0},
	        {"0e-9", NULL, 0},
	        {"9007199254740993", NULL, INT64_C(9007199254740993)},
	        {"9223372036854775807", NULL, INT64_MAX},
	        {"-9223372036854775808", NULL, INT64_MIN},
	        {"9223372036854775808", RANGE, 0},
	        {"-9223372036854775809", RANGE, 0},
	        {"18446744073709551616", RANGE, 0},
	        {"922337203685477580.7e1", NULL, INT64_MAX},
	        {"9223372036854775807000e-3", NULL, INT64_MAX},
	        {"1e3", NULL, 1000},
	        {"1.0", NULL, 1},
	        {"1.50e1", NULL, 15},
	        {"-120E-1", NULL, -12},
	        {"100e-2", NULL, 1},
	        {"1e18", NULL, INT64_C(1000000000000000000)},
	        {"1e19", RANGE, 0},
	        {"1e99999999999999999999", RANGE, 0},
	        {"1e-99999999999999999999", NOT_WHOLE, 0},
	        {"1.5", NOT_WHOLE, 0},
	        {"15e-1", NOT_WHOLE, 0},
	        {"0.1", NOT_WHOLE, 0},
	        {"", NUMBER, 0},
	        {"-", NUMBER, 0},
	        {"+1", NUMBER, 0},
	        {" 1", NUMBER, 0},
	        {"1 ", NUMBER, 0},
	        {"01", NUMBER, 0},
	        {"1.", NUMBER, 0},
	        {"0x10", NUMBER, 0},
	        {"NaN", NUMBER, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t v = 77;

		assert_fault(pbjson_number_to_i64(str_c(cases[i].in), INT64_MIN, INT64_MAX, &v),
		             cases[i].fault);
		assert_int_equal(v, cases[i].fault ? 77 : cases[i].value);
	}
}

TEST(number_to_i64_keeps_to_the_bounds_it_is_given)
{
	int64_t v = 0;

	assert_null(pbjson_number_to_i64(STR("2147483647"), INT32_MIN, INT32_MAX, &v));
	assert_int_equal(v, INT32_MAX);
	assert_null(pbjson_number_to_i64(STR("-2147483648"), INT32_MIN, INT32_MAX, &v));
	assert_int_equal(v, INT32_MIN);
	assert_non_null(pbjson_number_to_i64(STR("2147483648"), INT32_MIN, INT32_MAX, &v));
	assert_non_null(pbjson_number_to_i64(STR("-2147483649"), INT32_MIN, INT32_MAX, &v));
}

TEST(number_to_u64_takes_no_sign_but_that_of_zero)
{
	uint64_t v = 0;

	assert_null(pbjson_number_to_u64(STR("18446744073709551615"), UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_null(pbjson_number_to_u64(STR("-0"), UINT64_MAX, &v));
	assert_true(v == 0);
	assert_non_null(pbjson_number_to_u64(STR("-1"), UINT64_MAX, &v));
	assert_non_null(pbjson_number_to_u64(STR("18446744073709551616"), UINT64_MAX, &v));
	assert_non_null(pbjson_number_to_u64(STR("4294967296"), UINT32_MAX, &v));
}

TEST(number_to_double_refuses_what_a_double_cannot_hold)
{
	char   digits[500];
	double v = 0;

	memset(digits, '1', sizeof digits);
	assert_null(pbjson_number_to_double(STR("1e308"), &v));
	assert_true(v == 1e308);
	assert_null(pbjson_number_to_double(STR("1e-400"), &v));
	assert_true(v == 0);
	assert_null(pbjson_number_to_double(STR("-Infinity"), &v));
	assert_true(isinf(v) && v < 0);
	assert_null(pbjson_number_to_double(STR("NaN"), &v));
	assert_true(isnan(v));
	assert_string_equal(pbjson_number_to_double(STR("1e309"), &v), "is out of range");
	assert_string_equal(pbjson_number_to_double(STR("inf"), &v), "must be a number");
	assert_string_equal(pbjson_number_to_double(STR("nan"), &v), "must be a number");
	assert_string_equal(pbjson_number_to_double(STR("0x1p3"), &v), "must be a number");
	assert_string_equal(pbjson_number_to_double((str){digits, sizeof digits}, &v),
	                    "has too many digits");
}

TEST(number_to_float_refuses_what_a_float_cannot_hold)
{
	float v = 0;

	assert_null(pbjson_number_to_float(STR("3.4028235e38"), &v));
	assert_string_equal(pbjson_number_to_float(STR("3.5e38"), &v), "is out of range");
	assert_null(pbjson_number_to_float(STR("Infinity"), &v));
	assert_true(isinf(v));
}

TEST(number_print_double_is_the_shortest_that_reads_back)
{
	static const struct {
		double      in;
		const char *out;
	} cases[] = {
	        {0, "0"},
	        {-0.0, "-0"},
	        {1, "1"},
	        {-120, "-120"},
	        {0.1, "0.1"},
	        {48.8566, "48.8566"},
	        {1.0 / 3, "0.3333333333333333"},
	        {0.1 + 0.2, "0.30000000000000004"},
	        {1e15, "1e+15"},
	        {123456789012345, "123456789012345"},
	        {9007199254740993.0, "9007199254740992"},
	        {1e300, "1e+300"},
	        {5e-324, "4.94065645841247e-324"},
	        {(double)NAN, "\"NaN\""},
	        {(double)INFINITY, "\"Infinity\""},
	        {-(double)INFINITY, "\"-Infinity\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out;

		buf_init(&out, 100);
		pbjson_number_print_double(&out, cases[i].in);
		assert_str(buf_str(&out), cases[i].out);
		buf_fini(&out);
	}
}

TEST(number_print_float_needs_fewer_digits_than_a_double)
{
	static const struct {
		float       in;
		const char *out;
	} cases[] = {
	        {0.1f, "0.1"},
	        {1.0f / 3, "0.33333334"},
	        {1e10f, "1e+10"},
	        {16777216, "16777216"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out;

		buf_init(&out, 100);
		pbjson_number_print_float(&out, cases[i].in);
		assert_str(buf_str(&out), cases[i].out);
		buf_fini(&out);
	}
}

TEST_MAIN()
