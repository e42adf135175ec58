#include "base/rfc3339.h"

#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "test/support/test.h"

#define FIRST INT64_C(-62135596800)
#define LAST  INT64_C(253402300799)

TEST(known_times_print_and_parse_back)
{
	static const struct {
		int64_t     seconds;
		int32_t     nanos;
		const char *text;
	} cases[] = {
	        {0, 0, "1970-01-01T00:00:00Z"},
	        {-1, 0, "1969-12-31T23:59:59Z"},
	        {-1, 999999999, "1969-12-31T23:59:59.999999999Z"},
	        {86399, 0, "1970-01-01T23:59:59Z"},
	        {951782400, 0, "2000-02-29T00:00:00Z"},
	        {951868800, 0, "2000-03-01T00:00:00Z"},
	        {1709164800, 0, "2024-02-29T00:00:00Z"},
	        {4107542400, 0, "2100-03-01T00:00:00Z"},
	        {4107456000, 0, "2100-02-28T00:00:00Z"},
	        {1795255200, 0, "2026-11-21T10:00:00Z"},
	        {1795255200, 500000000, "2026-11-21T10:00:00.500Z"},
	        {1795255200, 1000000, "2026-11-21T10:00:00.001Z"},
	        {1795255200, 1000, "2026-11-21T10:00:00.000001Z"},
	        {1795255200, 120000, "2026-11-21T10:00:00.000120Z"},
	        {1795255200, 1, "2026-11-21T10:00:00.000000001Z"},
	        {FIRST, 0, "0001-01-01T00:00:00Z"},
	        {LAST, 999999999, "9999-12-31T23:59:59.999999999Z"},
	};
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t seconds = 0;
		int32_t nanos = 0;

		buf_reset(&b);
		assert_true(rfc3339_print(&b, cases[i].seconds, cases[i].nanos));
		assert_str(buf_str(&b), cases[i].text);
		assert_true(rfc3339_parse(buf_str(&b), &seconds, &nanos));
		assert_true(seconds == cases[i].seconds);
		assert_int_equal(nanos, cases[i].nanos);
	}
}

/* Every fifth day: an era of 400 years is no multiple of 5 days, so each shows others. */
TEST(days_of_every_era_agree_with_libc_and_come_back)
{
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 100);
	for (int64_t day = FIRST / 86400; day <= LAST / 86400; day += 5) {
		time_t    t = (time_t)(day * 86400 + (day & 0xffff));
		char      expected[40];
		struct tm tm;
		int64_t   seconds = 0;
		int32_t   nanos = 0;

		gmtime_r(&t, &tm);
		snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		         tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		         tm.tm_sec);
		buf_reset(&b);
		if (!rfc3339_print(&b, t, 0) || !str_eq(buf_str(&b), str_c(expected)) ||
		    !rfc3339_parse(buf_str(&b), &seconds, &nanos) || seconds != t || nanos != 0)
			fail_msg("wrong on %s", expected);
	}
}

TEST(what_cannot_be_said_is_not_printed)
{
	static const struct {
		int64_t seconds;
		int32_t nanos;
	} cases[] = {{FIRST - 1, 0}, {LAST + 1, 0},   {INT64_MIN, 0},
	             {INT64_MAX, 0}, {0, 1000000000}, {0, -1}};
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(rfc3339_print(&b, cases[i].seconds, cases[i].nanos));
	assert_int_equal(buf_str(&b).len, 0);
}

