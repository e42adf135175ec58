/*
 * support/test.h - the one includer of cmocka, and what every test file needs of it.
 *
 * A test is TEST(a_sentence_that_is_claimed) { ... }; it registers itself, and
 * TEST_MAIN() at the end of the file runs all of them, or those whose name contains
 * argv[1]. Assertions jump: use them on the test's own thread only.
 */
#ifndef TEST_SUPPORT_TEST_H
#define TEST_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/status.h"
#include "base/str.h"

/* Registers a test; called before main() by TEST(). At most 256 a file. */
void test_register(const char *name, void (*fn)(void **state));

/* Runs what is registered between the group's set-up and tear-down (either may be NULL). */
int test_run(int argc, char **argv, int (*setup)(void **), int (*teardown)(void **));

#define TEST(name)                                                                                 \
	static void                              name(void **state);                               \
	__attribute__((constructor)) static void register_##name(void)                             \
	{                                                                                          \
		test_register(#name, name);                                                        \
	}                                                                                          \
	static void name(void **state __attribute__((unused)))

#define TEST_MAIN(...) TEST_MAIN_(__VA_ARGS__ __VA_OPT__(, ) NULL, NULL, 0)
#define TEST_MAIN_(setup, teardown, ...)                                                           \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		return test_run(argc, argv, setup, teardown);                                      \
	}

/* The code is the expected one; prints the message otherwise. */
#define assert_status(st, expected) test_assert_status((st), (expected), __FILE__, __LINE__)
void test_assert_status(status st, enum code expected, const char *file, int line);

/* The slice holds exactly the text. */
#define assert_str(s, text) test_assert_str((s), (text), __FILE__, __LINE__)
void test_assert_str(str s, const char *text, const char *file, int line);

#endif
