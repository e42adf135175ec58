#include "db/args.h"

#include "test/support/test.h"

#include <math.h>
#include <string.h>

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

TEST(every_type_has_its_text)
{
	static const int64_t ints[] = {1, 2};
	static const double  doubles[] = {-0.5, 3};
	static const str     texts[] = {{"a", 1}, {"b", 1}};
	const struct {
		struct db_arg arg;
		const char   *text;
	} cases[] = {
	        {DB_NULL, NULL},
	        {DB_I64(INT64_MIN), "-9223372036854775808"},
	        {DB_BOOL(true), "t"},
	        {DB_BOOL(false), "f"},
	        {DB_DOUBLE(0.1), "0.1"},
	        {DB_DOUBLE(-1e300), "-1e+300"},
	        {DB_DOUBLE(NAN), "NaN"},
	        {DB_DOUBLE(-NAN), "NaN"},
	        {DB_DOUBLE(INFINITY), "Infinity"},
	        {DB_DOUBLE(-INFINITY), "-Infinity"},
	        {DB_CSTR(""), ""},
	        {DB_TEXT(((str){NULL, 0})), ""},
	        {DB_TEXT(((str){"abc", 2})), "ab"},
	        {DB_CSTR_OR_NULL((const char *)NULL), NULL},
	        {DB_I64S(ints, 2), "{1,2}"},
	        {DB_DOUBLES(doubles, 2), "{-0.5,3}"},
	        {DB_TEXTS(texts, 2), "{\"a\",\"b\"}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct db_params p;

		assert_status(db_args_encode(&arena, DB_ARGS(cases[i].arg), &p), CODE_OK);
		assert_int_equal(p.n, 1);
		assert_int_equal(p.formats[0], 0);
		if (cases[i].text)
			assert_string_equal(p.values[0], cases[i].text);
		else
			assert_null(p.values[0]);
	}
}

TEST(bytes_go_binary_and_none_are_not_null)
{
	struct db_params p;

	assert_status(db_args_encode(&arena,
	                             DB_ARGS(DB_BYTES(((str){"\0\xff", 2})),
	                                     DB_BYTES(((str){NULL, 0})), DB_I64(1)),
	                             &p),
	              CODE_OK);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.formats[0], 1);
	assert_int_equal(p.lengths[0], 2);
	assert_memory_equal(p.values[0], "\0\xff", 2);
	assert_int_equal(p.formats[1], 1);
	assert_int_equal(p.lengths[1], 0);
	assert_non_null(p.values[1]);
	assert_int_equal(p.formats[2], 0);
}

TEST(text_with_a_nul_is_refused_rather_than_cut)
{
	struct db_params p;

	assert_status(db_args_encode(&arena, DB_ARGS(DB_TEXT(((str){"a\0b", 3}))), &p),
	              CODE_INVALID_ARGUMENT);
}

TEST(no_arguments_are_fine)
{
	struct db_params p;

	assert_status(db_args_encode(&arena, DB_NO_ARGS, &p), CODE_OK);
	assert_int_equal(p.n, 0);
}

TEST_MAIN(setup, teardown)
