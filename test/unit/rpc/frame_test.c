#include "rpc/frame.h"

#include "rpc/transport.h"
#include "test/support/test.h"

#include <string.h>

TEST(a_message_has_the_bytes_that_are_documented)
{
	static const char expected[] = "\x01\x05\0\0\x01\x02\x03\x04"
	                               "\0\0\0\x03\x11\x12\x13\x14\x15\x16\x17\x18"
	                               "abc";
	struct buf        b;

	buf_init(&b, 1024);
	rpc_message_put_head(&b, (struct rpc_message_head){.flags = 5, .acked = 0x01020304});
	rpc_frame_put(&b, UINT64_C(0x1112131415161718), STR("abc"));
	assert_int_equal(b.len, sizeof expected - 1);
	assert_memory_equal(b.ptr, expected, b.len);
	buf_fini(&b);
}

TEST(frames_come_out_in_the_order_they_went_in)
{
	struct rpc_message_head head;
	struct buf              b;
	str                     frames, envelope;
	uint64_t                id;

	buf_init(&b, 1024);
	rpc_message_put_head(&b, (struct rpc_message_head){.acked = 7});
	rpc_frame_put(&b, 1, STR("one"));
	rpc_frame_put(&b, UINT64_MAX, (str){0});
	assert_status(rpc_message_read(buf_str(&b), &head, &frames), CODE_OK);
	assert_int_equal(head.acked, 7);
	assert_true(rpc_frame_next(&frames, &id, &envelope));
	assert_int_equal(id, 1);
	assert_str(envelope, "one");
	assert_true(rpc_frame_next(&frames, &id, &envelope));
	assert_true(id == UINT64_MAX);
	assert_int_equal(envelope.len, 0);
	assert_false(rpc_frame_next(&frames, &id, &envelope));
	buf_fini(&b);
}

#define HEAD "\x01\0\0\0\0\0\0\0"
#define ID   "\0\0\0\0\0\0\0\x09"

TEST(what_a_later_release_may_add_is_tolerated_and_what_is_no_message_is_not)
{
	static const struct {
		str  body;
		bool is_good;
	} cases[] = {
	        {STR(HEAD), true},
	        {STR("\x01\xff\xff\xff\0\0\0\0"), true},
	        {STR(HEAD "\0\0\0\x01" ID "a"), true},
	        {STR(HEAD "\0\0\0\x01" ID "a"
	                  "\0\0\0\0" ID),
	         true},
	        {STR(""), false},
	        {STR("\x01\0\0\0\0\0\0"), false},
	        {STR("\x02\0\0\0\0\0\0\0"), false},
	        {STR(HEAD "\0"), false},
	        {STR(HEAD "\0\0\0\x02" ID "a"), false},
	        {STR(HEAD "\0\0\0\x01" ID), false},
	        {STR(HEAD "\xff\xff\xff\xff" ID "a"), false},
	        {STR(HEAD "\0\0\0\x01" ID "a"
	                  "\0\0\0"),
	         false},
	        {STR(HEAD "\0\0\0\x01\0\0\0\0\0\0\0\0"
	                  "a"),
	         false},
	};
	struct rpc_message_head head;
	str                     frames;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_status(rpc_message_read(cases[i].body, &head, &frames),
		              cases[i].is_good ? CODE_OK : CODE_INVALID_ARGUMENT);
}

TEST(more_frames_than_a_message_holds_are_no_message)
{
	struct rpc_message_head head = {0};
	struct buf              b;
	str                     frames;

	buf_init(&b, 1 << 20);
	rpc_message_put_head(&b, head);
	for (unsigned i = 0; i < RPC_MESSAGE_MAX_FRAMES; i++)
		rpc_frame_put(&b, i + 1, (str){0});
	assert_status(rpc_message_read(buf_str(&b), &head, &frames), CODE_OK);
	rpc_frame_put(&b, 1, (str){0});
	assert_status(rpc_message_read(buf_str(&b), &head, &frames), CODE_INVALID_ARGUMENT);
	buf_fini(&b);
}

TEST_MAIN()
