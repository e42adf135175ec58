#include "rpc/id_set.h"

#include "test/support/test.h"

enum { N = 5000 };

/* Ids as clients make them: low slots, generations that differ. */
static uint64_t id_of(uint64_t i)
{
	return (i % 7 + 1) << 32 | i;
}

TEST(an_id_is_in_the_set_once)
{
	struct rpc_id_set s = {0};

	assert_false(rpc_id_set_remove(&s, 5));
	rpc_id_set_add(&s, 5);
	assert_int_equal(s.count, 1);
	assert_false(rpc_id_set_remove(&s, 6));
	assert_false(rpc_id_set_remove(&s, 0));
	assert_true(rpc_id_set_remove(&s, 5));
	assert_false(rpc_id_set_remove(&s, 5));
	assert_int_equal(s.count, 0);
	rpc_id_set_fini(&s);
}

TEST(removing_some_leaves_the_others_to_be_found)
{
	struct rpc_id_set s = {0};

	for (uint64_t i = 0; i < N; i++)
		rpc_id_set_add(&s, id_of(i));
	for (uint64_t i = 0; i < N; i += 3)
		assert_true(rpc_id_set_remove(&s, id_of(i)));
	for (uint64_t i = 0; i < N; i++)
		assert_int_equal(rpc_id_set_remove(&s, id_of(i)), i % 3 != 0);
	assert_int_equal(s.count, 0);
	rpc_id_set_fini(&s);
}

TEST(taking_empties_the_set_of_each_id_once)
{
	static bool         seen[N];
	struct rpc_id_set   s = {0};
	struct rpc_id_place taken;

	for (uint64_t i = 0; i < N; i++) {
		rpc_id_set_add(&s, id_of(i));
		*rpc_id_set_tag(&s, id_of(i)) = (uint32_t)i + 7;
	}
	for (unsigned n = 0; n < N; n++) {
		assert_true(rpc_id_set_take(&s, &taken));
		assert_false(seen[(uint32_t)taken.id]);
		assert_true(id_of(taken.tag - 7) == taken.id);
		seen[(uint32_t)taken.id] = true;
	}
	assert_false(rpc_id_set_take(&s, &taken));
	rpc_id_set_fini(&s);
}

TEST(a_tag_stays_with_its_id_while_others_come_and_go)
{
	struct rpc_id_set s = {0};

	for (uint64_t i = 0; i < N; i++) {
		rpc_id_set_add(&s, id_of(i));
		assert_int_equal(*rpc_id_set_tag(&s, id_of(i)), 0);
		*rpc_id_set_tag(&s, id_of(i)) = (uint32_t)i;
	}
	for (uint64_t i = 0; i < N; i += 2)
		assert_true(rpc_id_set_remove(&s, id_of(i)));
	for (uint64_t i = 0; i < N; i++) {
		const uint32_t *tag = rpc_id_set_tag(&s, id_of(i));

		if (i % 2 == 0)
			assert_null(tag);
		else
			assert_int_equal(*tag, i);
	}
	rpc_id_set_fini(&s);
}

TEST_MAIN()
