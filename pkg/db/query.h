/*
 * db/query.h - SQL statements with typed parameters and rows.
 *
 * A query stands in the file of the RPC that runs it. It is prepared once per connection on first
 * use; a pointer to each lies in the ELF section "db_queries", so that a test prepares them all
 * against the migrated schema.
 *
 *     DB_QUERY(get_account, "SELECT id, pseudo FROM users.accounts WHERE id = $1");
 *
 *     TRY(db_read(app->db, &call->arena, &get_account, DB_ARGS(DB_I64(id)), &rows));
 */
#ifndef DB_QUERY_H
#define DB_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct db_query {
	const char *name; /* for errors and metrics */
	const char *sql;
	const char *file; /* where it stands */
};

#define DB_QUERY(ident, sql_)                                                                        \
	static const struct db_query        ident = {.name = #ident, .sql = sql_, .file = __FILE__}; \
	static const struct db_query *const db_query_##ident                                         \
	        __attribute__((used, section("db_queries"))) = &ident

/* All queries linked into this program. */
const struct db_query *const *db_queries(size_t *out_count);

/* ---- parameters ---- */

struct db_arg {
	enum {
		DB_ARG_NULL,
		DB_ARG_I64,
		DB_ARG_BOOL,
		DB_ARG_DOUBLE,
		DB_ARG_TEXT,
		DB_ARG_BYTES,
		DB_ARG_I64_ARRAY,
		DB_ARG_DOUBLE_ARRAY,
		DB_ARG_TEXT_ARRAY
	} type;
	size_t count; /* of an array */
	union {
		int64_t        i;
		bool           b;
		double         d;
		str            s;
		const int64_t *ints;
		const double  *doubles; /* finite */
		const str     *texts;
	};
};

struct db_args {
	const struct db_arg *items;
	unsigned             count;
};

#define DB_NULL       ((struct db_arg){.type = DB_ARG_NULL})
#define DB_I64(v)     ((struct db_arg){.type = DB_ARG_I64, .i = (v)})
#define DB_BOOL(v)    ((struct db_arg){.type = DB_ARG_BOOL, .b = (v)})
#define DB_DOUBLE(v)  ((struct db_arg){.type = DB_ARG_DOUBLE, .d = (v)})
#define DB_TEXT(v)    ((struct db_arg){.type = DB_ARG_TEXT, .s = (v)})
#define DB_CSTR(v)    DB_TEXT(str_c(v))
#define DB_BYTES(v)   ((struct db_arg){.type = DB_ARG_BYTES, .s = (v)}) /* bytea */
#define DB_I64S(p, n) ((struct db_arg){.type = DB_ARG_I64_ARRAY, .count = (n), .ints = (p)})
#define DB_DOUBLES(p, n)                                                                           \
	((struct db_arg){.type = DB_ARG_DOUBLE_ARRAY, .count = (n), .doubles = (p)})
#define DB_TEXTS(p, n) ((struct db_arg){.type = DB_ARG_TEXT_ARRAY, .count = (n), .texts = (p)})
/* NULL when the pointer is: optional text of a proto message. */
#define DB_CSTR_OR_NULL(v) ((v) ? DB_CSTR(v) : DB_NULL)

#define DB_ARGS(...)                                                                               \
	((struct db_args){(const struct db_arg[]){__VA_ARGS__},                                    \
	                  sizeof((const struct db_arg[]){__VA_ARGS__}) / sizeof(struct db_arg)})
#define DB_NO_ARGS ((struct db_args){NULL, 0})

/* ---- rows ---- */

struct db_rows; /* lives in the arena it was asked for */

/* How many rows came back; for a write without RETURNING, how many were changed. */
size_t db_rows_count(const struct db_rows *r);

/* A column of a row, both from 0. A wrong index or type is our own mistake and dies. */
bool    db_rows_is_null(const struct db_rows *r, size_t row, unsigned column);
int64_t db_rows_i64(const struct db_rows *r, size_t row, unsigned column);
bool    db_rows_bool(const struct db_rows *r, size_t row, unsigned column);
double  db_rows_double(const struct db_rows *r, size_t row, unsigned column);

/* Text, NUL-terminated at .ptr[.len], borrowed from the rows; an empty slice for NULL. */
str db_rows_str(const struct db_rows *r, size_t row, unsigned column);

/* The same as char * for a proto field (protobuf-c's are not const; never write to it). */
char *db_rows_cstr(const struct db_rows *r, size_t row, unsigned column);

/* bytea, decoded into the rows' arena. */
str db_rows_bytes(const struct db_rows *r, size_t row, unsigned column);

/* timestamptz as microseconds since 1970. The query must select it as such (see DB_US). */
int64_t db_rows_us(const struct db_rows *r, size_t row, unsigned column);

/* SQL for a timestamptz column as microseconds since 1970: "SELECT " DB_US("created_time"). */
#define DB_US(column) "(extract(epoch FROM " column ") * 1000000)::int8"

/* A text[], int8[] or float8[] column as an array in the rows' arena. */
const str *db_rows_texts(const struct db_rows *r, size_t row, unsigned column, size_t *out_count);
const int64_t *db_rows_i64s(const struct db_rows *r, size_t row, unsigned column,
                            size_t *out_count);
const double  *db_rows_doubles(const struct db_rows *r, size_t row, unsigned column,
                               size_t *out_count);

#endif
