#include "pbjson/duration.h"

#include "test/support/test.h"

TEST(duration_reads_seconds_and_what_is_after_the_point)
{
	static const struct {
		const char *in;
		int64_t     seconds;
		int32_t     nanos;
		const char *out;
	} cases[] = {
	        {"0s", 0, 0, "0s"},
	        {"90s", 90, 0, "90s"},
	        {"1.5s", 1, 500000000, "1.500s"},
	        {"-1.5s", -1, -500000000, "-1.500s"},
	        {"-0.000001s", 0, -1000, "-0.000001s"},
	        {"0.000000001s", 0, 1, "0.000000001s"},
	        {"315576000000s", INT64_C(315576000000), 0, "315576000000s"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t    seconds;
		int32_t    nanos;
		struct buf out;

		assert_true(pbjson_duration_parse(str_c(cases[i].in), &seconds, &nanos));
		assert_int_equal(seconds, cases[i].seconds);
		assert_int_equal(nanos, cases[i].nanos);
		buf_init(&out, 100);
		assert_true(pbjson_duration_print(&out, seconds, nanos));
		assert_str(buf_str(&out), cases[i].out);
		buf_fini(&out);
	}
}

TEST(duration_refuses_what_is_none)
{
	static const char *const cases[] = {"",
	                                    "s",
	                                    "1",
	                                    "1.s",
	                                    ".5s",
	                                    "--1s",
	                                    "+1s",
	                                    "1 s",
	                                    "1.0000000001s",
	                                    "315576000001s",
	                                    "1e3s",
	                                    "315576000000.1s",
	                                    "1.-5s",
	                                    "99999999999999999999s"};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t seconds;
		int32_t nanos;

		assert_false(pbjson_duration_parse(str_c(cases[i]), &seconds, &nanos));
	}
}

TEST(duration_prints_none_whose_parts_differ_in_sign_or_are_too_large)
{
	static const struct {
		int64_t seconds;
		int32_t nanos;
	} cases[] = {
	        {1, -1},        {-1, 1},        {0, 1000000000},
	        {0, INT32_MIN}, {INT64_MIN, 0}, {INT64_C(315576000001), 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out;

		buf_init(&out, 100);
		assert_false(pbjson_duration_print(&out, cases[i].seconds, cases[i].nanos));
		assert_int_equal(out.len, 0);
		buf_fini(&out);
	}
}

TEST_MAIN()
