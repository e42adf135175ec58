#include "db/pgerr.h"

#include "test/support/test.h"

#include <string.h>

TEST(every_state_has_its_code)
{
	static const struct {
		const char *state;
		enum code   code;
		bool        is_retryable;
	} cases[] = {
	        {"08006", CODE_UNAVAILABLE, false},
	        {"22001", CODE_INVALID_ARGUMENT, false},
	        {"22P02", CODE_INVALID_ARGUMENT, false},
	        {"23502", CODE_INTERNAL, false},
	        {"23503", CODE_FAILED_PRECONDITION, false},
	        {"23505", CODE_ALREADY_EXISTS, false},
	        {"23514", CODE_INVALID_ARGUMENT, false},
	        {"25006", CODE_INTERNAL, false},
	        {"25P03", CODE_UNAVAILABLE, false},
	        {"40001", CODE_ABORTED, true},
	        {"40P01", CODE_ABORTED, true},
	        {"42501", CODE_INTERNAL, false},
	        {"42703", CODE_INTERNAL, false},
	        {"42710", CODE_ALREADY_EXISTS, false},
	        {"53300", CODE_UNAVAILABLE, false},
	        {"55P03", CODE_UNAVAILABLE, false},
	        {"57014", CODE_DEADLINE_EXCEEDED, false},
	        {"57P01", CODE_UNAVAILABLE, false},
	        {"57P03", CODE_UNAVAILABLE, false},
	        {"P0001", CODE_INTERNAL, false},
	        {"XX000", CODE_INTERNAL, false},
	};
	struct arena a;

	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		status st = db_pgerr_status(&a, cases[i].state, "get_account");

		if (st.code != cases[i].code)
			fail_msg("%s is %s", cases[i].state, code_name(st.code));
		assert_int_equal(db_pgerr_is_retryable(cases[i].state), cases[i].is_retryable);
		assert_non_null(st.msg);
		/* Only our own mistakes say where they are. */
		assert_int_equal(strstr(st.msg, "get_account") != NULL, st.code == CODE_INTERNAL);
	}
	arena_fini(&a);
}

TEST_MAIN()
