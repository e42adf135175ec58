#include "test/integration/services/plans.h"

#include "db/query.h"
#include "test/support/pg.h"
#include "test/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void apply(struct sql *sql, const char *settings)
{
	char statement[512];

	snprintf(statement, sizeof statement,
	         "SELECT set_config(m[1], m[2], false)"
	         "  FROM regexp_matches('%s', '-c (\\w+)=(\\S+)', 'g') AS m;",
	         settings);
	sql_run(sql, statement);
}

void plans_open(struct sql *sql, const struct runtime_service *service)
{
	static char  url[PG_URL_BYTES];
	struct arena a;
	unsigned     applied;

	arena_init(&a, 1024 * 1024);
	pg_shared_database(url);
	assert_status(db_migrate(url, service->schema, 30000, &a, &applied), CODE_OK);
	arena_fini(&a);
	sql_open(sql, url);
	apply(sql, service->db_settings ? service->db_settings : "");
}

static const char *find(const char *file, const char *name)
{
	size_t                        n;
	const struct db_query *const *all = db_queries(&n);

	for (size_t i = 0; i < n; i++)
		if (strstr(all[i]->file, file) && strcmp(all[i]->name, name) == 0)
			return all[i]->sql;
	fail_msg("no query %s in %s", name, file);
	return NULL;
}

static const char *explain(struct sql *sql, const struct plans_statement *h, const char *mode,
                           const char *options)
{
	char statements[8192];

	snprintf(statements, sizeof statements,
	         "SET plan_cache_mode = %s; PREPARE q AS %s;"
	         " BEGIN; EXPLAIN (%s) EXECUTE q%s%s%s; ROLLBACK; DEALLOCATE q;",
	         mode, find(h->file, h->name), options, h->parameters ? "(" : "",
	         h->parameters ? h->parameters : "", h->parameters ? ")" : "");
	return sql_run(sql, statements);
}

static void look(struct sql *sql, const struct plans_statement *h, const char *mode)
{
	const char *plan = explain(sql, h, mode, "COSTS OFF");

	if (strstr(plan, "Index") == NULL)
		fail_msg("%s in %s uses no index:\n%s", h->name, h->file, plan);
	if (strstr(plan, "Seq Scan"))
		fail_msg("%s in %s reads a whole table:\n%s", h->name, h->file, plan);
}

void plans_look(struct sql *sql, const struct plans_statement *statement)
{
	look(sql, statement, "force_custom_plan");
	look(sql, statement, "force_generic_plan");
}

/* The greatest number that stands behind a word. */
static long greatest(const char *plan, const char *word)
{
	long most = 0;

	for (const char *at = strstr(plan, word); at; at = strstr(at, word)) {
		at += strlen(word);
		if (strtol(at, NULL, 10) > most)
			most = strtol(at, NULL, 10);
	}
	return most;
}

static void bound(struct sql *sql, const struct plans_statement *h, const char *mode,
                  long most_rows)
{
	const char *plan = explain(sql, h, mode, "ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF");

	assert_non_null(strstr(plan, "rows="));
	if (greatest(plan, "rows=") > most_rows || greatest(plan, "Filter: ") > most_rows)
		fail_msg("%s in %s looks at more than %ld rows:\n%s", h->name, h->file, most_rows,
		         plan);
}

void plans_bound(struct sql *sql, const struct plans_statement *statement, long most_rows)
{
	bound(sql, statement, "force_custom_plan", most_rows);
	bound(sql, statement, "force_generic_plan", most_rows);
}
