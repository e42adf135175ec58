#include "db/db.h"

#include "base/mem.h"
#include "db/args.h"
#include "db/rows.h"
#include "db/tx.h"

enum {
	READ_CONNECTIONS = 4,
	SLOW_CONNECTIONS = 1,
	WRITE_CONNECTIONS = 8,
	STATEMENT_TIMEOUT_MS = 10000,
	LOCK_TIMEOUT_MS = 5000,
	MAX_WAITING = 1024
};

static uint32_t or_default(uint32_t given, uint32_t otherwise)
{
	return given ? given : otherwise;
}

static status configure(struct db *db, const struct db_config *cfg, bool is_read_only,
                        struct db_conn_config *out_conn_cfg)
{
	const struct db_conninfo_options options = {
	        .application_name = cfg->application_name,
	        .settings = cfg->settings,
	        .is_read_only = is_read_only,
	        .statement_timeout_ms = or_default(cfg->statement_timeout_ms, STATEMENT_TIMEOUT_MS),
	        .lock_timeout_ms = or_default(cfg->lock_timeout_ms, LOCK_TIMEOUT_MS),
	};

	*out_conn_cfg = (struct db_conn_config){
	        .loop = cfg->loop,
	        .fibers = cfg->fibers,
	        .offload = cfg->offload,
	        .statement_timeout_ms = options.statement_timeout_ms,
	};
	return db_conninfo_parse(&db->arena, cfg->url, &options, &out_conn_cfg->info);
}

status db_new(const struct db_config *cfg, struct db **out_db)
{
	struct db            *db = mem_zalloc(sizeof *db);
	struct db_conn_config write;
	status                st;

	arena_init(&db->arena, 0);
	db->slow_connections = or_default(cfg->slow_connections, SLOW_CONNECTIONS);
	db->max_waiting = or_default(cfg->max_waiting, MAX_WAITING);
	st = configure(db, cfg, true, &db->slow_cfg);
	if (st.code == CODE_OK)
		st = configure(db, cfg, false, &write);
	if (st.code != CODE_OK) {
		db_free(db);
		return st;
	}
	db_reads_start(&db->reads, &db->slow_cfg,
	               or_default(cfg->read_connections, READ_CONNECTIONS), db->max_waiting);
	db_pool_start(&db->write, &write, or_default(cfg->write_connections, WRITE_CONNECTIONS),
	              db->max_waiting);
	*out_db = db;
	return STATUS_OK;
}

void db_free(struct db *db)
{
	if (db == NULL)
		return;
	db_reads_fini(&db->reads);
	db_pool_fini(&db->slow);
	db_pool_fini(&db->write);
	arena_fini(&db->arena);
	mem_free(db);
}

static void give_rows(struct arena *a, PGresult *result, struct db_rows **out_rows)
{
	struct db_rows *rows = db_rows_take(a, result);

	if (out_rows)
		*out_rows = rows;
}

/* Leases, runs, releases. A lease that is not to be had counts as a statement that never left. */
static struct db_conn_answer run_once(struct db_pool *p, struct arena *a, const struct db_query *q,
                                      const struct db_params *params, bool *out_was_lost)
{
	struct db_conn_answer answer = {.end = DB_CONN_UNSENT};
	struct db_conn       *c;

	*out_was_lost = false;
	answer.st = db_pool_lease(p, &c);
	if (answer.st.code != CODE_OK)
		return answer;
	answer = db_conn_query(c, a, q, params);
	*out_was_lost = !db_conn_is_open(c) || c->is_stale;
	db_conn_release(c);
	return answer;
}

status db_read(struct db *db, struct arena *a, const struct db_query *q, struct db_args args,
               struct db_rows **out_rows)
{
	struct db_params params;
	PGresult        *result;

	TRY(db_args_encode(a, args, &params));
	TRY(db_reads_run(&db->reads, a, q, &params, &result));
	give_rows(a, result, out_rows);
	return STATUS_OK;
}

status db_read_slow(struct db *db, struct arena *a, const struct db_query *q, struct db_args args,
                    struct db_rows **out_rows)
{
	struct db_conn_answer answer;
	struct db_params      params;
	bool                  was_lost;

	TRY(db_args_encode(a, args, &params));
	if (db->slow.conns == NULL)
		db_pool_start(&db->slow, &db->slow_cfg, db->slow_connections, db->max_waiting);
	answer = run_once(&db->slow, a, q, &params, &was_lost);
	if (was_lost && answer.end != DB_CONN_DONE)
		answer = run_once(&db->slow, a, q, &params, &was_lost);
	if (answer.end != DB_CONN_DONE)
		return answer.st;
	give_rows(a, answer.result, out_rows);
	return STATUS_OK;
}

status db_write_status(struct db_conn_answer answer)
{
	switch (answer.end) {
	case DB_CONN_DONE:
		return STATUS_OK;
	case DB_CONN_REFUSED:
	case DB_CONN_UNSENT:
		return answer.st;
	case DB_CONN_SILENT:
	case DB_CONN_ABANDONED:
		break;
	}
	if (answer.st.code == CODE_CANCELLED)
		return status_error(CODE_CANCELLED, "cancelled; the outcome is unknown");
	return status_error(CODE_DEADLINE_EXCEEDED,
	                    "the database did not answer; the outcome is unknown");
}

status db_write(struct db *db, struct arena *a, const struct db_query *q, struct db_args args,
                struct db_rows **out_rows)
{
	struct db_conn_answer answer;
	struct db_params      params;
	bool                  was_lost;

	TRY(db_args_encode(a, args, &params));
	answer = run_once(&db->write, a, q, &params, &was_lost);
	TRY(db_write_status(answer));
	give_rows(a, answer.result, out_rows);
	return STATUS_OK;
}

DB_QUERY(ping, "SELECT 1");

status db_ping(struct db *db, struct arena *a)
{
	/* After an outage each pool comes back by itself: ready is who can write too. */
	TRY(db_read(db, a, &ping, DB_NO_ARGS, NULL));
	return db_write(db, a, &ping, DB_NO_ARGS, NULL);
}

void db_set_listener(struct db *db, void (*fn)(void *arg), void *arg)
{
	db->on_announced = fn;
	db->listener_arg = arg;
}

static void count(const struct db_pool *p, unsigned *open, unsigned *leased)
{
	unsigned n_open = 0, n_free = 0;

	if (p->conns == NULL)
		return;
	for (uint32_t i = 0; i < p->n_conns; i++)
		n_open += db_conn_is_open(&p->conns[i]);
	list_for_each (it, &p->free)
		n_free++;
	*open += n_open;
	*leased += n_open - n_free;
}

void db_counts(const struct db *db, unsigned *out_open, unsigned *out_leased)
{
	unsigned n_open = 0, n_leased = 0;

	db_reads_count(&db->reads, &n_open, &n_leased);
	count(&db->slow, &n_open, &n_leased);
	count(&db->write, &n_open, &n_leased);
	*out_open = n_open;
	*out_leased = n_leased;
}

const char *db_trouble(const struct db *db)
{
	const struct db_pool *pools[] = {&db->slow, &db->write};

	for (size_t p = 0; p < sizeof pools / sizeof pools[0]; p++)
		for (uint32_t i = 0; i < pools[p]->n_conns; i++)
			if (pools[p]->conns[i].trouble[0])
				return pools[p]->conns[i].trouble;
	return db_reads_trouble(&db->reads);
}
