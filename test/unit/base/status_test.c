#include "base/status.h"

#include "base/arena.h"
#include "test/support/test.h"

TEST(code_name_knows_every_code_and_no_other)
{
	static const char *const names[] = {
	        "OK",
	        "CANCELLED",
	        "UNKNOWN",
	        "INVALID_ARGUMENT",
	        "DEADLINE_EXCEEDED",
	        "NOT_FOUND",
	        "ALREADY_EXISTS",
	        "PERMISSION_DENIED",
	        "RESOURCE_EXHAUSTED",
	        "FAILED_PRECONDITION",
	        "ABORTED",
	        "OUT_OF_RANGE",
	        "UNIMPLEMENTED",
	        "INTERNAL",
	        "UNAVAILABLE",
	        "DATA_LOSS",
	        "UNAUTHENTICATED",
	};

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		assert_string_equal(code_name((enum code)i), names[i]);
	assert_string_equal(code_name((enum code)17), "UNKNOWN");
	assert_string_equal(code_name((enum code) - 1), "UNKNOWN");
}

static status count(status st, int *calls)
{
	TRY(st);
	(*calls)++;
	return STATUS_OK;
}

TEST(try_returns_the_failure_and_goes_on_otherwise)
{
	int calls = 0;

	assert_status(count(status_error(CODE_ABORTED, "x"), &calls), CODE_ABORTED);
	assert_int_equal(calls, 0);
	assert_status(count(STATUS_OK, &calls), CODE_OK);
	assert_int_equal(calls, 1);
}

TEST(errorf_formats_into_the_arena)
{
	struct arena a;
	status       st;

	arena_init(&a, 0);
	st = status_errorf(&a, CODE_NOT_FOUND, "no user %d", 7);
	assert_status(st, CODE_NOT_FOUND);
	assert_string_equal(st.msg, "no user 7");
	arena_fini(&a);
}

TEST_MAIN()
