#include "base/rfc3339.h"

#include <string.h>

static const int64_t FIRST_SECOND = INT64_C(-62135596800); /* 0001-01-01T00:00:00Z */
static const int64_t LAST_SECOND = INT64_C(253402300799);  /* 9999-12-31T23:59:59Z */

enum { SECONDS_A_DAY = 86400, DAYS_AN_ERA = 146097, DAYS_TO_1970 = 719468 };

struct civil {
	unsigned year, month, day;
};

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool                       is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && is_leap ? 29 : days[month - 1];
}

/*
 * Both ways count in years that begin on 1 March, so that the leap day is the last of its
 * year, and in eras of 400 years, which all have the same number of days. Month m of such a
 * year (0 is March) begins on day (153 * m + 2) / 5.
 */
static int64_t days_from_civil(struct civil c)
{
	int64_t year = (int64_t)c.year - (c.month <= 2 ? 1 : 0);
	int64_t era = year / 400;
	int64_t year_of_era = year % 400;
	int64_t month = (c.month + 9) % 12;
	int64_t day_of_year = (153 * month + 2) / 5 + c.day - 1;

	return era * DAYS_AN_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - DAYS_TO_1970;
}

static struct civil civil_from_days(int64_t days)
{
	int64_t z = days + DAYS_TO_1970;
	int64_t era = z / DAYS_AN_ERA;
	int64_t day = z % DAYS_AN_ERA;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	return (struct civil){
	        .year = (unsigned)(era * 400 + year + (month >= 10 ? 1 : 0)),
	        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
	        .day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1),
	};
}

/* The last `n` decimal digits of v, leading zeros kept. */
static char *put_digits(char *p, unsigned v, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		p[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return p + n;
}

static char *put_fraction(char *p, unsigned nanos)
{
	if (nanos == 0)
		return p;
	*p++ = '.';
	if (nanos % 1000000 == 0)
		return put_digits(p, nanos / 1000000, 3);
	if (nanos % 1000 == 0)
		return put_digits(p, nanos / 1000, 6);
	return put_digits(p, nanos, 9);
}

/* "2026-11-21T10:00:00" */
static char *put_date_time(char *p, int64_t seconds)
{
	/* The remainder that is never negative, for times before 1970. */
	int64_t      second = (seconds % SECONDS_A_DAY + SECONDS_A_DAY) % SECONDS_A_DAY;
	struct civil c = civil_from_days((seconds - second) / SECONDS_A_DAY);

	p = put_digits(p, c.year, 4);
	*p++ = '-';
	p = put_digits(p, c.month, 2);
	*p++ = '-';
	p = put_digits(p, c.day, 2);
	*p++ = 'T';
	p = put_digits(p, (unsigned)(second / 3600), 2);
	*p++ = ':';
	p = put_digits(p, (unsigned)(second / 60 % 60), 2);
	*p++ = ':';
	return put_digits(p, (unsigned)(second % 60), 2);
}

bool rfc3339_print(struct buf *b, int64_t seconds, int32_t nanos)
{
	char  text[sizeof "2026-11-21T10:00:00.000000000Z"];
	char *p;

	if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos > 999999999)
		return false;
	p = put_date_time(text, seconds);
	p = put_fraction(p, (unsigned)nanos);
	*p++ = 'Z';
	buf_put_bytes(b, text, (size_t)(p - text));
	return true;
}

void rfc3339_write_ms(int64_t wall_us, char out[RFC3339_MS_BYTES])
{
	int64_t us = (wall_us % 1000000 + 1000000) % 1000000;
	int64_t seconds = wall_us / 1000000 - (wall_us % 1000000 < 0 ? 1 : 0);
	char   *p;

	if (seconds < FIRST_SECOND)
		seconds = FIRST_SECOND;
	if (seconds > LAST_SECOND)
		seconds = LAST_SECOND;
	p = put_date_time(out, seconds);
	*p++ = '.';
	p = put_digits(p, (unsigned)(us / 1000), 3);
	*p = 'Z';
}

/* What is left to read; every step consumes what it accepts. */
static bool take_char(str *s, const char *any_of)
{
	if (s->len == 0 || s->ptr[0] == '\0' || strchr(any_of, s->ptr[0]) == NULL)
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool take_digits(str *s, size_t n, unsigned *out_value)
{
	unsigned v = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->ptr[i] < '0' || s->ptr[i] > '9')
			return false;
		v = v * 10 + (unsigned)(s->ptr[i] - '0');
	}
	*s = str_from(*s, n);
	*out_value = v;
	return true;
}

static bool take_date(str *s, struct civil *out)
{
	return take_digits(s, 4, &out->year) && take_char(s, "-") &&
	       take_digits(s, 2, &out->month) && take_char(s, "-") &&
	       take_digits(s, 2, &out->day) && out->year >= 1 && out->month >= 1 &&
	       out->month <= 12 && out->day >= 1 &&
	       out->day <= days_in_month(out->year, out->month);
}

/* A leap second (":60") is refused: a count of seconds cannot say it. */
static bool take_time(str *s, int64_t *out_second)
{
	unsigned hour, minute, second;

	if (!take_digits(s, 2, &hour) || !take_char(s, ":") || !take_digits(s, 2, &minute) ||
	    !take_char(s, ":") || !take_digits(s, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*out_second = (int64_t)hour * 3600 + minute * 60 + second;
	return true;
}

static bool take_fraction(str *s, int32_t *out_nanos)
{
	int32_t  nanos = 0;
	int      n = 0;
	unsigned digit;

	if (take_char(s, ".")) {
		for (; n < 9 && take_digits(s, 1, &digit); n++)
			nanos = nanos * 10 + (int32_t)digit;
		if (n == 0)
			return false;
		for (; n < 9; n++)
			nanos *= 10;
	}
	*out_nanos = nanos;
	return true;
}

static bool take_offset(str *s, int64_t *out_seconds)
{
	bool     is_west;
	unsigned hour, minute;

	if (take_char(s, "Zz")) {
		*out_seconds = 0;
		return true;
	}
	is_west = take_char(s, "-");
	if (!is_west && !take_char(s, "+"))
		return false;
	if (!take_digits(s, 2, &hour) || !take_char(s, ":") || !take_digits(s, 2, &minute) ||
	    hour > 23 || minute > 59)
		return false;
	*out_seconds = ((int64_t)hour * 3600 + minute * 60) * (is_west ? -1 : 1);
	return true;
}

bool rfc3339_parse(str s, int64_t *out_seconds, int32_t *out_nanos)
{
	struct civil date;
	int64_t      second, offset, seconds;
	int32_t      nanos;

	if (!take_date(&s, &date) || !take_char(&s, "Tt") || !take_time(&s, &second) ||
	    !take_fraction(&s, &nanos) || !take_offset(&s, &offset) || s.len != 0)
		return false;
	seconds = days_from_civil(date) * SECONDS_A_DAY + second - offset;
	if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
		return false;
	*out_seconds = seconds;
	*out_nanos = nanos;
	return true;
}
