#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "test/support/test.h"

static bool is_aligned(const void *p)
{
	return (uintptr_t)p % alignof(max_align_t) == 0;
}

TEST(every_allocation_is_aligned_for_any_type)
{
	struct arena a;

	arena_init(&a, 0);
	for (size_t n = 0; n < 200; n++) {
		char *p = arena_alloc(&a, n);

		assert_true(is_aligned(p));
		memset(p, 0x5a, n);
	}
	assert_true(is_aligned(arena_alloc(&a, 100000)));
	assert_true(is_aligned(arena_alloc(&a, 1)));
	arena_fini(&a);
}

TEST(allocations_do_not_overlap)
{
	struct arena   a;
	unsigned char *blocks[300];

	arena_init(&a, 0);
	for (size_t i = 0; i < 300; i++) {
		blocks[i] = arena_alloc(&a, i + 1);
		memset(blocks[i], (int)(i & 0xff), i + 1);
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t j = 0; j <= i; j++)
			assert_int_equal(blocks[i][j], i & 0xff);
	arena_fini(&a);
}

TEST(zalloc_clears_memory_that_was_used_before)
{
	static const char zeros[64];
	struct arena      a;

	arena_init(&a, 0);
	memset(arena_alloc(&a, sizeof zeros), 0xff, sizeof zeros);
	arena_reset(&a);
	assert_memory_equal(arena_zalloc(&a, sizeof zeros), zeros, sizeof zeros);
	arena_fini(&a);
}

TEST(try_alloc_stops_at_the_ceiling_and_alloc_does_not)
{
	struct arena a;

	arena_init(&a, 256);
	assert_null(arena_try_alloc(&a, 257));
	assert_null(arena_try_alloc(&a, SIZE_MAX));
	assert_non_null(arena_try_alloc(&a, 128));
	assert_null(arena_try_alloc(&a, 129));
	assert_non_null(arena_try_alloc(&a, 128));
	assert_null(arena_try_alloc(&a, 1));
	assert_non_null(arena_alloc(&a, 1000));
	assert_null(arena_try_alloc(&a, 0x1));
	arena_reset(&a);
	assert_non_null(arena_try_alloc(&a, 256));
	arena_fini(&a);
}

TEST(reset_reuses_an_ordinary_chunk_and_gives_a_large_one_back)
{
	struct arena a;
	char        *first;

	arena_init(&a, 0);
	first = arena_alloc(&a, 16);
	for (int i = 0; i < 10; i++)
		arena_alloc(&a, 4000);
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 16), first);
	assert_int_equal(a.used, 16);
	arena_fini(&a);
	arena_alloc(&a, 1 << 20);
	arena_reset(&a);
	assert_null(a.chunk);
	arena_fini(&a);
}

struct trace {
	char   seen[8];
	size_t n;
};

struct note {
	struct trace *trace;
	char          letter;
};

static void on_reset(void *arg)
{
	struct note *note = arg;

	note->trace->seen[note->trace->n++] = note->letter;
}

TEST(cleanups_run_once_newest_first_on_reset_and_on_fini)
{
	struct arena a;
	struct trace trace = {.n = 0};
	struct note  notes[] = {{&trace, 'a'}, {&trace, 'b'}, {&trace, 'c'}};

	arena_init(&a, 0);
	for (size_t i = 0; i < 3; i++)
		arena_on_reset(&a, on_reset, &notes[i]);
	arena_reset(&a);
	assert_string_equal(trace.seen, "cba");
	arena_reset(&a);
	assert_int_equal(trace.n, 3);
	arena_on_reset(&a, on_reset, &notes[1]);
	arena_fini(&a);
	assert_string_equal(trace.seen, "cbab");
}

TEST(a_cleanup_may_read_what_the_arena_holds)
{
	struct arena a;
	struct trace trace = {.n = 0};
	struct note *note;

	arena_init(&a, 0);
	note = arena_alloc(&a, sizeof *note);
	*note = (struct note){&trace, 'x'};
	arena_on_reset(&a, on_reset, note);
	arena_alloc(&a, 100000);
	arena_fini(&a);
	assert_string_equal(trace.seen, "x");
}

TEST(a_zeroed_arena_can_be_reset_and_ended)
{
	struct arena a = {0};

	arena_reset(&a);
	arena_fini(&a);
	arena_fini(&a);
}

TEST(copies_are_ended_by_a_nul_and_empty_slices_are_fine)
{
	struct arena a;

	arena_init(&a, 0);
	assert_string_equal(arena_cstr(&a, STR("duck")), "duck");
	assert_string_equal(arena_cstr(&a, (str){NULL, 0}), "");
	assert_str(arena_dup(&a, STR("pond")), "pond");
	assert_str(arena_dup(&a, (str){NULL, 0}), "");
	arena_fini(&a);
}

TEST(printf_formats_texts_of_any_length)
{
	struct arena a;
	char        *p;

	arena_init(&a, 0);
	assert_string_equal(arena_printf(&a, "%s-%d", "a", 7), "a-7");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	p = arena_printf(&a, "%10000d", 1);
	assert_int_equal(strlen(p), 10000);
	assert_int_equal(p[9999], '1');
	arena_fini(&a);
}

TEST_MAIN()
