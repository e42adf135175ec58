#include "db/pipe.h"

#include "base/mem.h"
#include "db/pgerr.h"
#include "db/query.h"
#include "fiber/fiber.h"
#include "loop/loop.h"

#include <string.h>

/*
 * Design notes
 *
 * The ring of commands mirrors what libpq has sent: for each one result and NULL, for the end of a
 * segment one result without NULL. Whatever comes in another order loses the connection, rather
 * than give a fiber the rows of another; so every round of taking results is bounded by the ring,
 * also that of a COPY, whose result libpq repeats for ever.
 *
 * An error makes the server skip the rest of its segment. What was skipped is sent again in
 * a segment of its own, where nobody's error reaches it, and unprepared, where a schema that
 * changed under prepared statements does not either; the connection that has those is closed once
 * it has answered all.
 *
 * A query is prepared within the segment of the first read that uses it, which has no other. Until
 * the server has said yes, other reads of that query go unprepared; so nothing depends on an
 * answer that is still out.
 *
 * A server that does not answer in time is lost, also when that is for a whole segment of
 * statements that each take long. So what was lost goes alone as well: each answer counts then.
 *
 * A fiber that leaves clears the command's pointer: its answer is thrown away when it comes.
 * Nothing is cancelled for it: that would hit a neighbour.
 */

static struct db_pipe_command *first_command(struct db_pipe *p)
{
	return &p->commands[p->first];
}

static struct db_pipe_command *push(struct db_pipe *p, struct db_pipe_command command)
{
	struct db_pipe_command *slot =
	        &p->commands[(p->first + p->n_commands) % DB_PIPE_MAX_COMMANDS];

	if (p->n_commands == DB_PIPE_MAX_COMMANDS)
		mem_die("db: more commands than reads can have");
	p->n_commands++;
	*slot = command;
	return slot;
}

static void pop(struct db_pipe *p)
{
	p->first = (p->first + 1) % DB_PIPE_MAX_COMMANDS;
	p->n_commands--;
}

/* ---- answers ---- */

static void answer(struct db_read *read, PGresult *result)
{
	read->command = NULL;
	read->result = result;
	fiber_wake(read->fiber);
}

static void end_prepare(struct db_pipe *p, struct db_pipe_command *command, PGresult *result)
{
	struct db_pipe_command *behind;

	if (!db_conn_is_error(result)) {
		db_prepared_add(&p->conn.prepared, command->query);
		PQclear(result);
		return;
	}
	/* The read itself will be skipped: this is its answer. */
	behind = &p->commands[(p->first + 1) % DB_PIPE_MAX_COMMANDS];
	if (behind->read)
		answer(behind->read, result);
	else
		PQclear(result);
	behind->read = NULL;
}

static bool is_stale(const PGresult *result)
{
	return db_conn_is_error(result) &&
	       db_pgerr_is_stale(PQresultErrorField(result, PG_DIAG_SQLSTATE),
	                         PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION));
}

static void end_read(struct db_pipe *p, struct db_pipe_command *command, PGresult *result)
{
	struct db_read *read = command->read;
	bool            was_skipped = PQresultStatus(result) == PGRES_PIPELINE_ABORTED;

	p->n_reads--;
	if (!was_skipped && is_stale(result)) {
		p->conn.is_stale = true;
		was_skipped = true;
	}
	if (read && !was_skipped) {
		answer(read, result);
		return;
	}
	PQclear(result);
	if (read) {
		read->command = NULL;
		/* Alone it should have been answered. */
		read->n_losses += read->is_alone;
		read->is_alone = true;
		list_append(&p->again, &read->link);
	}
}

