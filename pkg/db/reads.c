#include "db/reads.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/pgerr.h"
#include "db/pipe.h"
#include "db/query.h"
#include "fiber/fiber.h"

/*
 * Design notes
 *
 * A read is in one of four places: waiting here, under way on a pipe, answered, or failed; the
 * first two point back, so that its fiber can leave at any time.
 *
 * A segment goes to a pipe that is idle, or to the one that answered last: a pipe held up by a slow
 * statement gets no more until the others are full.
 *
 * What a pipe hands back goes to the head of the queue. A read whose connections were lost twice
 * may be what loses them, and fails.
 */

/*
 * A segment costs each side one system call and the server one transaction; its answers come
 * together, and an error makes what follows in it be sent again.
 */
enum { SEGMENT_READS = 16, MAX_LOSSES = 1 };

/* ---- the queue ---- */

static bool is_any_open(const struct db_reads *r)
{
	for (uint32_t i = 0; i < r->n_pipes; i++)
		if (db_conn_is_open(&r->pipes[i].conn))
			return true;
	return false;
}

static struct db_read *next_waiting(struct db_reads *r)
{
	struct db_read *read;

	if (list_is_empty(&r->waiting))
		return NULL;
	read = container_of(r->waiting.next, struct db_read, link);
	list_remove(&read->link);
	r->n_waiting--;
	return read;
}

static void fail(struct db_read *read)
{
	read->has_failed = true;
	fiber_wake(read->fiber);
}

/* Puts reads before all others, in order, but fails those that were lost too often. */
static void put_back(struct db_reads *r, struct list *reads)
{
	list_for_each_safe (it, reads) {
		struct db_read *read = container_of(it, struct db_read, link);

		if (read->n_losses > MAX_LOSSES) {
			list_remove(it);
			fail(read);
		} else {
			r->n_waiting++;
		}
	}
	list_splice(reads, &r->waiting);
	list_splice(&r->waiting, reads);
	if (r->n_waiting > 0)
		loop_defer(r->conn_cfg.loop, &r->send_task);
}

static struct db_pipe *better(struct db_pipe *p, struct db_pipe *than)
{
	if (than == NULL || p->n_reads == 0)
		return p;
	if (p->busy_since_ns != than->busy_since_ns)
		return p->busy_since_ns > than->busy_since_ns ? p : than;
	return p->n_reads < than->n_reads ? p : than;
}

static struct db_pipe *choose(struct db_reads *r)
{
	struct db_pipe *best = NULL;

	for (uint32_t i = 0; i < r->n_pipes && (best == NULL || best->n_reads > 0); i++) {
		struct db_pipe *p = &r->pipes[i];

		/* An idle one that died takes no read along. */
		if (db_pipe_room(p) > 0 &&
		    (p->conn.state == DB_CONN_RUNNING || db_conn_check(&p->conn)))
			best = better(p, best);
	}
	return best;
}

static void send_segment(struct db_reads *r, struct db_pipe *p)
{
	for (unsigned i = 0; i < SEGMENT_READS && db_pipe_room(p) > 0; i++) {
		struct db_read *read = next_waiting(r);

		if (read == NULL)
			break;
		if (!db_pipe_send(p, read)) {
			struct list lost;

			list_init(&lost);
			if (read->command == NULL) {
				read->n_losses++;
				list_append(&lost, &read->link);
			}
			put_back(r, &lost);
			db_conn_lose(&p->conn);
			return;
		}
	}
	if (!db_pipe_sync(p))
		db_conn_lose(&p->conn);
}

static void on_send(struct loop_task *t)
{
	struct db_reads *r = container_of(t, struct db_reads, send_task);
	struct db_pipe  *p;

	while (r->n_waiting > 0 && (p = choose(r)) != NULL)
		send_segment(r, p);
}

/* ---- connections ---- */

static void on_answers(struct db_pipe *p)
{
	put_back(p->conn.cfg->owner, &p->again);
}

static void on_free(struct db_reads *r, struct db_pipe *p)
{
	db_pipe_open(p);
	loop_defer(r->conn_cfg.loop, &r->send_task);
	if (!r->is_failing)
		return;
	r->is_failing = false;
	for (uint32_t i = 0; i < r->n_pipes; i++)
		db_conn_hurry(&r->pipes[i].conn);
}

static void on_lost(struct db_reads *r, struct db_pipe *p)
{
	struct list reads;

	list_init(&reads);
	db_pipe_close(p, &reads);
	put_back(r, &reads);
}

