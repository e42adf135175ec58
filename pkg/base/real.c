#include "base/real.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DECIMALS = 7, SCALE = 10000000 };

static size_t format(char out[REAL_BYTES], double v)
{
	int len = 0;

	for (int digits = 15; digits <= 17; digits++) {
		len = snprintf(out, REAL_BYTES, "%.*g", digits, v);
		if (strtod(out, NULL) == v)
			break;
	}
	return (size_t)len;
}

/*
 * What has few decimals, such as most coordinates, is a whole number by a power of ten. Both are
 * exact, so that their quotient is the double nearest to that decimal, as strtod() would have it.
 */
static size_t print_decimal(char out[REAL_BYTES], int64_t scaled)
{
	uint64_t magnitude = (uint64_t)(scaled < 0 ? -scaled : scaled);
	uint64_t fraction = magnitude % SCALE;
	int len = snprintf(out, REAL_BYTES, "%s%" PRIu64, scaled < 0 ? "-" : "", magnitude / SCALE);

	if (fraction == 0)
		return (size_t)len;
	len += snprintf(out + len, REAL_BYTES - (size_t)len, ".%0*" PRIu64, DECIMALS, fraction);
	while (out[len - 1] == '0')
		out[--len] = '\0';
	return (size_t)len;
}

size_t real_print(char out[REAL_BYTES], double v)
{
	int64_t scaled;

	/* Below, %g has an exponent; above, the whole number has more than 15 digits. */
	if (fabs(v) < 1e-4 || fabs(v) >= 1e8)
		return format(out, v);
	scaled = (int64_t)(v * SCALE + (v < 0 ? -0.5 : 0.5));
	if ((double)scaled / SCALE != v)
		return format(out, v);
	return print_decimal(out, scaled);
}
