#include "edge/census.h"

#include "test/support/test.h"

#include <stdlib.h>

enum { PLENTY = 1000000 };

static bool enter(struct edge_census *c, int64_t account_id)
{
	bool is_first;

	assert_status(edge_census_enter(c, account_id, PLENTY, PLENTY, &is_first), CODE_OK);
	return is_first;
}

TEST(the_first_and_the_last_of_an_account_are_told_from_others)
{
	struct edge_census *c = edge_census_new();

	assert_true(enter(c, 7));
	assert_false(enter(c, 7));
	assert_true(enter(c, 8));
	assert_int_equal(edge_census_count(c, 7), 2);
	assert_false(edge_census_leave(c, 7));
	assert_true(edge_census_leave(c, 7));
	assert_int_equal(edge_census_count(c, 7), 0);
	assert_true(enter(c, 7));
	edge_census_free(c);
}

TEST(limits_hold_for_one_account_and_for_all)
{
	struct edge_census *c = edge_census_new();
	bool                is_first = true;

	assert_status(edge_census_enter(c, 1, 2, 3, &is_first), CODE_OK);
	assert_status(edge_census_enter(c, 1, 2, 3, &is_first), CODE_OK);
	assert_false(is_first);
	assert_status(edge_census_enter(c, 1, 2, 3, &is_first), CODE_RESOURCE_EXHAUSTED);
	assert_status(edge_census_enter(c, 2, 2, 3, &is_first), CODE_OK);
	assert_status(edge_census_enter(c, 3, 2, 3, &is_first), CODE_UNAVAILABLE);
	assert_int_equal(edge_census_count(c, 3), 0);
	assert_true(edge_census_leave(c, 2));
	assert_status(edge_census_enter(c, 3, 2, 3, &is_first), CODE_OK);
	edge_census_free(c);
}

/* Beside plain arrays, with ids that fall together and apart. */
TEST(it_counts_right_whoever_comes_and_goes)
{
	enum { IDS = 300, STEPS = 100000 };
	struct edge_census *c = edge_census_new();
	size_t              counts[IDS] = {0};
	unsigned            seed = 1;

	for (int i = 0; i < STEPS; i++) {
		size_t  at = (size_t)rand_r(&seed) % IDS;
		int64_t id = (int64_t)(at % 3 == 0 ? at + 1 : (at + 1) * 4096);

		if (rand_r(&seed) % 2)
			assert_int_equal(enter(c, id), counts[at]++ == 0);
		else if (counts[at] > 0)
			assert_int_equal(edge_census_leave(c, id), --counts[at] == 0);
		assert_int_equal(edge_census_count(c, id), counts[at]);
	}
	edge_census_free(c);
}

TEST_MAIN()
