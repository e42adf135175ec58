#include "db/blocking.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/conninfo.h"
#include "db/pgerr.h"

#include <string.h>
#include <time.h>

enum { ATTEMPT_S = 2, PAUSE_MS = 50 };

void db_blocking_finishp(PGconn **pg)
{
	PQfinish(*pg);
	*pg = NULL;
}

void db_blocking_clearp(PGresult **result)
{
	PQclear(*result);
	*result = NULL;
}

bool db_blocking_pause(int64_t deadline_ns)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * CLOCK_NS_PER_MS};

	if (clock_now_ns() >= deadline_ns)
		return false;
	/* A signal ends it early, which does no harm. */
	(void)nanosleep(&pause, NULL);
	return true;
}

static void ignore_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

status db_blocking_connect(const char *url, uint32_t lock_timeout_ms, int64_t deadline_ns,
                           struct arena *a, PGconn **out_pg)
{
	const struct db_conninfo_options options = {.application_name = "canaduck",
	                                            .lock_timeout_ms = lock_timeout_ms,
	                                            .connect_timeout_s = ATTEMPT_S};
	struct db_conninfo               info;

	TRY(db_conninfo_parse(a, url, &options, &info));
	for (;;) {
		PGconn *pg = PQconnectdbParams(info.keys, info.values, 0);
		status  st;

		if (pg == NULL)
			mem_die("out of memory");
		if (PQstatus(pg) == CONNECTION_OK) {
			PQsetNoticeReceiver(pg, ignore_notice, NULL);
			*out_pg = pg;
			return STATUS_OK;
		}
		st = status_errorf(a, CODE_UNAVAILABLE, "%.*s",
		                   (int)strcspn(PQerrorMessage(pg), "\n"), PQerrorMessage(pg));
		PQfinish(pg);
		if (!db_blocking_pause(deadline_ns))
			return st;
	}
}

/* The code of SQLSTATE, and unlike for callers of services the server's words. */
static status result_status(PGconn *pg, const PGresult *r, struct arena *a)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	status      st;

	switch (PQresultStatus(r)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_EMPTY_QUERY:
		return STATUS_OK;
	default:
		break;
	}
	if (state == NULL)
		return status_errorf(a, CODE_UNAVAILABLE, "%.*s",
		                     (int)strcspn(PQerrorMessage(pg), "\n"), PQerrorMessage(pg));
	st = db_pgerr_status(a, state, "");
	return status_errorf(a, st.code, "%s (%s)", text ? text : st.msg, state);
}

status db_blocking_exec(PGconn *pg, const char *sql, struct arena *a)
{
	AUTO(db_blocking_clearp) PGresult *r = PQexec(pg, sql);

	return result_status(pg, r, a);
}

status db_blocking_query(PGconn *pg, const char *sql, int n, const char *const *values,
                         struct arena *a, PGresult **out_result)
{
	PGresult *r = PQexecParams(pg, sql, n, NULL, values, NULL, NULL, 0);
	status    st = result_status(pg, r, a);

	if (st.code != CODE_OK) {
		PQclear(r);
		return st;
	}
	*out_result = r;
	return STATUS_OK;
}
