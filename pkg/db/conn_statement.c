#include "db/conn.h"

#include "base/clock.h"
#include "db/pgerr.h"
#include "db/query.h"
#include "fiber/fiber.h"

/* The fiber's side of a statement: sends it, waits, and tells what became of it. */

static struct db_conn_answer ended(enum db_conn_end end, enum code code, const char *msg)
{
	return (struct db_conn_answer){.end = end, .st = status_error(code, msg)};
}

status db_conn_may_send(void)
{
	if (fiber_is_cancelled())
		return status_error(CODE_CANCELLED, "cancelled");
	if (fiber_deadline_ns() <= clock_now_ns())
		return status_error(CODE_UNAVAILABLE, "no time was left to ask the database");
	return STATUS_OK;
}

/* Within a fiber whose time is up nothing is sent any more. */
static bool may_send(struct db_conn_answer *out_answer)
{
	status st = db_conn_may_send();

	if (st.code != CODE_OK)
		*out_answer = (struct db_conn_answer){.end = DB_CONN_UNSENT, .st = st};
	return st.code == CODE_OK;
}

static struct db_conn_answer answer_error(struct db_conn *c, struct arena *a, const char *name)
{
	const char           *state = PQresultErrorField(c->result, PG_DIAG_SQLSTATE);
	struct db_conn_answer answer = {.end = DB_CONN_REFUSED};

	if (db_pgerr_is_stale(state, PQresultErrorField(c->result, PG_DIAG_SOURCE_FUNCTION))) {
		c->is_stale = true;
		answer.st = status_error(CODE_UNAVAILABLE, "the database's schema has changed");
	} else {
		answer.st = db_pgerr_status(a, state, name);
		answer.is_retryable = db_pgerr_is_retryable(state);
	}
	db_conn_clear_result(c);
	return answer;
}

/* What became of the statement that is not running any more. */
static struct db_conn_answer take_answer(struct db_conn *c, struct arena *a, const char *name)
{
	struct db_conn_answer answer = {.end = DB_CONN_DONE};

	/*
	 * An error that the server answered took the statement back, also when it is the goodbye of
	 * a server that shuts down in the middle of it. But after a success (the command was
	 * complete) the goodbye may have come on either side of the commit.
	 */
	if (c->result && db_conn_is_error(c->result) &&
	    PQresultErrorField(c->result, PG_DIAG_SQLSTATE) && (c->is_answered || !c->had_success))
		return answer_error(c, a, name);
	if (!c->is_answered || c->result == NULL || db_conn_is_error(c->result)) {
		db_conn_clear_result(c);
		if (c->state != DB_CONN_DOWN)
			db_conn_lose(c);
		return ended(DB_CONN_SILENT, CODE_UNAVAILABLE,
		             "the connection to the database was lost");
	}
	answer.result = c->result;
	c->result = NULL;
	return answer;
}

static struct db_conn_answer await(struct db_conn *c, struct arena *a, const char *name)
{
	c->waiter = fiber_current();
	while (c->state == DB_CONN_RUNNING) {
		status st = fiber_suspend(CLOCK_NEVER);

		if (st.code != CODE_OK && c->state == DB_CONN_RUNNING) {
			c->waiter = NULL;
			return ended(DB_CONN_ABANDONED, st.code, st.msg);
		}
	}
	c->waiter = NULL;
	return take_answer(c, a, name);
}

static struct db_conn_answer lost_before(void)
{
	return ended(DB_CONN_UNSENT, CODE_UNAVAILABLE, "the connection to the database was lost");
}

struct db_conn_answer db_conn_command(struct db_conn *c, struct arena *a, const char *sql)
{
	struct db_conn_answer answer;

	if (!may_send(&answer))
		return answer;
	if (c->state != DB_CONN_READY || !db_conn_begin(c, PQsendQuery(c->pg, sql)))
		return lost_before();
	return await(c, a, sql);
}

/* A query that was refused, abandoned or lost while it was prepared was not sent itself. */
static struct db_conn_answer prepare(struct db_conn *c, struct arena *a, const struct db_query *q)
{
	struct db_conn_answer answer;
	char                  name[DB_PREPARED_NAME_BYTES];

	db_prepared_name(q, name);
	if (c->state != DB_CONN_READY ||
	    !db_conn_begin(c, PQsendPrepare(c->pg, name, q->sql, 0, NULL)))
		return lost_before();
	if (c->state == DB_CONN_RUNNING)
		c->preparing = q;
	answer = await(c, a, q->name);
	switch (answer.end) {
	case DB_CONN_DONE:
		PQclear(answer.result);
		break;
	case DB_CONN_ABANDONED:
		answer.end = DB_CONN_UNSENT;
		if (answer.st.code == CODE_DEADLINE_EXCEEDED)
			answer.st = status_error(CODE_UNAVAILABLE,
			                         "no time was left to ask the database");
		break;
	case DB_CONN_SILENT:
		answer.end = DB_CONN_UNSENT;
		break;
	case DB_CONN_REFUSED:
	case DB_CONN_UNSENT:
		break;
	}
	return answer;
}

struct db_conn_answer db_conn_query(struct db_conn *c, struct arena *a, const struct db_query *q,
                                    const struct db_params *params)
{
	struct db_conn_answer answer;
	char                  name[DB_PREPARED_NAME_BYTES];

	if (!may_send(&answer))
		return answer;
	if (!db_prepared_has(&c->prepared, q)) {
		answer = prepare(c, a, q);
		if (answer.end != DB_CONN_DONE || !may_send(&answer))
			return answer;
	}
	db_prepared_name(q, name);
	if (c->state != DB_CONN_READY ||
	    !db_conn_begin(c, PQsendQueryPrepared(c->pg, name, params->n, params->values,
	                                          params->lengths, params->formats, 0)))
		return lost_before();
	return await(c, a, q->name);
}
