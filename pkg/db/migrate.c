#include "db/migrate.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/array.h"
#include "db/blocking.h"

#include <string.h>

/*
 * Design notes
 *
 * Runners exclude each other by a lock on the only row of <schema>.migration_lock, held by the
 * transaction that applies a migration: it goes when the runner's connection does, whatever
 * became of the runner, and works through poolers.
 *
 * A "-- no transaction" migration runs on a second connection while the first holds the lock and
 * is otherwise idle. CREATE INDEX CONCURRENTLY waits for every snapshot older than its own: the
 * lock's holder has none between statements, but another runner that waits for the row within a
 * statement has, and both would wait for ever. So runners never wait within a statement: they
 * look (SKIP LOCKED), end the transaction, pause and look again.
 *
 * Such a migration may run twice when the runner dies after it and before it is noted down; it
 * must bear that (DROP INDEX IF EXISTS, then CREATE INDEX).
 */

/* How long a change of a table may hold up those who use it, while it waits for one of them. */
enum { LOCK_TIMEOUT_MS = 5000 };

struct runner {
	PGconn                 *pg;
	const char             *url;
	const struct db_schema *schema;
	int64_t                 deadline_ns;
	struct arena           *arena;
};

/* The schema's name is the program's own and was checked: it may stand in SQL. */
static const char *with_schema(const struct runner *r, const char *fmt)
{
	struct buf  sql;
	const char *copy;

	buf_init(&sql, SIZE_MAX);
	for (; *fmt; fmt++)
		if (*fmt == '@')
			buf_put(&sql, str_c(r->schema->name));
		else
			buf_put_c(&sql, *fmt);
	copy = arena_cstr(r->arena, buf_str(&sql));
	buf_fini(&sql);
	return copy;
}

static status exec(const struct runner *r, const char *sql)
{
	return db_blocking_exec(r->pg, with_schema(r, sql), r->arena);
}

/* ---- before the first migration ---- */

static status has_row(const struct runner *r, const char *sql, bool *out_has)
{
	AUTO(db_blocking_clearp) PGresult *result = NULL;

	TRY(db_blocking_query(r->pg, with_schema(r, sql), 0, NULL, r->arena, &result));
	*out_has = PQntuples(result) > 0;
	return STATUS_OK;
}

static status try_make_tables(const struct runner *r)
{
	bool has_schema;

	/* Not IF NOT EXISTS: that wants the right to create even when there is nothing to do. */
	TRY(has_row(r, "SELECT 1 FROM pg_namespace WHERE nspname = '@'", &has_schema));
	if (!has_schema)
		TRY(exec(r, "CREATE SCHEMA @"));
	return exec(r, "CREATE TABLE @.migrations ("
	               "  number       integer PRIMARY KEY,"
	               "  name         text NOT NULL,"
	               "  sha256       text NOT NULL,"
	               "  applied_time timestamptz NOT NULL DEFAULT now());"
	               "CREATE TABLE @.migration_lock ("
	               "  is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row));"
	               "INSERT INTO @.migration_lock DEFAULT VALUES");
}

static status make_tables(const struct runner *r)
{
	for (;;) {
		bool   has_tables;
		status st;

		TRY(has_row(r, "SELECT 1 WHERE to_regclass('@.migration_lock') IS NOT NULL",
		            &has_tables));
		if (has_tables)
			return STATUS_OK;
		st = try_make_tables(r);
		/* Somebody else does the same at this moment. */
		if (st.code != CODE_ALREADY_EXISTS)
			return st;
		if (!db_blocking_pause(r->deadline_ns))
			return st;
	}
}

/* ---- the lock ---- */

static status lock(const struct runner *r)
{
	for (;;) {
		bool is_ours;

		TRY(exec(r, "BEGIN"));
		TRY(has_row(r, "SELECT 1 FROM @.migration_lock FOR UPDATE SKIP LOCKED", &is_ours));
		if (is_ours)
			return STATUS_OK;
		TRY(exec(r, "ROLLBACK"));
		if (!db_blocking_pause(r->deadline_ns))
			return status_errorf(r->arena, CODE_UNAVAILABLE,
			                     "migrations of %s are being applied by somebody else",
			                     r->schema->name);
	}
}

/* ---- what is applied ---- */

static status query_applied(const struct runner *r, PGresult **out_result)
{
	size_t      n = r->schema->n_migrations;
	str        *names = arena_alloc(r->arena, n * sizeof *names);
	str        *sqls = arena_alloc(r->arena, n * sizeof *sqls);
	const char *values[2];

	for (size_t i = 0; i < n; i++) {
		names[i] = str_c(r->schema->migrations[i].name);
		sqls[i] = r->schema->migrations[i].sql;
	}
	TRY(db_array_print_texts(r->arena, names, n, &values[0]));
	TRY(db_array_print_texts(r->arena, sqls, n, &values[1]));
	return db_blocking_query(
	        r->pg,
	        with_schema(r,
	                    "SELECT m.number, m.name, ours.name IS NULL,"
	                    "       m.name = ours.name AND"
	                    "       m.sha256 = encode(sha256(convert_to(ours.sql, 'UTF8')), 'hex')"
	                    "  FROM @.migrations m"
	                    "  LEFT JOIN unnest($1::text[], $2::text[]) WITH ORDINALITY"
	                    "            AS ours (name, sql, number) USING (number)"
	                    " ORDER BY number"),
	        2, values, r->arena, out_result);
}