TEST(other_forms_of_a_time_parse)
{
	static const struct {
		const char *text;
		int64_t     seconds;
		int32_t     nanos;
	} cases[] = {
	        {"1970-01-01t00:00:00z", 0, 0},
	        {"1970-01-01T00:00:00+00:00", 0, 0},
	        {"1970-01-01T00:00:00-00:00", 0, 0},
	        {"1970-01-01T02:30:00+02:30", 0, 0},
	        {"1969-12-31T19:00:00-05:00", 0, 0},
	        {"1970-01-01T23:59:00+23:59", 0, 0},
	        {"1970-01-01T00:00:00.1Z", 0, 100000000},
	        {"1970-01-01T00:00:00.12345Z", 0, 123450000},
	        {"1970-01-01T00:00:00.000000001+01:00", -3600, 1},
	        {"0001-01-01T00:00:00-01:00", FIRST + 3600, 0},
	        {"9999-12-31T23:59:59+01:00", LAST - 3600, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t seconds = -77;
		int32_t nanos = -77;

		if (!rfc3339_parse(str_c(cases[i].text), &seconds, &nanos))
			fail_msg("%s was refused", cases[i].text);
		assert_true(seconds == cases[i].seconds);
		assert_int_equal(nanos, cases[i].nanos);
	}
}

TEST(what_is_no_time_is_refused_and_writes_nothing)
{
	static const char *const cases[] = {
	        "",
	        "2026-11-21",
	        "2026-11-21T10:00:00",
	        "2026-11-21 10:00:00Z",
	        "2026-11-21T10:00Z",
	        "2026-11-21T10:00:00ZZ",
	        "2026-11-21T10:00:00Z ",
	        " 2026-11-21T10:00:00Z",
	        "2026-1-21T10:00:00Z",
	        "+2026-11-21T10:00:00Z",
	        "12026-11-21T10:00:00Z",
	        "0000-01-01T00:00:00Z",
	        "2026-00-21T10:00:00Z",
	        "2026-13-21T10:00:00Z",
	        "2026-11-00T10:00:00Z",
	        "2026-11-31T10:00:00Z",
	        "2026-02-29T10:00:00Z",
	        "1900-02-29T10:00:00Z",
	        "2100-02-29T10:00:00Z",
	        "2024-02-30T10:00:00Z",
	        "2026-11-21T24:00:00Z",
	        "2026-11-21T10:60:00Z",
	        "2026-11-21T10:00:60Z",
	        "2026-11-21T10:00:00.Z",
	        "2026-11-21T10:00:00,5Z",
	        "2026-11-21T10:00:00.1234567890Z",
	        "2026-11-21T10:00:00.12a4Z",
	        "2026-11-21T10:00:00+1:00",
	        "2026-11-21T10:00:00+0100",
	        "2026-11-21T10:00:00+01",
	        "2026-11-21T10:00:00+24:00",
	        "2026-11-21T10:00:00+01:60",
	        "2026-11-21T10:00:00+",
	        "0001-01-01T00:00:00+00:01",
	        "9999-12-31T23:59:59-00:01",
	};
	int64_t seconds = 5;
	int32_t nanos = 6;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (rfc3339_parse(str_c(cases[i]), &seconds, &nanos))
			fail_msg("\"%s\" was taken", cases[i]);
	assert_false(rfc3339_parse(STR("2026-11-21T10:00:00\0"), &seconds, &nanos));
	assert_int_equal(seconds, 5);
	assert_int_equal(nanos, 6);
}

TEST(log_times_have_one_width)
{
	static const struct {
		int64_t     wall_us;
		const char *text;
	} cases[] = {
	        {0, "1970-01-01T00:00:00.000Z"},
	        {999, "1970-01-01T00:00:00.000Z"},
	        {1000, "1970-01-01T00:00:00.001Z"},
	        {-1, "1969-12-31T23:59:59.999Z"},
	        {INT64_C(1795255200123456), "2026-11-21T10:00:00.123Z"},
	};
	char out[RFC3339_MS_BYTES];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		rfc3339_write_ms(cases[i].wall_us, out);
		assert_str(((str){out, sizeof out}), cases[i].text);
	}
	rfc3339_write_ms(INT64_MAX, out);
	assert_true(str_starts((str){out, sizeof out}, STR("9999-12-31T23:59:59.")));
	rfc3339_write_ms(INT64_MIN, out);
	assert_true(str_starts((str){out, sizeof out}, STR("0001-01-01T00:00:00.")));
}

TEST_MAIN()
