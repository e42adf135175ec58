#include "edge/ws_frame.h"

#include "edge/ws_queue.h"
#include "test/support/test.h"

#include <string.h>

static void check_header(size_t len, const char *expected, size_t n)
{
	static char           text[70000];
	struct edge_ws_frame *f;

	memset(text, 'x', sizeof text);
	f = edge_ws_frame_text((str){text, len});
	assert_int_equal(f->len, n + len);
	assert_memory_equal(f->bytes, expected, n);
	if (len > 0)
		assert_memory_equal(f->bytes + n, text, len);
	edge_ws_frame_unref(f);
}

/* RFC 6455 5.2 */
TEST(the_length_has_the_shortest_form)
{
	check_header(0, "\x81\x00", 2);
	check_header(125, "\x81\x7d", 2);
	check_header(126, "\x81\x7e\x00\x7e", 4);
	check_header(65535, "\x81\x7e\xff\xff", 4);
	check_header(65536, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10);
}

TEST(a_close_has_its_code_and_at_most_123_bytes_of_reason)
{
	struct edge_ws_frame *f = edge_ws_frame_close(4401, STR("over"));
	char                  reason[200];

	assert_int_equal(f->len, 8);
	assert_memory_equal(f->bytes, "\x88\x06\x11\x31over", 8);
	edge_ws_frame_unref(f);
	memset(reason, 'r', sizeof reason);
	f = edge_ws_frame_close(1012, (str){reason, sizeof reason});
	assert_int_equal(f->len, 2 + 125);
	edge_ws_frame_unref(f);
	f = edge_ws_frame_ping();
	assert_int_equal(f->len, 2);
	assert_memory_equal(f->bytes, "\x89\x00", 2);
	edge_ws_frame_unref(f);
}

TEST(a_queue_keeps_order_and_its_bound)
{
	struct edge_ws_queue  q = {.max_bytes = 100};
	struct edge_ws_frame *f[10];

	for (int i = 0; i < 10; i++)
		f[i] = edge_ws_frame_raw((str){"0123456789abcdef", (size_t)(i < 9 ? 11 : 1)});
	for (int i = 0; i < 9; i++)
		assert_true(edge_ws_queue_add(&q, f[i]));
	assert_true(edge_ws_queue_add(&q, f[9]));
	assert_false(edge_ws_queue_add(&q, f[9]));
	assert_int_equal(edge_ws_queue_begin(&q, 4), 4);
	for (unsigned i = 0; i < 10; i++)
		assert_ptr_equal(edge_ws_queue_at(&q, i), f[i]);
	edge_ws_queue_end(&q);
	assert_int_equal(q.bytes, 5 * 11 + 1);
	assert_ptr_equal(edge_ws_queue_at(&q, 0), f[4]);
	edge_ws_queue_fini(&q);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(f[i]->refs, 1);
		edge_ws_frame_unref(f[i]);
	}
}

TEST(what_is_on_its_way_is_not_dropped)
{
	struct edge_ws_queue  q = {.max_bytes = 100};
	struct edge_ws_frame *f = edge_ws_frame_raw(STR("frame"));
	struct edge_ws_frame *last = edge_ws_frame_close(1013, STR("slow"));

	for (int i = 0; i < 7; i++)
		assert_true(edge_ws_queue_add(&q, f));
	assert_int_equal(edge_ws_queue_begin(&q, 2), 2);
	edge_ws_queue_drop(&q);
	assert_int_equal(q.n, 2);
	assert_int_equal(f->refs, 3);
	q.max_bytes = 0;
	edge_ws_queue_force(&q, last);
	edge_ws_queue_end(&q);
	assert_int_equal(q.n, 1);
	assert_ptr_equal(edge_ws_queue_at(&q, 0), last);
	edge_ws_queue_fini(&q);
	assert_int_equal(f->refs, 1);
	edge_ws_frame_unref(f);
	edge_ws_frame_unref(last);
}

/* The ring goes round many times, growing while it holds something. */
TEST(a_queue_goes_round)
{
	struct edge_ws_queue  q = {.max_bytes = 1000000};
	struct edge_ws_frame *f[64];
	unsigned              in = 0, out = 0;

	for (int i = 0; i < 64; i++)
		f[i] = edge_ws_frame_raw(STR("frame"));
	for (int round = 0; round < 1000; round++) {
		for (int i = 0; i < round % 17; i++)
			assert_true(edge_ws_queue_add(&q, f[in++ % 64]));
		for (unsigned i = edge_ws_queue_begin(&q, 9), k = 0; k < i; k++)
			assert_ptr_equal(edge_ws_queue_at(&q, k), f[out++ % 64]);
		edge_ws_queue_end(&q);
	}
	assert_int_equal(q.n, in - out);
	edge_ws_queue_fini(&q);
	for (int i = 0; i < 64; i++) {
		assert_int_equal(f[i]->refs, 1);
		edge_ws_frame_unref(f[i]);
	}
}

TEST_MAIN()
