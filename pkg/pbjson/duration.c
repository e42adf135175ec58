#include "pbjson/duration.h"

static const int64_t MAX_SECONDS = INT64_C(315576000000); /* 10,000 years of 365.25 days */

static bool is_in_range(int64_t seconds, int32_t nanos)
{
	if (seconds < -MAX_SECONDS || seconds > MAX_SECONDS || nanos < -999999999 ||
	    nanos > 999999999)
		return false;
	if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0))
		return false;
	return nanos == 0 || (seconds != MAX_SECONDS && seconds != -MAX_SECONDS);
}

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
	bool     is_negative = str_starts(s, STR("-"));
	str      whole, fraction;
	uint64_t seconds;
	int32_t  nanos = 0;

	if (!str_ends(s, STR("s")))
		return false;
	s = str_from((str){s.ptr, s.len - 1}, is_negative);
	whole = s;
	if (str_cut(s, '.', &whole, &fraction) && !parse_fraction(fraction, &nanos))
		return false;
	if (!str_to_u64(whole, &seconds) || seconds > (uint64_t)MAX_SECONDS ||
	    !is_in_range((int64_t)seconds, nanos))
		return false;
	*out_seconds = is_negative ? -(int64_t)seconds : (int64_t)seconds;
	*out_nanos = is_negative ? -nanos : nanos;
	return true;
}

bool pbjson_duration_print(struct buf *out, int64_t seconds, int32_t nanos)
{
	int n = nanos < 0 ? -nanos : nanos;

	if (!is_in_range(seconds, nanos))
		return false;
	if (seconds < 0 || nanos < 0)
		buf_put_c(out, '-');
	buf_put_i64(out, seconds < 0 ? -seconds : seconds);
	if (n % 1000000 == 0 && n != 0)
		buf_printf(out, ".%03d", n / 1000000);
	else if (n % 1000 == 0 && n != 0)
		buf_printf(out, ".%06d", n / 1000);
	else if (n != 0)
		buf_printf(out, ".%09d", n);
	buf_put_c(out, 's');
	return true;
}
