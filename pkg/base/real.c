/*
 * Design notes. A double is m * 2^-s, a decimal of k places n / 10^k, both of whole numbers. For
 * doubles of a common size all products of these fit into 128 bits, so that the nearest decimal,
 * and whether it reads back, are found exactly and without a library: many numbers are printed.
 */
#include "base/real.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_DIGITS = 15, MAX_DIGITS = 17, FRACTION_BITS = 52, BIAS = 1023 };

typedef unsigned __int128 uint128;

static size_t format(char out[REAL_BYTES], double v)
{
	int len = 0;

	for (int digits = MIN_DIGITS; digits <= MAX_DIGITS; digits++) {
		len = snprintf(out, REAL_BYTES, "%.*g", digits, v);
		if (strtod(out, NULL) == v)
			break;
	}
	return (size_t)len;
}

static uint128 power_of_ten(int exponent)
{
	uint128 power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* Of a double from 1e-4 to 1e8; negative: zeros behind the point. */
static int digits_before_point(double v)
{
	static const double powers[] = {1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
	int                 digits = -3;

	for (size_t i = 0; i < sizeof powers / sizeof *powers && v >= powers[i]; i++)
		digits++;
	return digits;
}

/*
 * The decimal of so many places that is nearest to m * 2^-s; false when another double is nearer to
 * it. Powers of two, whose neighbours are not alike, have 15 digits at most here: no error.
 */
static bool to_decimal(uint64_t m, unsigned s, int places, uint64_t *out_n)
{
	uint128 scale = power_of_ten(places), exact = m * scale;
	uint128 n = (exact + ((uint128)1 << (s - 1))) >> s;
	uint128 error = n << s > exact ? (n << s) - exact : exact - (n << s);

	*out_n = (uint64_t)n;
	/* Half the distance to the next double. On the middle, the even one is read. */
	return 2 * error < scale || (2 * error == scale && m % 2 == 0);
}

/* n / 10^places, n not 0. */
static size_t print_decimal(char out[REAL_BYTES], bool is_negative, uint64_t n, int places)
{
	char   text[REAL_BYTES], *p = text + sizeof text;
	size_t len;

	for (; places > 0 && n % 10 == 0; places--)
		n /= 10;
	*--p = '\0';
	for (int i = 0; i < places; i++, n /= 10)
		*--p = (char)('0' + n % 10);
	if (places > 0)
		*--p = '.';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	if (is_negative)
		*--p = '-';
	len = (size_t)(text + sizeof text - 1 - p);
	memcpy(out, p, len + 1);
	return len;
}

size_t real_print(char out[REAL_BYTES], double v)
{
	double   magnitude = v < 0 ? -v : v;
	uint64_t bits, m, n = 0;
	unsigned s;
	int      before, places = 0;

	/* Below, %g has an exponent; above, products may not fit. */
	if (!(magnitude >= 1e-4 && magnitude < 1e8))
		return format(out, v);
	memcpy(&bits, &magnitude, sizeof bits);
	m = (bits & ((UINT64_C(1) << FRACTION_BITS) - 1)) | UINT64_C(1) << FRACTION_BITS;
	s = (unsigned)(BIAS + FRACTION_BITS - (int)(bits >> FRACTION_BITS));
	before = digits_before_point(magnitude);
	for (int digits = MIN_DIGITS; digits <= MAX_DIGITS; digits++) {
		places = digits - before;
		if (to_decimal(m, s, places, &n))
			break;
	}
	return print_decimal(out, v < 0, n, places);
}
