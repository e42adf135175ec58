#include "test/support/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_TESTS = 256 };

static struct CMUnitTest tests[MAX_TESTS];
static size_t            n_tests;

void test_register(const char *name, void (*fn)(void **state))
{
	if (n_tests == MAX_TESTS) {
		fprintf(stderr, "more than %d tests in one file\n", MAX_TESTS);
		_exit(1);
	}
	tests[n_tests++] = (struct CMUnitTest){.name = name, .test_func = fn};
}

int test_run(int argc, char **argv, int (*setup)(void **), int (*teardown)(void **))
{
	size_t kept = 0;

	if (argc > 1) {
		for (size_t i = 0; i < n_tests; i++)
			if (strstr(tests[i].name, argv[1]))
				tests[kept++] = tests[i];
		n_tests = kept;
	}
	if (n_tests == 0) {
		fprintf(stderr, "no test matches\n");
		return 1;
	}
	return _cmocka_run_group_tests(argv[0], tests, n_tests, setup, teardown);
}

void test_assert_status(status st, enum code expected, const char *file, int line)
{
	if (st.code != expected)
		print_error("status is %s (%s), not %s\n", code_name(st.code), st.msg ? st.msg : "",
		            code_name(expected));
	_assert_int_equal((uintmax_t)st.code, (uintmax_t)expected, file, line);
}

void test_assert_str(str s, const char *text, const char *file, int line)
{
	if (!str_eq(s, str_c(text))) {
		print_error("\"%.*s\" is not \"%s\"\n", STR_ARG(s), text);
		_fail(file, line);
	}
}
