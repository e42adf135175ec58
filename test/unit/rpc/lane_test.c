#include "rpc/lane.h"

#include "test/support/test.h"

TEST(frames_come_out_as_they_went_in)
{
	static const str texts[] = {STR("one"), STR(""), STR("three")};
	struct rpc_lane  l;
	size_t           at = 0;
	uint64_t         id;
	str              text;

	rpc_lane_init(&l, 1024, 10);
	for (uint64_t i = 0; i < 3; i++)
		assert_true(rpc_lane_put(&l, i + 7, texts[i]));
	for (uint64_t i = 0; i < 3; i++) {
		assert_true(rpc_lane_next(&l, &at, &id, &text));
		assert_int_equal(id, i + 7);
		assert_true(str_eq(text, texts[i]));
	}
	assert_false(rpc_lane_next(&l, &at, &id, &text));
	rpc_lane_fini(&l);
}

TEST(a_full_lane_stores_nothing_more)
{
	struct rpc_lane by_count, by_bytes;

	rpc_lane_init(&by_count, 1024, 1);
	rpc_lane_init(&by_bytes, 32, 10);
	assert_true(rpc_lane_put(&by_count, 1, STR("")));
	assert_false(rpc_lane_put(&by_count, 2, STR("")));
	assert_true(rpc_lane_put(&by_bytes, 1, STR("12345678")));
	assert_false(rpc_lane_put(&by_bytes, 2, STR("1")));
	assert_false(rpc_lane_put(&by_bytes, 3, STR("")));
	assert_int_equal(by_count.count, 1);
	assert_int_equal(by_bytes.count, 1);
	rpc_lane_fini(&by_count);
	rpc_lane_fini(&by_bytes);
}

TEST(a_swap_moves_frames_and_leaves_limits)
{
	struct rpc_lane bounded, reader;
	size_t          at = 0;
	uint64_t        id;
	str             text;

	rpc_lane_init(&bounded, 64, 1);
	rpc_lane_init(&reader, SIZE_MAX, UINT32_MAX);
	for (int round = 0; round < 3; round++) {
		assert_true(rpc_lane_put(&bounded, 9, STR("abc")));
		assert_false(rpc_lane_put(&bounded, 9, STR("abc")));
		rpc_lane_swap(&bounded, &reader);
		assert_int_equal(bounded.count, 0);
		at = 0;
		assert_true(rpc_lane_next(&reader, &at, &id, &text));
		assert_str(text, "abc");
		assert_false(rpc_lane_next(&reader, &at, &id, &text));
		rpc_lane_clear(&reader);
	}
	rpc_lane_fini(&bounded);
	rpc_lane_fini(&reader);
}

TEST_MAIN()
