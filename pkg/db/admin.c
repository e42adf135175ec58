#include "db/admin.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/blocking.h"
#include "db/query.h"

enum { PATIENCE_MS = 5000 };

status db_admin_exec(const char *url, const char *sql, struct arena *a)
{
	AUTO(db_blocking_finishp) PGconn *pg = NULL;

	TRY(db_blocking_connect(url, 0, clock_after_ms(PATIENCE_MS), a, &pg));
	return db_blocking_exec(pg, sql, a);
}

static status prepare(PGconn *pg, const struct db_query *q, struct arena *a)
{
	AUTO(db_blocking_clearp) PGresult *r = PQprepare(pg, "", q->sql, 0, NULL);
	const char                        *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	if (PQresultStatus(r) == PGRES_COMMAND_OK)
		return STATUS_OK;
	return status_errorf(a, CODE_INTERNAL, "query %s of %s: %s", q->name, q->file,
	                     text ? text : PQerrorMessage(pg));
}

status db_prepare_all(const char *url, struct arena *a, size_t *out_count)
{
	AUTO(db_blocking_finishp) PGconn *pg = NULL;
	size_t                            n;
	const struct db_query *const     *queries = db_queries(&n);

	TRY(db_blocking_connect(url, 0, clock_after_ms(PATIENCE_MS), a, &pg));
	for (size_t i = 0; i < n; i++)
		TRY(prepare(pg, queries[i], a));
	*out_count = n;
	return STATUS_OK;
}
