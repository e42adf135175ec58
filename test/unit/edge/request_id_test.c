#include "edge/request_id.h"

#include "test/support/test.h"

#include <string.h>

enum { SOME = 3 * EDGE_REQUEST_IDS_DRAWN + 1 };

TEST(an_id_is_32_hexadecimal_digits)
{
	struct edge_request_ids ids = {0};
	struct arena            a;
	str                     id;

	arena_init(&a, 1024);
	id = edge_request_id_new(&ids, &a);
	assert_int_equal(id.len, 32);
	for (size_t i = 0; i < id.len; i++)
		assert_non_null(memchr("0123456789abcdef", id.ptr[i], 16));
	arena_fini(&a);
}

TEST(no_id_comes_twice_however_many_were_drawn_at_once)
{
	struct edge_request_ids ids = {0};
	struct arena            a;
	str                     all[SOME];

	arena_init(&a, (size_t)SOME * 64);
	for (int i = 0; i < SOME; i++) {
		all[i] = edge_request_id_new(&ids, &a);
		for (int j = 0; j < i; j++)
			assert_false(str_eq(all[i], all[j]));
	}
	arena_fini(&a);
}

TEST(two_loops_give_different_ids)
{
	struct edge_request_ids one = {0}, other = {0};
	struct arena            a;

	arena_init(&a, 1024);
	assert_false(str_eq(edge_request_id_new(&one, &a), edge_request_id_new(&other, &a)));
	arena_fini(&a);
}

TEST_MAIN()