/* The connection goes with it: a goodbye, or libpq's own error, which has no state. */
static bool is_last_word(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (!db_conn_is_error(result) || PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
		return false;
	return PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL || severity == NULL ||
	       strcmp(severity, "ERROR") != 0;
}

static bool end_command(struct db_pipe *p)
{
	struct db_pipe_command *command = first_command(p);
	PGresult               *result = p->result;

	if (result == NULL || is_last_word(result))
		return false;
	p->result = NULL;
	if (command->kind == DB_PIPE_PREPARE)
		end_prepare(p, command, result);
	else
		end_read(p, command, result);
	pop(p);
	return true;
}

/* Takes the result over. False when it is not the one that is due. */
static bool take(struct db_pipe *p, PGresult *r)
{
	bool is_sync = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
	bool is_due = is_sync == (first_command(p)->kind == DB_PIPE_SYNC) && p->result == NULL;

	if (r == NULL)
		return end_command(p);
	if (is_due && !is_sync) {
		p->result = r;
		return true;
	}
	PQclear(r);
	if (is_due)
		pop(p);
	return is_due;
}

bool db_pipe_collect(struct db_conn *c)
{
	struct db_pipe *p = container_of(c, struct db_pipe, conn);
	unsigned        n_before = p->n_commands;
	bool            is_sound = true;

	while (is_sound && p->n_commands > 0 && !PQisBusy(c->pg))
		is_sound = take(p, PQgetResult(c->pg));
	if (!is_sound)
		return false;
	if (p->n_commands == n_before)
		return true;
	c->pause_ms = 0; /* a server that answers is sound, however young the session */
	p->busy_since_ns = loop_now_ns(c->cfg->loop);
	if (p->n_commands > 0) {
		db_conn_set_timer(c);
	} else {
		c->state = DB_CONN_READY;
		loop_timer_cancel(c->cfg->loop, &c->timer);
	}
	p->on_answers(p);
	return !c->is_stale || p->n_commands > 0;
}

/* ---- sending ---- */

unsigned db_pipe_room(const struct db_pipe *p)
{
	const struct db_conn *c = &p->conn;

	if (!c->is_leased || !db_conn_is_open(c) || c->is_stale || c->is_dying)
		return 0;
	return DB_PIPE_MAX_READS - p->n_reads;
}

static bool is_being_prepared(const struct db_pipe *p, const struct db_query *q)
{
	for (unsigned i = 0; i < p->n_commands; i++) {
		const struct db_pipe_command *command =
		        &p->commands[(p->first + i) % DB_PIPE_MAX_COMMANDS];

		if (command->kind == DB_PIPE_PREPARE && command->query == q)
			return true;
	}
	return false;
}

/* Says which way the read goes: prepared, preparing, or neither. */
static bool send_read(struct db_pipe *p, const struct db_read *read, bool *out_is_preparing)
{
	const struct db_query  *q = read->query;
	const struct db_params *params = read->params;
	PGconn                 *pg = p->conn.pg;
	char                    name[DB_PREPARED_NAME_BYTES];
	bool                    is_prepared = db_prepared_has(&p->conn.prepared, q);

	*out_is_preparing = !is_prepared && !read->is_alone && !is_being_prepared(p, q);
	if (read->is_alone || (!is_prepared && !*out_is_preparing))
		return PQsendQueryParams(pg, q->sql, params->n, NULL, params->values,
		                         params->lengths, params->formats, 0);
	db_prepared_name(q, name);
	if (*out_is_preparing && (!db_pipe_sync(p) || !PQsendPrepare(pg, name, q->sql, 0, NULL)))
		return false;
	return PQsendQueryPrepared(pg, name, params->n, params->values, params->lengths,
	                           params->formats, 0);
}

bool db_pipe_send(struct db_pipe *p, struct db_read *read)
{
	bool is_preparing;

	if ((read->is_alone && !db_pipe_sync(p)) || !send_read(p, read, &is_preparing))
		return false;
	if (p->n_commands == 0) {
		p->busy_since_ns = loop_now_ns(p->conn.cfg->loop);
		db_conn_set_timer(&p->conn);
	}
	p->conn.state = DB_CONN_RUNNING;
	if (is_preparing)
		push(p, (struct db_pipe_command){.kind = DB_PIPE_PREPARE, .query = read->query});
	read->command = push(p, (struct db_pipe_command){.kind = DB_PIPE_READ, .read = read});
	read->was_sent = true;
	p->n_reads++;
	p->has_segment = true;
	return read->is_alone || is_preparing ? db_pipe_sync(p) : true;
}

bool db_pipe_sync(struct db_pipe *p)
{
	if (!p->has_segment)
		return true;
	p->has_segment = false;
	if (!PQpipelineSync(p->conn.pg)) /* flushes too */
		return false;
	push(p, (struct db_pipe_command){.kind = DB_PIPE_SYNC});
	return db_conn_flush(&p->conn);
}

/* ---- life ---- */

void db_pipe_start(struct db_pipe *p, const struct db_conn_config *cfg,
                   void (*on_answers)(struct db_pipe *p))
{
	*p = (struct db_pipe){.on_answers = on_answers};
	list_init(&p->again);
	db_conn_start(&p->conn, cfg);
}

void db_pipe_fini(struct db_pipe *p)
{
	PQclear(p->result);
	db_conn_fini(&p->conn);
}

void db_pipe_open(struct db_pipe *p)
{
	p->conn.is_leased = true;
	if (!PQenterPipelineMode(p->conn.pg))
		db_conn_lose(&p->conn);
}

void db_pipe_close(struct db_pipe *p, struct list *reads)
{
	for (; p->n_commands > 0; pop(p)) {
		struct db_read *read = first_command(p)->read;

		if (read) {
			read->command = NULL;
			read->n_losses++;
			read->is_alone = true;
			list_append(&p->again, &read->link);
		}
	}
	list_splice(reads, &p->again);
	PQclear(p->result);
	p->result = NULL;
	p->n_reads = 0;
	p->has_segment = false;
	if (p->conn.is_leased)
		db_conn_release(&p->conn);
}
