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

/* Every number of a few decimals there is would take too long: a walk in steps of a large prime. */
TEST(numbers_of_few_decimals_are_printed_as_printf_would)
{
	char text[REAL_BYTES], expected[REAL_BYTES];

	for (int64_t scaled = -1800000000; scaled <= 1800000000; scaled += 15485863) {
		double v = (double)scaled / 1e7;

		real_print(text, v);
		snprintf(expected, sizeof expected, "%.15g", v);
		assert_string_equal(text, expected);
		assert_true(strtod(text, NULL) == v);
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

TEST(neighbours_of_a_short_number_are_told_apart)
{
	static const double numbers[] = {48.8566, -0.25, 1, 179.9999999, 99999999.5, 1e-4};
	char                text[REAL_BYTES];

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		double near[] = {neighbour(numbers[i], -1), neighbour(numbers[i], 1)};

		for (size_t k = 0; k < 2; k++) {
			real_print(text, near[k]);
			assert_true(strtod(text, NULL) == near[k]);
			assert_true(near[k] != numbers[i]);
		}
	}
}

TEST_MAIN()
