/*
 * Design notes. A timer starts a fiber for each try. It takes the lease if that is free and the
 * work due; if not, it is told when to try again. Then batch after batch, each a transaction of its
 * own that first renews the lease: it holds the lease's row, so nobody else takes it before the
 * commit, and finds out there that it was too slow and somebody else did. Rows that somebody
 * interacts with right now are passed over; what was still past its time then is found next time.
 */
#include "services/incidents/moderation.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "db/db.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "services/incidents/due.h"

enum {
	BATCH = 100, /* so that nobody who interacts with one of them waits long */
	AT_LEAST_MS = 50,
	AGAIN_MS = 1000, /* after a failure */
	TIMEOUT_MS = 10000,
	ARENA_BYTES = 4 * 1024 * 1024,
	END_TURNS = 1000,
	END_TURN_MS = 5
};

#define LEASE "clock_timestamp() + interval '3 s'"

/* The token, if it could be taken; else how long not to try again, in milliseconds. */
DB_QUERY(take_lease,
         "WITH taken AS ("
         "  UPDATE incidents.moderation SET token = token + 1, lease_until = " LEASE
         "   WHERE is_only IN (SELECT is_only FROM incidents.moderation"
         "                      WHERE lease_until < clock_timestamp()"
         "                        AND due_time <= clock_timestamp() FOR UPDATE SKIP LOCKED)"
         "  RETURNING token)"
         " SELECT (SELECT token FROM taken), ceil(extract(epoch FROM"
         "         greatest(lease_until, due_time) - clock_timestamp()) * 1000)::int8"
         "  FROM incidents.moderation");
DB_QUERY(keep_lease, "UPDATE incidents.moderation SET lease_until = " LEASE " WHERE token = $1");
DB_QUERY(give_lease_back,
         "UPDATE incidents.moderation SET lease_until = 'epoch',"
         "   due_time = clock_timestamp() + make_interval(secs => $2::int8) WHERE token = $1");

struct incidents_moderation {
	struct db              *db;
	struct loop            *loop;
	struct fiber_scheduler *fibers;
	uint32_t                interval_s;
	struct loop_timer       timer;
	struct fiber           *fiber; /* NULL: it waits */
	struct arena            arena; /* of a statement or a batch */
	struct metrics_counter *n_deleted;
	bool                    is_failing; /* and that was logged */
};

struct batch {
	int64_t                token;
	enum incidents_due_why why;
	size_t                 n; /* that it deleted */
};

static status delete_some(struct db_tx *tx, void *arg)
{
	struct batch   *b = arg;
	struct db_rows *rows;

	TRY(db_tx_query(tx, &keep_lease, DB_ARGS(DB_I64(b->token)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_ABORTED, "another one moderates");
	return incidents_due_delete(tx, b->why, BATCH, &b->n);
}

static status delete_all(struct incidents_moderation *m, struct batch *b)
{
	do {
		fiber_set_deadline(clock_after_ms(TIMEOUT_MS));
		arena_reset(&m->arena);
		TRY(db_tx_run(m->db, &m->arena, delete_some, b));
		metrics_counter_add(m->n_deleted, b->n);
	} while (b->n == BATCH);
	return STATUS_OK;
}

static status moderate(struct incidents_moderation *m, int64_t token)
{
	struct batch b = {.token = token};

	for (b.why = 0; b.why < INCIDENTS_DUE_WHYS; b.why++)
		TRY(delete_all(m, &b));
	arena_reset(&m->arena);
	return db_write(m->db, &m->arena, &give_lease_back,
	                DB_ARGS(DB_I64(token), DB_I64(m->interval_s)), NULL);
}

/* Moderates if that is due; *out_wait_ms: when it may be next. */
static status try_it(struct incidents_moderation *m, int64_t *out_wait_ms)
{
	struct db_rows *rows;

	TRY(db_write(m->db, &m->arena, &take_lease, DB_NO_ARGS, &rows));
	*out_wait_ms = db_rows_i64(rows, 0, 1);
	if (db_rows_is_null(rows, 0, 0))
		return STATUS_OK;
	*out_wait_ms = m->interval_s * INT64_C(1000);
	return moderate(m, db_rows_i64(rows, 0, 0));
}

/* The first failure is told, and the end of the trouble. */
static void note(struct incidents_moderation *m, status st)
{
	if (st.code != CODE_OK && !m->is_failing)
		log_warn("incidents past their time wait", LOG_CODE(st), LOG_REASON(st));
	else if (st.code == CODE_OK && m->is_failing)
		log_info("incidents past their time go again");
	m->is_failing = st.code != CODE_OK;
}

static void try_after(struct incidents_moderation *m, int64_t ms)
{
	const int64_t most_ms = m->interval_s * INT64_C(1000);

	if (ms > most_ms)
		ms = most_ms;
	loop_timer_set(m->loop, &m->timer, clock_after_ms(ms < AT_LEAST_MS ? AT_LEAST_MS : ms));
}

static void run(void *arg)
{
	struct incidents_moderation *m = arg;
	int64_t                      wait_ms = AGAIN_MS;
	status                       st;

	fiber_set_label("moderation");
	m->fiber = fiber_current();
	st = try_it(m, &wait_ms);
	m->fiber = NULL;
	if (fiber_is_cancelled())
		return;
	note(m, st);
	arena_reset(&m->arena);
	try_after(m, st.code == CODE_OK ? wait_ms : AGAIN_MS);
}

static void on_fire(struct loop_timer *t)
{
	struct incidents_moderation *m = container_of(t, struct incidents_moderation, timer);

	if (fiber_spawn(m->fibers, run, m, clock_after_ms(TIMEOUT_MS), NULL).code != CODE_OK)
		try_after(m, AGAIN_MS);
}

struct incidents_moderation *incidents_moderation_new(const struct runtime_env *env,
                                                      uint32_t                  interval_s)
{
	struct incidents_moderation *m = mem_zalloc(sizeof *m);

	m->db = env->db;
	m->loop = env->loop;
	m->fibers = env->fibers;
	m->interval_s = interval_s;
	m->n_deleted = metrics_counter_get("incidents_moderated_total",
	                                   "incidents deleted since their time was over", NULL);
	arena_init(&m->arena, ARENA_BYTES);
	loop_timer_init(&m->timer, on_fire);
	try_after(m, 0);
	return m;
}

void incidents_moderation_free(struct incidents_moderation *m)
{
	if (m == NULL)
		return;
	loop_timer_cancel(m->loop, &m->timer);
	if (m->fiber)
		fiber_cancel(m->fiber);
	for (int i = 0; i < END_TURNS && m->fiber; i++)
		loop_turn(m->loop, END_TURN_MS);
	arena_fini(&m->arena);
	mem_free(m);
}