/* How many are applied; refuses what does not fit to ours. */
static status count_applied(const struct runner *r, size_t *out_n)
{
	AUTO(db_blocking_clearp) PGresult *rows = NULL;
	int                                n;

	TRY(query_applied(r, &rows));
	n = PQntuples(rows);
	for (int i = 0; i < n; i++) {
		const char *name = PQgetvalue(rows, i, 1);
		uint64_t    number;

		if (!str_to_u64(str_c(PQgetvalue(rows, i, 0)), &number) ||
		    number != (uint64_t)i + 1)
			return status_errorf(r->arena, CODE_FAILED_PRECONDITION,
			                     "%s: a migration before %s is missing in the database",
			                     r->schema->name, name);
		/* A later release has been here. Its schema is compatible with ours: a rolling
		 * restart may start us again. */
		if (*PQgetvalue(rows, i, 2) == 't') {
			*out_n = (size_t)i;
			return STATUS_OK;
		}
		if (*PQgetvalue(rows, i, 3) != 't')
			return status_errorf(r->arena, CODE_FAILED_PRECONDITION,
			                     "%s: migration %s was edited after it was applied",
			                     r->schema->name, name);
	}
	*out_n = (size_t)n;
	return STATUS_OK;
}

/* ---- applying ---- */

static status explain(const struct runner *r, const struct db_migration *m, status st)
{
	if (st.code == CODE_OK)
		return st;
	return status_errorf(r->arena, st.code, "%s: migration %s: %s", r->schema->name, m->name,
	                     st.msg);
}

static status run_in_transaction(const struct runner *r, const struct db_migration *m)
{
	TRY(explain(r, m, db_blocking_exec(r->pg, arena_cstr(r->arena, m->sql), r->arena)));
	if (PQtransactionStatus(r->pg) != PQTRANS_INTRANS)
		return explain(r, m,
		               status_error(CODE_INTERNAL, "ends the transaction it runs in"));
	return STATUS_OK;
}

/* Statements of such a file end with ';' at the end of a line: each must be sent alone. */
static status run_alone(const struct runner *r, const struct db_migration *m)
{
	AUTO(db_blocking_finishp) PGconn *pg = NULL;
	char                             *next = arena_cstr(r->arena, m->sql);

	TRY(db_blocking_connect(r->url, 0, r->deadline_ns, r->arena, &pg));
	/* The portal of the lock holder's last query keeps a snapshot until another takes its
	 * place; that of a simple query is gone at once. */
	TRY(exec(r, "SELECT 1"));
	while (next) {
		char *statement = next, *end = strstr(statement, ";\n");

		next = end ? end + 2 : NULL;
		if (end)
			*end = '\0';
		TRY(explain(r, m, db_blocking_exec(pg, statement, r->arena)));
	}
	return STATUS_OK;
}

/* Within the transaction that holds the lock; the caller commits. */
static status apply(const struct runner *r, size_t index)
{
	const struct db_migration *m = &r->schema->migrations[index];
	const char                *values[] = {arena_printf(r->arena, "%zu", index + 1), m->name,
	                                       arena_cstr(r->arena, m->sql)};
	AUTO(db_blocking_clearp) PGresult *rows = NULL;

	if (str_starts(m->sql, STR("-- no transaction")))
		TRY(run_alone(r, m));
	else
		TRY(run_in_transaction(r, m));
	return db_blocking_query(
	        r->pg,
	        with_schema(r, "INSERT INTO @.migrations (number, name, sha256)"
	                       " VALUES ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))"),
	        3, values, r->arena, &rows);
}

static status check_schema(const struct db_schema *schema, struct arena *a)
{
	const char *const letters = "abcdefghijklmnopqrstuvwxyz_";

	if (schema->name[0] == '\0' || schema->name[strspn(schema->name, letters)] != '\0')
		return status_error(CODE_INVALID_ARGUMENT, "a schema's name has other letters");
	for (size_t i = 0; i < schema->n_migrations; i++) {
		const char *name = schema->migrations[i].name;

		if (strncmp(name, arena_printf(a, "%04zu_", i + 1), 5) != 0)
			return status_errorf(a, CODE_FAILED_PRECONDITION,
			                     "%s: migration %s is not number %zu", schema->name,
			                     name, i + 1);
	}
	return STATUS_OK;
}

status db_migrate(const char *url, const struct db_schema *schema, uint32_t timeout_ms,
                  struct arena *a, unsigned *out_applied)
{
	AUTO(db_blocking_finishp) PGconn *pg = NULL;
	struct runner                     r = {.url = url,
	                                       .schema = schema,
	                                       .deadline_ns = clock_after_ms(timeout_ms),
	                                       .arena = a};
	unsigned                          n = 0;

	TRY(check_schema(schema, a));
	TRY(db_blocking_connect(url, LOCK_TIMEOUT_MS, r.deadline_ns, a, &pg));
	r.pg = pg;
	/* On an error the open transaction goes with the connection. */
	TRY(make_tables(&r));
	for (;; n++) {
		size_t n_applied = 0;

		TRY(lock(&r));
		TRY(count_applied(&r, &n_applied));
		if (n_applied == schema->n_migrations)
			break;
		TRY(apply(&r, n_applied));
		TRY(exec(&r, "COMMIT"));
	}
	TRY(exec(&r, "ROLLBACK"));
	*out_applied = n;
	return STATUS_OK;
}
