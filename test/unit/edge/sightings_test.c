#include "edge/sightings.h"

#include "base/mem.h"
#include "test/support/test.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct edge_sighting *x = a, *y = b;

	return x->account_id < y->account_id ? -1 : x->account_id > y->account_id;
}

/* All of them, by account; the caller's to free. */
static struct edge_sighting *take(struct edge_sightings *s, size_t *n)
{
	struct edge_sighting *all = edge_sightings_take(s, n);

	if (*n > 0)
		qsort(all, *n, sizeof *all, compare);
	return all;
}

TEST(an_empty_table_gives_nothing)
{
	struct edge_sightings s = {.max = 10};
	size_t                n = 1;

	mem_free(edge_sightings_take(&s, &n));
	assert_int_equal(n, 0);
	edge_sightings_fini(&s);
}

TEST(of_one_account_the_newest_time_is_kept)
{
	struct edge_sightings s = {.max = 10};
	struct edge_sighting *all;
	size_t                n;

	assert_true(edge_sightings_add(&s, (struct edge_sighting){7, 200}));
	assert_true(edge_sightings_add(&s, (struct edge_sighting){7, 300}));
	assert_true(edge_sightings_add(&s, (struct edge_sighting){7, 100}));
	assert_true(edge_sightings_add(&s, (struct edge_sighting){8, 50}));
	assert_int_equal(s.count, 2);
	all = take(&s, &n);
	assert_int_equal(n, 2);
	assert_int_equal(all[0].account_id, 7);
	assert_int_equal(all[0].at_ns, 300);
	assert_int_equal(all[1].at_ns, 50);
	assert_int_equal(s.count, 0);
	mem_free(all);
}

TEST(a_full_table_takes_nobody_new_and_goes_on_with_those_it_knows)
{
	struct edge_sightings s = {.max = 1000};
	struct edge_sighting *all;
	size_t                n;

	for (int64_t id = 1; id <= 1000; id++)
		assert_true(edge_sightings_add(&s, (struct edge_sighting){id, id}));
	assert_false(edge_sightings_add(&s, (struct edge_sighting){1001, 1}));
	assert_true(edge_sightings_add(&s, (struct edge_sighting){1, 5000}));
	assert_int_equal(s.count, 1000);
	all = take(&s, &n);
	assert_int_equal(n, 1000);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(all[i].account_id, i + 1);
		assert_int_equal(all[i].at_ns, i == 0 ? 5000 : i + 1);
	}
	assert_true(edge_sightings_add(&s, (struct edge_sighting){1001, 1}));
	mem_free(all);
	edge_sightings_fini(&s);
}

TEST(ids_far_apart_and_close_together_are_told_apart)
{
	struct edge_sightings s = {.max = 100000};
	struct edge_sighting *all;
	size_t                n;

	for (int64_t i = 1; i <= 20000; i++) {
		assert_true(edge_sightings_add(&s, (struct edge_sighting){i, i}));
		assert_true(edge_sightings_add(&s, (struct edge_sighting){i << 32, i}));
	}
	all = take(&s, &n);
	assert_int_equal(n, 40000);
	for (size_t i = 0; i < n; i++) {
		int64_t id = all[i].account_id;

		assert_int_equal(all[i].at_ns, i < 20000 ? id : id >> 32);
	}
	mem_free(all);
}

TEST_MAIN()
