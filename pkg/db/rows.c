#include "db/rows.h"

#include "base/mem.h"
#include "db/array.h"
#include "db/query.h"

#include <limits.h>
#include <stdlib.h>

struct db_rows {
	PGresult     *result;
	struct arena *arena;
	size_t        count;
};

static void clear(void *result)
{
	PQclear(result);
}

static size_t count_rows(PGresult *result)
{
	uint64_t n;

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return (size_t)PQntuples(result);
	/* "" for a command that counts nothing. */
	return str_to_u64(str_c(PQcmdTuples(result)), &n) ? (size_t)n : 0;
}

struct db_rows *db_rows_take(struct arena *a, PGresult *result)
{
	struct db_rows *r = arena_alloc(a, sizeof *r);

	*r = (struct db_rows){result, a, count_rows(result)};
	arena_on_reset(a, clear, result);
	return r;
}

size_t db_rows_count(const struct db_rows *r)
{
	return r->count;
}

/* libpq would only print a warning and go on. */
static void check_place(const struct db_rows *r, size_t row, unsigned column)
{
	if (row >= (size_t)PQntuples(r->result) || column >= (unsigned)PQnfields(r->result))
		mem_die("db: no such row or column");
}

bool db_rows_is_null(const struct db_rows *r, size_t row, unsigned column)
{
	check_place(r, row, column);
	return PQgetisnull(r->result, (int)row, (int)column);
}

char *db_rows_cstr(const struct db_rows *r, size_t row, unsigned column)
{
	check_place(r, row, column);
	return PQgetvalue(r->result, (int)row, (int)column);
}

str db_rows_str(const struct db_rows *r, size_t row, unsigned column)
{
	char *value = db_rows_cstr(r, row, column);

	return (str){value, (size_t)PQgetlength(r->result, (int)row, (int)column)};
}

int64_t db_rows_i64(const struct db_rows *r, size_t row, unsigned column)
{
	int64_t v;

	if (!str_to_i64(db_rows_str(r, row, column), &v))
		mem_die("db: a column is NULL or no integer");
	return v;
}

int64_t db_rows_us(const struct db_rows *r, size_t row, unsigned column)
{
	return db_rows_i64(r, row, column);
}

bool db_rows_bool(const struct db_rows *r, size_t row, unsigned column)
{
	str s = db_rows_str(r, row, column);

	if (!str_eq(s, STR("t")) && !str_eq(s, STR("f")))
		mem_die("db: a column is NULL or no boolean");
	return s.ptr[0] == 't';
}

double db_rows_double(const struct db_rows *r, size_t row, unsigned column)
{
	str    s = db_rows_str(r, row, column);
	char  *end;
	double v = strtod(s.ptr, &end);

	if (s.len == 0 || end != s.ptr + s.len)
		mem_die("db: a column is NULL or no number");
	return v;
}

str db_rows_bytes(const struct db_rows *r, size_t row, unsigned column)
{
	str            s = db_rows_str(r, row, column);
	unsigned char *bytes;
	size_t         n;
	str            copy;

	if (db_rows_is_null(r, row, column))
		return s;
	bytes = PQunescapeBytea((const unsigned char *)s.ptr, &n);
	if (bytes == NULL)
		mem_die("out of memory");
	copy = arena_dup(r->arena, (str){(const char *)bytes, n});
	PQfreemem(bytes);
	return copy;
}

const str *db_rows_texts(const struct db_rows *r, size_t row, unsigned column, size_t *out_count)
{
	const str *items;

	if (!db_array_parse(r->arena,
	                    db_rows_is_null(r, row, column) ? "{}" : db_rows_cstr(r, row, column),
	                    &items, out_count))
		mem_die("db: a column is no array of one dimension");
	return items;
}

const int64_t *db_rows_i64s(const struct db_rows *r, size_t row, unsigned column, size_t *out_count)
{
	size_t     n;
	const str *texts = db_rows_texts(r, row, column, &n);
	int64_t   *items = arena_alloc(r->arena, n * sizeof *items);

	for (size_t i = 0; i < n; i++)
		if (!str_to_i64(texts[i], &items[i]))
			mem_die("db: a column is no array of integers");
	*out_count = n;
	return items;
}

const double *db_rows_doubles(const struct db_rows *r, size_t row, unsigned column,
                              size_t *out_count)
{
	const double *items;

	if (!db_array_parse_doubles(
	            r->arena, db_rows_is_null(r, row, column) ? "{}" : db_rows_cstr(r, row, column),
	            &items, out_count))
		mem_die("db: a column is no array of numbers");
	return items;
}
