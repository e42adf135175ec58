#include "base/real.h"

#include "test/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST(a_double_is_printed_with_the_fewest_digits_that_read_back)
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
	        {-0.5, "-0.5"},
	        {48.8566, "48.8566"},
	        {2.3522219, "2.3522219"},
	        {-179.9999999, "-179.9999999"},
	        {2.35222191, "2.35222191"},
	        {1.0000001, "1.0000001"},
	        {100.05, "100.05"},
	        {0.0001, "0.0001"},
	        {0.00001, "1e-05"},
	        {99999999.9999999, "99999999.9999999"},
	        {1e8, "100000000"},
	        {123456789.5, "123456789.5"},
	        {1.0 / 3, "0.3333333333333333"},
	        {0.1 + 0.2, "0.30000000000000004"},
	        {123456789012345, "123456789012345"},
	        {1e15, "1e+15"},
	        {9007199254740993.0, "9007199254740992"},
	        {-1e300, "-1e+300"},
	        {1.7976931348623157e308, "1.7976931348623157e+308"},
	};
	char text[REAL_BYTES];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(real_print(text, cases[i].in), strlen(cases[i].out));
		assert_string_equal(text, cases[i].out);
	}
}

/* As printf() would: slowly. */
static void assert_as_printf(double v)
{
	char text[REAL_BYTES], expected[REAL_BYTES];
	int  len = 0;

	for (int digits = 15; digits <= 17; digits++) {
		len = snprintf(expected, sizeof expected, "%.*g", digits, v);
		if (strtod(expected, NULL) == v)
			break;
	}
	assert_int_equal(real_print(text, v), len);
	assert_string_equal(text, expected);
}

TEST(numbers_of_few_decimals_are_printed_as_printf_would)
{
	/* Every one would take too long: a walk in steps of a prime. */
	for (int64_t scaled = -1800000000; scaled <= 1800000000; scaled += 154858)
		assert_as_printf((double)scaled / 1e7);
}

TEST(numbers_of_many_digits_are_printed_as_printf_would)
{
	static const double spans[] = {1e-5, 1e-3, 0.1, 1, 10, 90, 180, 1e5, 1e8, 1e9, 1e16};
	uint64_t            random = 1;

	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		for (int k = 0; k < 20000; k++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			assert_as_printf((double)(int64_t)random * 0x1p-63 * spans[i]);
		}
}

/* The next double away from zero, or towards it. */
static double neighbour(double v, int64_t step)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	bits += (uint64_t)step;
	memcpy(&v, &bits, sizeof v);
	return v;
}

TEST(neighbours_of_short_numbers_and_powers_are_printed_as_printf_would)
{
	static const double numbers[] = {48.8566, 0.1, 0.001, 179.9999999, 99999999.5, 1e-4,
	                                 1e8,     10,  99.5,  1e7,         0.01};

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		for (int64_t step = -3; step <= 3; step++)
			assert_as_printf(neighbour(numbers[i], step));
	for (double power = 0x1p-20; power <= 0x1p40; power *= 2)
		for (int64_t step = -1; step <= 1; step++)
			assert_as_printf(neighbour(power, step));
}

TEST_MAIN()
