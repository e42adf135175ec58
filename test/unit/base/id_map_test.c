#include "base/id_map.h"

#include "test/support/test.h"

enum { MANY = 5000 };

static int things[MANY];

/* Spread and crowded numbers both: near ones, far ones, and below zero. */
static int64_t id_of(int i)
{
	return i % 3 == 0 ? i : i % 3 == 1 ? (int64_t)i << 32 : -i;
}

static void assert_holds(const struct id_map *m, int first)
{
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(id_map_get(m, id_of(i)), i < first ? NULL : &things[i]);
	assert_int_equal(m->count, MANY - first);
}

TEST(an_empty_map_has_nothing)
{
	struct id_map m = {0};
	size_t        cursor = 0;

	assert_null(id_map_get(&m, 1));
	assert_null(id_map_take(&m, 1));
	assert_null(id_map_next(&m, &cursor));
	id_map_fini(&m);
}

TEST(what_was_put_is_found_while_others_come_and_go)
{
	struct id_map m = {0};

	for (int i = 0; i < MANY; i++)
		id_map_put(&m, id_of(i), &things[i]);
	assert_holds(&m, 0);
	for (int i = 0; i < MANY / 2; i++)
		assert_ptr_equal(id_map_take(&m, id_of(i)), &things[i]);
	assert_holds(&m, MANY / 2);
	for (int i = 0; i < MANY / 2; i++)
		id_map_put(&m, id_of(i), &things[i]);
	assert_holds(&m, 0);
	id_map_fini(&m);
}

TEST(another_value_takes_the_place_of_the_one_before)
{
	struct id_map m = {0};

	id_map_put(&m, 7, &things[0]);
	id_map_put(&m, 7, &things[1]);
	assert_int_equal(m.count, 1);
	assert_ptr_equal(id_map_take(&m, 7), &things[1]);
	assert_null(id_map_get(&m, 7));
	id_map_fini(&m);
}

TEST(all_come_once)
{
	struct id_map m = {0};
	size_t        cursor = 0, n = 0;
	int          *thing;

	for (int i = 0; i < MANY; i++) {
		things[i] = 0;
		id_map_put(&m, id_of(i), &things[i]);
	}
	while ((thing = id_map_next(&m, &cursor)) != NULL) {
		assert_int_equal((*thing)++, 0);
		n++;
	}
	assert_int_equal(n, MANY);
	id_map_fini(&m);
}

TEST_MAIN()
