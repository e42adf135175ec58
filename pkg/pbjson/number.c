#include "pbjson/number.h"

#include "base/real.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits past these change no double; a longer text only costs time. */
enum { MAX_REAL_BYTES = 400 };

static const char NOT_A_NUMBER[] = "must be a number";
static const char NOT_WHOLE[] = "must be a whole number";
static const char OUT_OF_RANGE[] = "is out of range";

static bool is_digit_at(str s, size_t at)
{
	return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

static size_t skip_digits(str s, size_t at)
{
	while (is_digit_at(s, at))
		at++;
	return at;
}

static bool is_one_of_at(str s, size_t at, char a, char b)
{
	return at < s.len && (s.ptr[at] == a || s.ptr[at] == b);
}

size_t pbjson_number_length(str s)
{
	size_t at = is_one_of_at(s, 0, '-', '-') ? 1 : 0;
	size_t exponent;

	if (!is_digit_at(s, at))
		return 0;
	at = s.ptr[at] == '0' ? at + 1 : skip_digits(s, at);
	if (is_one_of_at(s, at, '.', '.') && is_digit_at(s, at + 1))
		at = skip_digits(s, at + 1);
	if (is_one_of_at(s, at, 'e', 'E')) {
		exponent = at + 1;
		if (is_one_of_at(s, exponent, '+', '-'))
			exponent++;
		if (is_digit_at(s, exponent))
			at = skip_digits(s, exponent);
	}
	return at;
}

/* A whole number: sign and magnitude. */
struct whole {
	bool     is_negative;
	uint64_t magnitude;
};

/* Decimal digits with what multiplies them: value * 10^shift, no trailing zero in value. */
struct decimal {
	uint64_t value;
	int64_t  shift;
};

static bool multiply_by_ten(uint64_t *value, int64_t times)
{
	for (; times > 0 && *value != 0; times--)
		if (__builtin_mul_overflow(*value, 10, value))
			return false;
	return true;
}

/* The digits before an exponent. Zeros count only once a digit follows: 1.000 is 1. */
static bool read_mantissa(str s, struct decimal *out)
{
	struct decimal d = {0};
	bool           is_fraction = false;
	int64_t        zeros = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.') {
			is_fraction = true;
			continue;
		}
		d.shift -= is_fraction;
		zeros++;
		if (s.ptr[i] == '0')
			continue;
		if (!multiply_by_ten(&d.value, zeros) ||
		    __builtin_add_overflow(d.value, (uint64_t)(s.ptr[i] - '0'), &d.value))
			return false;
		zeros = 0;
	}
	d.shift += zeros;
	*out = d;
	return true;
}

static int64_t read_exponent(str s)
{
	const int64_t enough = 1000000000; /* no text of digits is that long */
	bool          is_negative = s.ptr[0] == '-';
	int64_t       v = 0;

	for (size_t i = s.ptr[0] == '-' || s.ptr[0] == '+'; i < s.len && v < enough; i++)
		v = v * 10 + (s.ptr[i] - '0');
	return is_negative ? -v : v;
}

static const char *to_whole(str s, struct whole *out)
{
	struct decimal d;
	str            mantissa = s;
	int64_t        exponent = 0;
	bool           is_negative;

	if (s.len == 0 || pbjson_number_length(s) != s.len)
		return NOT_A_NUMBER;
	is_negative = s.ptr[0] == '-';
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == 'e' || s.ptr[i] == 'E') {
			mantissa.len = i;
			exponent = read_exponent(str_from(s, i + 1));
			break;
		}
	}
	if (!read_mantissa(str_from(mantissa, is_negative), &d))
		return OUT_OF_RANGE;
	d.shift += exponent;
	if (d.value != 0 && d.shift < 0)
		return NOT_WHOLE;
	if (!multiply_by_ten(&d.value, d.shift))
		return OUT_OF_RANGE;
	*out = (struct whole){is_negative, d.value};
	return NULL;
}

const char *pbjson_number_to_i64(str s, int64_t min, int64_t max, int64_t *out_value)
{
	const uint64_t limit = (uint64_t)INT64_MAX;
	struct whole   w;
	const char    *fault = to_whole(s, &w);
	int64_t        v;

	if (fault)
		return fault;
	if (w.magnitude > limit + (w.is_negative ? 1 : 0))
		return OUT_OF_RANGE;
	v = w.is_negative ? (int64_t)(0 - w.magnitude) : (int64_t)w.magnitude;
	if (v < min || v > max)
		return OUT_OF_RANGE;
	*out_value = v;
	return NULL;
}

const char *pbjson_number_to_u64(str s, uint64_t max, uint64_t *out_value)
{
	struct whole w;
	const char  *fault = to_whole(s, &w);

	if (fault)
		return fault;
	if (w.magnitude > max || (w.is_negative && w.magnitude != 0))
		return OUT_OF_RANGE;
	*out_value = w.magnitude;
	return NULL;
}

static bool to_named(str s, double *out_value)
{
	if (str_eq(s, STR("NaN")))
		*out_value = (double)NAN;
	else if (str_eq(s, STR("Infinity")))
		*out_value = (double)INFINITY;
	else if (str_eq(s, STR("-Infinity")))
		*out_value = -(double)INFINITY;
	else
		return false;
	return true;
}

/* A NUL-terminated copy for strtod() and strtof(). */
static const char *to_real_text(str s, char out[MAX_REAL_BYTES + 1])
{
	if (s.len == 0 || pbjson_number_length(s) != s.len)
		return NOT_A_NUMBER;
	if (s.len > MAX_REAL_BYTES)
		return "has too many digits";
	memcpy(out, s.ptr, s.len);
	out[s.len] = '\0';
	return NULL;
}

const char *pbjson_number_to_double(str s, double *out_value)
{
	char        text[MAX_REAL_BYTES + 1];
	const char *fault;
	double      v;

	if (to_named(s, out_value))
		return NULL;
	fault = to_real_text(s, text);
	if (fault)
		return fault;
	v = strtod(text, NULL);
	if (isinf(v))
		return OUT_OF_RANGE;
	*out_value = v;
	return NULL;
}

const char *pbjson_number_to_float(str s, float *out_value)
{
	char        text[MAX_REAL_BYTES + 1];
	const char *fault;
	double      named;
	float       v;

	if (to_named(s, &named)) {
		*out_value = (float)named;
		return NULL;
	}
	fault = to_real_text(s, text);
	if (fault)
		return fault;
	v = strtof(text, NULL);
	if (isinf(v))
		return OUT_OF_RANGE;
	*out_value = v;
	return NULL;
}

static bool print_named(struct buf *out, double v)
{
	if (isnan(v))
		buf_put(out, STR("\"NaN\""));
	else if (isinf(v))
		buf_put(out, v > 0 ? STR("\"Infinity\"") : STR("\"-Infinity\""));
	else
		return false;
	return true;
}

void pbjson_number_print_double(struct buf *out, double v)
{
	char text[REAL_BYTES];

	if (!print_named(out, v))
		buf_put(out, (str){text, real_print(text, v)});
}

void pbjson_number_print_float(struct buf *out, float v)
{
	char text[32];

	if (print_named(out, (double)v))
		return;
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)v);
		if (strtof(text, NULL) == v)
			break;
	}
	buf_put(out, str_c(text));
}