static void on_failed(struct db_reads *r)
{
	struct db_read *read;

	r->is_failing = true;
	if (is_any_open(r))
		return;
	while ((read = next_waiting(r)) != NULL)
		fail(read);
}

static void on_event(struct db_conn *c, enum db_conn_event e)
{
	struct db_reads *r = c->cfg->owner;

	switch (e) {
	case DB_CONN_FREE:
		on_free(r, container_of(c, struct db_pipe, conn));
		break;
	case DB_CONN_LOST:
		on_lost(r, container_of(c, struct db_pipe, conn));
		break;
	case DB_CONN_FAILED:
		on_failed(r);
		break;
	}
}

void db_reads_start(struct db_reads *r, const struct db_conn_config *cfg, uint32_t n_connections,
                    uint32_t max_waiting)
{
	*r = (struct db_reads){
	        .conn_cfg = *cfg, .n_pipes = n_connections, .max_waiting = max_waiting};
	r->conn_cfg.owner = r;
	r->conn_cfg.on_event = on_event;
	r->conn_cfg.collect = db_pipe_collect;
	list_init(&r->waiting);
	loop_task_init(&r->send_task, on_send);
	r->pipes = mem_zalloc_array(n_connections, sizeof r->pipes[0]);
	for (uint32_t i = 0; i < n_connections; i++)
		db_pipe_start(&r->pipes[i], &r->conn_cfg, on_answers);
}

void db_reads_fini(struct db_reads *r)
{
	if (r->n_waiting)
		mem_die("db: closed while fibers wait");
	if (r->pipes)
		loop_task_cancel(r->conn_cfg.loop, &r->send_task);
	for (uint32_t i = 0; i < r->n_pipes; i++)
		db_pipe_fini(&r->pipes[i]);
	mem_free(r->pipes);
}

void db_reads_count(const struct db_reads *r, unsigned *open, unsigned *busy)
{
	for (uint32_t i = 0; i < r->n_pipes; i++) {
		*open += db_conn_is_open(&r->pipes[i].conn);
		*busy += r->pipes[i].n_commands > 0;
	}
}

const char *db_reads_trouble(const struct db_reads *r)
{
	for (uint32_t i = 0; i < r->n_pipes; i++)
		if (r->pipes[i].conn.trouble[0])
			return r->pipes[i].conn.trouble;
	return "";
}

/* ---- the fiber's side ---- */

static status server_is_away(void)
{
	return status_error(CODE_UNAVAILABLE, "the database cannot be reached");
}

static bool is_full(const struct db_reads *r)
{
	uint64_t most = r->max_waiting;

	/* Also those wait that the end of this turn will send. */
	for (uint32_t i = 0; r->n_waiting >= most && i < r->n_pipes; i++)
		most += db_pipe_room(&r->pipes[i]);
	return r->n_waiting >= most;
}

/* Takes a read out of wherever it is. */
static status leave(struct db_reads *r, struct db_read *read, status why)
{
	if (read->command) {
		read->command->read = NULL;
	} else {
		list_remove(&read->link);
		r->n_waiting--;
	}
	/* Nothing was sent: to the caller that is not the same as a deadline. */
	if (why.code == CODE_DEADLINE_EXCEEDED && !read->was_sent)
		return status_error(CODE_UNAVAILABLE, "no database connection came free in time");
	return why;
}

static status refusal(struct arena *a, PGresult *result, const struct db_query *q)
{
	status st = db_pgerr_status(a, PQresultErrorField(result, PG_DIAG_SQLSTATE), q->name);

	PQclear(result);
	return st;
}

status db_reads_run(struct db_reads *r, struct arena *a, const struct db_query *q,
                    const struct db_params *params, PGresult **out_result)
{
	struct db_read read = {.fiber = fiber_current(), .query = q, .params = params};

	TRY(db_conn_may_send());
	if (r->is_failing && !is_any_open(r))
		return server_is_away();
	if (is_full(r))
		return status_error(CODE_UNAVAILABLE, "too many wait for the database");
	list_append(&r->waiting, &read.link);
	r->n_waiting++;
	loop_defer(r->conn_cfg.loop, &r->send_task);
	while (read.result == NULL && !read.has_failed) {
		status st = fiber_suspend(CLOCK_NEVER);

		if (st.code != CODE_OK && read.result == NULL && !read.has_failed)
			return leave(r, &read, st);
	}
	if (read.has_failed)
		return read.was_sent ? status_error(CODE_UNAVAILABLE,
		                                    "the connection to the database was lost")
		                     : server_is_away();
	if (db_conn_is_error(read.result))
		return refusal(a, read.result, q);
	*out_result = read.result;
	return STATUS_OK;
}
