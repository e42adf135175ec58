#include "base/buf.h"

#include <string.h>

#include "base/mem.h"
#include "test/support/test.h"

TEST(puts_append_in_order)
{
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 1000);
	buf_put(&b, STR("a"));
	buf_put_c(&b, 'b');
	buf_put_bytes(&b, "cde", 2);
	buf_put(&b, (str){NULL, 0});
	buf_put_bytes(&b, NULL, 0);
	buf_printf(&b, "%s%d", "-", 42);
	assert_str(buf_str(&b), "abcd-42");
	assert_status(buf_status(&b), CODE_OK);
}

TEST(numbers_print_to_their_limits)
{
	static const struct {
		int64_t     i;
		const char *text;
	} cases[] = {
	        {0, "0"},
	        {9, "9"},
	        {10, "10"},
	        {-1, "-1"},
	        {INT64_MAX, "9223372036854775807"},
	        {INT64_MIN, "-9223372036854775808"},
	};
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_reset(&b);
		buf_put_i64(&b, cases[i].i);
		assert_str(buf_str(&b), cases[i].text);
	}
	buf_reset(&b);
	buf_put_u64(&b, UINT64_MAX);
	assert_str(buf_str(&b), "18446744073709551615");
}

TEST(a_buffer_fills_to_exactly_its_ceiling)
{
	static const size_t ceilings[] = {1, 7, 255, 256, 257, 1000, 4096};

	for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
		AUTO(buf_fini) struct buf b;

		buf_init(&b, ceilings[i]);
		for (size_t n = 0; n < ceilings[i]; n++)
			buf_put_c(&b, 'x');
		assert_status(buf_status(&b), CODE_OK);
		assert_int_equal(buf_str(&b).len, ceilings[i]);
		buf_put_c(&b, 'y');
		assert_status(buf_status(&b), CODE_RESOURCE_EXHAUSTED);
		assert_int_equal(buf_str(&b).len, ceilings[i]);
	}
}

TEST(printf_may_fill_a_buffer_to_exactly_its_ceiling)
{
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 300);
	buf_printf(&b, "%0300d", 1);
	assert_status(buf_status(&b), CODE_OK);
	assert_int_equal(buf_str(&b).len, 300);
	buf_printf(&b, "%s", "");
	assert_status(buf_status(&b), CODE_OK);
	buf_printf(&b, "%s", "z");
	assert_status(buf_status(&b), CODE_RESOURCE_EXHAUSTED);
}

TEST(the_error_sticks_and_nothing_is_stored_after_it)
{
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 4);
	buf_put(&b, STR("ab"));
	buf_put(&b, STR("cde"));
	buf_put_c(&b, 'f');
	buf_printf(&b, "g");
	assert_null(buf_reserve(&b, 1));
	assert_str(buf_str(&b), "ab");
	assert_status(buf_status(&b), CODE_RESOURCE_EXHAUSTED);
	buf_reset(&b);
	buf_put(&b, STR("wxyz"));
	assert_status(buf_status(&b), CODE_OK);
	assert_str(buf_str(&b), "wxyz");
}

TEST(sizes_that_would_wrap_are_refused)
{
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 16);
	buf_put(&b, STR("abc"));
	assert_null(buf_reserve(&b, SIZE_MAX));
	buf_reset(&b);
	buf_put(&b, STR("abc"));
	assert_null(buf_reserve(&b, SIZE_MAX - 2));
}

TEST(a_ceiling_without_a_limit_still_grows)
{
	AUTO(buf_fini) struct buf b;

	buf_init(&b, SIZE_MAX);
	for (int i = 0; i < 100; i++)
		buf_printf(&b, "%0100d", i);
	assert_status(buf_status(&b), CODE_OK);
	assert_int_equal(buf_str(&b).len, 10000);
}

TEST(reserve_and_commit_take_what_the_caller_wrote)
{
	AUTO(buf_fini) struct buf b;
	char                     *room;

	buf_init(&b, 1000);
	assert_non_null(buf_reserve(&b, 0));
	room = buf_reserve(&b, 500);
	assert_non_null(room);
	memset(room, 'r', 500);
	assert_int_equal(buf_str(&b).len, 0);
	buf_commit(&b, 3);
	assert_str(buf_str(&b), "rrr");
}

TEST(consume_removes_from_the_front)
{
	static const struct {
		size_t      n;
		const char *left;
	} cases[] = {{0, "abcdef"}, {2, "cdef"}, {6, ""}, {7, ""}, {SIZE_MAX, ""}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(buf_fini) struct buf b;

		buf_init(&b, 100);
		buf_put(&b, STR("abcdef"));
		buf_consume(&b, cases[i].n);
		assert_str(buf_str(&b), cases[i].left);
	}
}

TEST(take_moves_the_memory_out_and_leaves_a_usable_buffer)
{
	AUTO(buf_fini) struct buf b;
	size_t                    len = 99;
	char                     *p;

	buf_init(&b, 100);
	assert_null(buf_take(&b, &len));
	assert_int_equal(len, 0);
	buf_put(&b, STR("first"));
	p = buf_take(&b, &len);
	assert_int_equal(len, 5);
	assert_memory_equal(p, "first", 5);
	mem_free(p);
	buf_put(&b, STR("second"));
	assert_str(buf_str(&b), "second");
}

TEST_MAIN()
