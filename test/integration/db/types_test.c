#include "test/integration/db/fixture.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static char           url[PG_URL_BYTES];
static struct fixture f;

static int setup(void **state)
{
	(void)state;
	pg_shared_database(url);
	fixture_start(&f, url, (struct db_config){.read_connections = 1, .write_connections = 1});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_stop(&f);
	return 0;
}

/* A fiber only records: assertions jump, which is for the test's own stack. */
static void read_rows(struct job *j)
{
	struct db_args *args = ((void **)j->arg)[1];

	j->st = db_read(f.db, &f.arena, ((void **)j->arg)[0], *args, ((void **)j->arg)[2]);
}

static struct db_rows *rows_of(const struct db_query *q, struct db_args args)
{
	struct db_rows *rows = NULL;
	void           *arg[] = {(void *)(uintptr_t)q, &args, &rows};

	assert_status(job_run(&f, read_rows, arg, 0), CODE_OK);
	return rows;
}

DB_QUERY(scalars, "SELECT $1::bigint, $2::boolean, $3::double precision, $4::text, $5::bytea,"
                  "       $6::bigint[], $7::text[], " DB_US("$8::timestamptz"));

TEST(every_type_comes_back_as_it_went)
{
	static const int64_t ints[] = {INT64_MIN, 0, INT64_MAX};
	const str            texts[] = {STR("a\"b"), STR("\\"),   STR("{,}"), STR(""),
	                                STR("NULL"), STR(" é\n"), STR("'")};
	struct db_rows      *r = rows_of(&scalars, DB_ARGS(DB_I64(INT64_MIN), DB_BOOL(true),
	                                                   DB_DOUBLE(0.1), DB_CSTR("l'été \\ \"x\""),
	                                                   DB_BYTES(((str){"\0\1\\'\xff", 5})),
	                                                   DB_I64S(ints, 3), DB_TEXTS(texts, 7),
	                                                   DB_CSTR("1970-01-02 00:00:00.000001+00")));
	const int64_t       *read_ints;
	const str           *read_texts;
	size_t               n;

	assert_int_equal(db_rows_count(r), 1);
	assert_true(db_rows_i64(r, 0, 0) == INT64_MIN);
	assert_true(db_rows_bool(r, 0, 1));
	assert_true(db_rows_double(r, 0, 2) == 0.1);
	assert_str(db_rows_str(r, 0, 3), "l'été \\ \"x\"");
	assert_string_equal(db_rows_cstr(r, 0, 3), "l'été \\ \"x\"");
	assert_int_equal(db_rows_bytes(r, 0, 4).len, 5);
	assert_memory_equal(db_rows_bytes(r, 0, 4).ptr, "\0\1\\'\xff", 5);
	read_ints = db_rows_i64s(r, 0, 5, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(read_ints, ints, sizeof ints);
	read_texts = db_rows_texts(r, 0, 6, &n);
	assert_int_equal(n, 7);
	for (size_t i = 0; i < n; i++)
		assert_true(str_eq(read_texts[i], texts[i]));
	assert_true(db_rows_us(r, 0, 7) == INT64_C(86400000001));
}

TEST(nulls_stay_nulls)
{
	struct db_rows *r = rows_of(&scalars, DB_ARGS(DB_NULL, DB_NULL, DB_NULL, DB_NULL, DB_NULL,
	                                              DB_NULL, DB_NULL, DB_NULL));
	size_t          n = 9;

	for (unsigned i = 0; i < 8; i++) {
		assert_true(db_rows_is_null(r, 0, i));
		assert_int_equal(db_rows_str(r, 0, i).len, 0);
	}
	assert_int_equal(db_rows_bytes(r, 0, 4).len, 0);
	(void)db_rows_texts(r, 0, 6, &n);
	assert_int_equal(n, 0);
}

TEST(empty_values_are_not_null)
{
	struct db_rows *r =
	        rows_of(&scalars, DB_ARGS(DB_I64(0), DB_BOOL(false), DB_DOUBLE(0), DB_CSTR(""),
	                                  DB_BYTES(((str){NULL, 0})), DB_I64S(NULL, 0),
	                                  DB_TEXTS(NULL, 0), DB_CSTR("epoch")));
	size_t n = 9;

	for (unsigned i = 0; i < 8; i++)
		assert_false(db_rows_is_null(r, 0, i));
	assert_false(db_rows_bool(r, 0, 1));
	(void)db_rows_i64s(r, 0, 5, &n);
	assert_int_equal(n, 0);
	assert_true(db_rows_us(r, 0, 7) == 0);
}

DB_QUERY(doubles, "SELECT $1::float8, $2::float8, $3::float8");

TEST(doubles_without_a_finite_value_come_back)
{
	struct db_rows *r =
	        rows_of(&doubles, DB_ARGS(DB_DOUBLE(NAN), DB_DOUBLE(-INFINITY), DB_DOUBLE(5e-324)));

	assert_true(isnan(db_rows_double(r, 0, 0)));
	assert_true(isinf(db_rows_double(r, 0, 1)));
	assert_true(db_rows_double(r, 0, 2) == 5e-324);
}

DB_QUERY(double_arrays, "SELECT $1::float8[], $2::float8[]");

TEST(arrays_of_doubles_come_back_to_the_last_bit)
{
	static const double items[] = {48.8566, -0.0, 1.0 / 3, 1e-300, -1.7976931348623157e308};
	struct db_rows     *r =
	        rows_of(&double_arrays, DB_ARGS(DB_DOUBLES(items, 5), DB_DOUBLES(NULL, 0)));
	const double *read;
	size_t        n;

	read = db_rows_doubles(r, 0, 0, &n);
	assert_int_equal(n, 5);
	assert_memory_equal(read, items, sizeof items);
	(void)db_rows_doubles(r, 0, 1, &n);
	assert_int_equal(n, 0);
}

DB_QUERY(null_element, "SELECT ARRAY['a', NULL, 'NULL']");
DB_QUERY(many, "SELECT n::bigint FROM generate_series(1, $1::bigint) n WHERE n = ANY ($2)");

TEST(a_null_within_an_array_has_no_pointer)
{
	size_t     n;
	const str *texts = db_rows_texts(rows_of(&null_element, DB_NO_ARGS), 0, 0, &n);

	assert_int_equal(n, 3);
	assert_null(texts[1].ptr);
	assert_str(texts[2], "NULL");
}

TEST(rows_are_counted_and_there_may_be_none)
{
	static const int64_t wanted[] = {2, 3, 99};
	struct db_rows      *r = rows_of(&many, DB_ARGS(DB_I64(10), DB_I64S(wanted, 3)));

	assert_int_equal(db_rows_count(r), 2);
	assert_int_equal(db_rows_i64(r, 1, 0), 3);
	r = rows_of(&many, DB_ARGS(DB_I64(0), DB_I64S(wanted, 3)));
	assert_int_equal(db_rows_count(r), 0);
}

DB_QUERY(big, "SELECT repeat('x', 8000000), $1::text");

TEST(answers_and_parameters_larger_than_socket_buffers_pass)
{
	size_t          n = 8000000;
	char           *text = mem_alloc(n);
	struct db_rows *r;

	memset(text, 'y', n);
	r = rows_of(&big, DB_ARGS(DB_TEXT(((str){text, n}))));
	assert_int_equal(db_rows_str(r, 0, 0).len, n);
	assert_true(str_eq(db_rows_str(r, 0, 1), (str){text, n}));
	mem_free(text);
}

TEST_MAIN(setup, teardown)
