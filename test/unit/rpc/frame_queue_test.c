#include "rpc/frame_queue.h"

#include "base/mem.h"
#include "rpc/frame.h"
#include "test/support/test.h"

#include <string.h>

TEST(frames_leave_a_queue_in_their_order_and_whole)
{
	struct rpc_frame_queue q;
	uint64_t               id;
	str                    frame;

	rpc_frame_queue_init(&q, 1024, 10);
	assert_false(rpc_frame_queue_take(&q, &id, &frame));
	assert_int_equal(rpc_frame_queue_next_size(&q), 0);
	assert_true(rpc_frame_queue_put(&q, 4, STR("four")));
	assert_true(rpc_frame_queue_put(&q, 5, STR("")));
	assert_int_equal(rpc_frame_queue_next_size(&q), RPC_FRAME_HEAD_BYTES + 4);
	assert_true(rpc_frame_queue_take(&q, &id, &frame));
	assert_int_equal(id, 4);
	assert_str(str_from(frame, RPC_FRAME_HEAD_BYTES), "four");
	assert_true(rpc_frame_queue_take(&q, &id, &frame));
	assert_int_equal(id, 5);
	assert_int_equal(frame.len, RPC_FRAME_HEAD_BYTES);
	assert_false(rpc_frame_queue_take(&q, &id, &frame));
	rpc_frame_queue_clear(&q);
}

TEST(a_full_queue_refuses_and_takes_again_once_there_is_room)
{
	struct rpc_frame_queue q;
	uint64_t               id;
	str                    frame;

	rpc_frame_queue_init(&q, 3 * (RPC_FRAME_HEAD_BYTES + 4), 2);
	assert_true(rpc_frame_queue_put(&q, 1, STR("aaaa")));
	assert_true(rpc_frame_queue_put(&q, 2, STR("bbbb")));
	assert_false(rpc_frame_queue_put(&q, 3, STR("cccc")));
	assert_true(rpc_frame_queue_take(&q, &id, &frame));
	/* Two more fit, by bytes, only in the room of the one that was taken. */
	assert_false(rpc_frame_queue_put(&q, 3, STR("this is longer than what is left")));
	assert_true(rpc_frame_queue_put(&q, 3, STR("a bit more")));
	assert_true(rpc_frame_queue_take(&q, &id, &frame));
	assert_str(str_from(frame, RPC_FRAME_HEAD_BYTES), "bbbb");
	assert_true(rpc_frame_queue_take(&q, &id, &frame));
	assert_str(str_from(frame, RPC_FRAME_HEAD_BYTES), "a bit more");
	rpc_frame_queue_clear(&q);
}

TEST(a_queue_that_is_never_empty_does_not_grow_without_end)
{
	enum { ENVELOPE = 1000, DEEP = 300, ROUNDS = 20000 };
	char                   envelope[ENVELOPE] = {0};
	struct rpc_frame_queue q;
	uint64_t               id;
	str                    frame;

	rpc_frame_queue_init(&q, 1 << 20, 1000);
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		memcpy(envelope, &i, sizeof i);
		assert_true(rpc_frame_queue_put(&q, i, (str){envelope, ENVELOPE}));
		if (i <= DEEP)
			continue;
		assert_true(rpc_frame_queue_take(&q, &id, &frame));
		assert_int_equal(id, i - DEEP);
		assert_memory_equal(frame.ptr + RPC_FRAME_HEAD_BYTES, &id, sizeof id);
	}
	assert_in_range(q.bytes.size, 0, 1 << 20);
	rpc_frame_queue_clear(&q);
}

TEST_MAIN()
