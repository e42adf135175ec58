#include "pbjson/duration.h"

static const int64_t MAX_SECONDS = INT64_C(315576000000); /* 10,000 years of 365.25 days */

/* 1 to 9 digits as billionths. */
static bool parse_fraction(str digits, int32_t *out_nanos)
{
	uint64_t v;

	if (digits.len > 9 || !str_to_u64(digits, &v))
		return false;
	for (size_t i = digits.len; i < 9; i++)
		v *= 10;
	*out_nanos = (int32_t)v;
	return true;
}

bool pbjson_duration_parse(str s, int64_t *out_seconds, int32_t *out_nanos)
{
	bool is_negative = str_starts(s, STR("-"));
	str whole, fraction;
	uint64_t seconds;
	int32_t nanos = 0;

	if (!str_ends(s, STR("s")))
		return false;
	s = str_from((str){s.ptr, s.len - 1}, is_negative);
	whole = s;
	if (str_cut(s, '.', &whole, &fraction) && !parse_fraction(fraction, &nanos))
		return false;
	if (!str_to_u64(whole, &seconds) || seconds > (uint64_t)MAX_SECONDS ||
	    (seconds == (uint64_t)MAX_SECONDS && nanos != 0))
		return false;
	*out_seconds = is_negative ? -(int64_t)seconds : (int64_t)seconds;
	*out_nanos = is_negative ? -nanos : nanos;
	return true;
}

bool pbjson_duration_print(struct buf *out, int64_t seconds, int32_t nanos)
{
	bool is_negative = seconds < 0 || nanos < 0;
	int64_t s = seconds < 0 ? -seconds : seconds;
	int n = nanos < 0 ? -nanos : nanos;

	if (seconds < -MAX_SECONDS || seconds > MAX_SECONDS || n > 999999999 || n < 0 ||
	    (s == MAX_SECONDS && n != 0) || (seconds > 0 && nanos < 0) ||
	    (seconds < 0 && nanos > 0))
		return false;
	if (is_negative)
		buf_put_c(out, '-');
	buf_put_i64(out, s);
	if (n % 1000000 == 0 && n != 0)
		buf_printf(out, ".%03d", n / 1000000);
	else if (n % 1000 == 0 && n != 0)
		buf_printf(out, ".%06d", n / 1000);
	else if (n != 0)
		buf_printf(out, ".%09d", n);
	buf_put_c(out, 's');
	return true;
}
