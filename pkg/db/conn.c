#include "db/conn.h"

#include "base/clock.h"
#include "fiber/fiber.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/*
 * Design notes
 *
 * The protocol is driven by the watch, never by the fiber: the socket's callback sends what is
 * left, collects results until libpq says that the statement is over, then wakes the fiber that
 * waits, if one still does. So a fiber may leave at any time (deadline, cancel): it clears
 * `waiter` and releases the lease, and the callback goes on.
 *
 * A released connection settles: RUNNING, it waits for the answer; READY within a transaction,
 * it sends ROLLBACK; READY without one, it is free. A timer set with every statement (the
 * server's own statement_timeout and a margin) bounds all of it: when it fires the server does
 * not answer, and the connection is closed.
 *
 * A connection that is lost while leased stays DOWN until it is released, so that a lease never
 * turns into another session under its holder.
 *
 * libpq reports a lost connection as an error without SQLSTATE. An error with one is an answer of
 * the server, also when it is FATAL and the connection goes after it.
 */

enum { MARGIN_MS = 2000 };

static void settle(struct db_conn *c);

/* ---- loss ---- */

/* Closes the session. The result of the statement that ran stays for its fiber. */
static void close_session(struct db_conn *c)
{
	loop_watch_remove(c->cfg->loop, &c->watch);
	loop_timer_cancel(c->cfg->loop, &c->timer);
	PQfinish(c->pg);
	c->pg = NULL;
	c->state = DB_CONN_DOWN;
	c->is_rolling_back = c->is_dying = c->is_stale = false;
	c->preparing = NULL;
	db_prepared_fini(&c->prepared);
}

void db_conn_lose(struct db_conn *c)
{
	close_session(c);
	if (!c->is_leased)
		db_conn_pause(c);
	if (c->waiter)
		fiber_wake(c->waiter);
	c->cfg->on_event(c, DB_CONN_LOST);
}

/* ---- the socket ---- */

bool db_conn_is_error(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	return s != PGRES_TUPLES_OK && s != PGRES_COMMAND_OK && s != PGRES_EMPTY_QUERY;
}

void db_conn_clear_result(struct db_conn *c)
{
	PQclear(c->result);
	c->result = NULL;
}

static void keep(struct db_conn *c, PGresult *r)
{
	if (c->result && db_conn_is_error(c->result)) {
		PQclear(r);
		return;
	}
	if (c->result)
		c->had_success = true;
	PQclear(c->result);
	c->result = r;
}

static void on_answered(struct db_conn *c)
{
	c->is_answered = true;
	c->state = DB_CONN_READY;
	loop_timer_cancel(c->cfg->loop, &c->timer);
	/* Noted here: the fiber may have left, but the session has the statement. */
	if (c->preparing && c->result && !db_conn_is_error(c->result))
		db_prepared_add(&c->prepared, c->preparing);
	c->preparing = NULL;
	c->pause_ms = 0; /* a server that answers is sound, however young the session */
	if (c->waiter)
		fiber_wake(c->waiter);
	else if (!c->is_leased)
		settle(c);
}

/* Takes what libpq has parsed. False: a result that no statement of ours has. */
static bool collect_one(struct db_conn *c)
{
	while (!PQisBusy(c->pg)) {
		PGresult      *r = PQgetResult(c->pg);
		ExecStatusType s = PQresultStatus(r);

		if (r == NULL) {
			/* libpq also ends the results of a connection that broke. */
			if (PQstatus(c->pg) != CONNECTION_BAD)
				on_answered(c);
			return true;
		}
		keep(c, r);
		if (s == PGRES_COPY_IN || s == PGRES_COPY_OUT || s == PGRES_COPY_BOTH)
			return false;
	}
	return true;
}

static bool collect(struct db_conn *c)
{
	return c->cfg->collect ? c->cfg->collect(c) : collect_one(c);
}

bool db_conn_flush(struct db_conn *c)
{
	int left = PQflush(c->pg);

	if (left >= 0)
		loop_watch_set(c->cfg->loop, &c->watch, left ? LOOP_READ | LOOP_WRITE : LOOP_READ);
	return left >= 0;
}

static void on_ready(struct loop_watch *w, unsigned events)
{
	struct db_conn *c = container_of(w, struct db_conn, watch);
	bool            is_sound = PQconsumeInput(c->pg);

	(void)events;
	/* Also of a broken connection: the server may have said why before it closed. */
	if (c->state == DB_CONN_RUNNING && !collect(c))
		is_sound = false;
	else if (c->state == DB_CONN_READY && c->pg)
		(void)PQisBusy(c->pg); /* parses notices, FATAL among them */
	/* Settling may have closed it. */
	if (c->pg == NULL)
		return;
	if (!is_sound || c->is_dying || PQstatus(c->pg) == CONNECTION_BAD || !db_conn_flush(c))
		db_conn_lose(c);
}

static void on_notice(void *arg, const PGresult *r)
{
	struct db_conn *c = arg;
	const char     *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	/*
	 * "Operator intervention": between statements libpq takes the server's goodbye for a
	 * notice, and the goodbye of a crash is one (57P02).
	 */
	if (state && strncmp(state, "57P", 3) == 0)
		c->is_dying = true;
}

static void on_timer(struct loop_timer *t)
{
	struct db_conn *c = container_of(t, struct db_conn, timer);

	if (db_conn_is_open(c))
		db_conn_lose(c);
	else
		db_conn_on_connect_timer(c);
}

/* ---- life ---- */

void db_conn_start(struct db_conn *c, const struct db_conn_config *cfg)
{
	*c = (struct db_conn){.cfg = cfg};
	list_init(&c->link);
	loop_timer_init(&c->timer, on_timer);
	db_conn_connect(c);
}

void db_conn_fini(struct db_conn *c)
{
	db_conn_forget_resolving(c);
	list_remove(&c->link);
	db_conn_clear_result(c);
	close_session(c);
}

void db_conn_on_up(struct db_conn *c)
{
	PQsetNoticeReceiver(c->pg, on_notice, c);
	c->state = DB_CONN_READY;
	if (PQsetnonblocking(c->pg, 1) != 0 ||
	    loop_watch_add(c->cfg->loop, &c->watch, PQsocket(c->pg), LOOP_READ, on_ready).code !=
	            CODE_OK) {
		db_conn_lose(c);
		return;
	}
	c->cfg->on_event(c, DB_CONN_FREE);
}

bool db_conn_check(struct db_conn *c)
{
	char byte;

	/* Nothing is due on a free connection: what is here is most likely a goodbye and an end. */
	while (c->state == DB_CONN_READY) {
		if (recv(PQsocket(c->pg), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) < 0 &&
		    (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		on_ready(&c->watch, LOOP_READ);
	}
	return false;
}

/* ---- statements ---- */

void db_conn_set_timer(struct db_conn *c)
{
	loop_timer_set(c->cfg->loop, &c->timer,
	               clock_after_ms((int64_t)c->cfg->statement_timeout_ms + MARGIN_MS));
}

bool db_conn_begin(struct db_conn *c, int is_queued)
{
	if (!is_queued) {
		db_conn_lose(c);
		return false;
	}
	c->state = DB_CONN_RUNNING;
	c->is_answered = c->had_success = false;
	db_conn_set_timer(c);
	/* From here on the server may have it, whatever becomes of the connection. */
	if (!db_conn_flush(c))
		db_conn_lose(c);
	return true;
}

/* Nobody holds it: makes it free, or sees to it that it will be. */
static void settle(struct db_conn *c)
{
	db_conn_clear_result(c);
	if (c->is_stale) {
		close_session(c);
		db_conn_pause(c);
		c->cfg->on_event(c, DB_CONN_LOST);
		return;
	}
	if (PQtransactionStatus(c->pg) == PQTRANS_IDLE) {
		c->is_rolling_back = false;
		c->cfg->on_event(c, DB_CONN_FREE);
		return;
	}
	if (c->is_rolling_back) {
		db_conn_lose(c);
		return;
	}
	c->is_rolling_back = true;
	(void)db_conn_begin(c, PQsendQuery(c->pg, "ROLLBACK"));
}

void db_conn_release(struct db_conn *c)
{
	c->is_leased = false;
	c->waiter = NULL;
	if (c->state == DB_CONN_READY)
		settle(c);
	else if (c->state == DB_CONN_DOWN) {
		db_conn_clear_result(c);
		db_conn_pause(c);
	}
}
