/*
 * Design notes. One fiber does everything, one statement after another; callbacks only wake it.
 *
 * It leads from outbox_lease_take() on, which tells epoch and next position, until a statement
 * shows that either is no longer what it knows: another one took over, or a statement of its own
 * did its work and the answer was lost. Then it starts anew. What it does not know to be published
 * it leaves: the next heartbeat shows everybody that it is there, to be read.
 *
 * Each batch is a commit more for the database. So one that comes alone is placed at once, and
 * those that come right after one another are gathered for some milliseconds.
 *
 * A heartbeat says "so far it goes, and I lead". It must not be old when it is sent, so it is left
 * out when the look at the table took long.
 */
#include "outbox/relay.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/db.h"
#include "events/message.h"
#include "events/publisher.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "outbox/lease.h"
#include "outbox/outbox.h"
#include "outbox/row.h"
#include "pb/timestamp.h"

enum {
	LEASE_MS = 1500,
	POLL_MS = 20,
	HEARTBEAT_MS = 250,
	PRUNE_MS = 60000,
	KEEP_DAYS = 7,
	GATHER_MS = 4,       /* from one batch to the next, unless that is full already */
	LOOKS_A_LEASE = 15,  /* of who does not lead */
	STATEMENT_MS = 5000, /* longest wait for a statement */
	PAUSE_MS = 200,      /* after one that failed */
	BATCH_ROWS = 512,
	BATCH_BYTES = 4 * 1024 * 1024,
	PRUNE_ROWS = 1000,
	ARENA_BYTES = 64 * 1024 * 1024
};

#define KEEP_MS (KEEP_DAYS * INT64_C(86400000))

struct outbox_relay {
	struct outbox_relay_config cfg;
	struct fiber              *fiber; /* NULL: it has ended */
	struct arena               arena; /* of one round */
	struct metrics_counter    *n_published;
	struct outbox_lease        lease;
	bool                       is_closing;
	bool                       is_woken;               /* something was committed */
	bool                       is_failing;             /* and that was logged */
	int64_t                    heartbeat_ns, prune_ns; /* when each is due */
	int64_t                    gather_ns;              /* until then commits are gathered */
};

static str service_of(const struct outbox_relay *r)
{
	return str_c(r->cfg.outbox->service);
}

static void due_after(int64_t *at, uint32_t ms)
{
	*at = clock_after_ms(ms);
}

/* ---- leading ---- */

static void tell_step(struct outbox_relay *r, enum outbox_relay_step step)
{
	if (r->cfg.on_step)
		r->cfg.on_step(r->cfg.arg, step);
}

/* Those that nobody hears can be read: what fails here fails for one event alone. */
static void publish(struct outbox_relay *r, const events_event *event)
{
	status st = events_publisher_send(r->cfg.publisher, event);

	if (st.code != CODE_OK)
		log_warn("an event was not published", LOG_STR("service", service_of(r)),
		         LOG_I64("position", event->position), LOG_CODE(st), LOG_REASON(st));
	else
		metrics_counter_add(r->n_published, 1);
}

static size_t publish_rows(struct outbox_relay *r, const struct db_rows *rows, size_t n)
{
	size_t n_bytes = 0;

	tell_step(r, OUTBOX_RELAY_PUBLISHES);
	for (size_t i = 0; i < n; i++) {
		events_event event;

		outbox_row_read(rows, i, r->cfg.outbox, r->lease.epoch, &r->arena, &event);
		n_bytes += event.payload.len;
		publish(r, &event);
	}
	return n_bytes;
}

/* Gives positions to a batch and publishes it. *out_is_all: what was committed before is placed. */
static status place(struct outbox_relay *r, bool *out_is_all)
{
	struct db_rows *rows;
	size_t          n, n_bytes = 0;

	*out_is_all = false;
	r->is_woken = false;
	r->gather_ns = clock_after_ms(GATHER_MS);
	tell_step(r, OUTBOX_RELAY_PLACES);
	TRY(outbox_lease_place(&r->lease, &r->arena, BATCH_ROWS, BATCH_BYTES, &rows, &n));
	if (n > 0)
		n_bytes = publish_rows(r, rows, n);
	*out_is_all = r->lease.is_held && n < BATCH_ROWS &&
	              n_bytes < BATCH_BYTES - OUTBOX_MAX_EVENT_BYTES;
	return STATUS_OK;
}

static void beat(struct outbox_relay *r)
{
	events_event  event;
	pb_timestamp *now = pb_timestamp_from_us(&r->arena, clock_wall_us());

	events_event_init(&event);
	event.kind = EVENTS_KIND_HEARTBEAT;
	event.service = arena_cstr(&r->arena, service_of(r));
	event.epoch = r->lease.epoch;
	event.position = r->lease.next_position - 1;
	event.topic = arena_printf(&r->arena, "%s." EVENTS_HEARTBEAT, r->cfg.outbox->service);
	event.time = now;
	publish(r, &event);
	due_after(&r->heartbeat_ns, r->cfg.heartbeat_ms);
}

static status prune(struct outbox_relay *r)
{
	struct db_rows *rows;

	TRY(db_write(r->cfg.db, &r->arena, r->cfg.outbox->queries->prune,
	             DB_ARGS(DB_I64(r->cfg.keep_ms), DB_I64(PRUNE_ROWS)), &rows));
	if (db_rows_count(rows) < PRUNE_ROWS)
		due_after(&r->prune_ns, r->cfg.prune_ms);
	return STATUS_OK;
}

static status lead(struct outbox_relay *r)
{
	struct outbox_lease *lease = &r->lease;
	const int64_t        started_ns = clock_now_ns();
	bool                 is_all = false, is_waiting = r->is_woken, is_free;

	if (lease->renew_ns <= started_ns)
		TRY(outbox_lease_take(lease, &r->arena));
	if (lease->is_held && !is_waiting) {
		TRY(outbox_lease_look(lease, &r->arena, &is_free, &is_waiting));
		is_all = !is_waiting;
	}
	if (lease->is_held && is_waiting)
		TRY(place(r, &is_all));
	/* The next round comes at once then. */
	if (!is_all) {
		r->is_woken = true;
		r->gather_ns = 0;
	}
	if (!lease->is_held)
		return STATUS_OK;
	if (is_all && r->heartbeat_ns <= clock_now_ns() &&
	    clock_now_ns() - started_ns < r->cfg.heartbeat_ms * CLOCK_NS_PER_MS)
		beat(r);
	if (r->prune_ns <= clock_now_ns())
		TRY(prune(r));
	return STATUS_OK;
}

/* ---- following ---- */

static status follow(struct outbox_relay *r)
{
	bool is_free, is_waiting;

	r->is_woken = false;
	TRY(outbox_lease_look(&r->lease, &r->arena, &is_free, &is_waiting));
	if (is_free)
		TRY(outbox_lease_take(&r->lease, &r->arena));
	/* Whoever waits for a heartbeat waits no longer than for this. */
	r->heartbeat_ns = 0;
	r->is_woken = r->lease.is_held;
	return STATUS_OK;
}

/* ---- life ---- */

/* The first failure is told, and the end of the trouble. */
static void note(struct outbox_relay *r, status st)
{
	if (st.code != CODE_OK && !r->is_failing)
		log_warn("events wait for the database", LOG_STR("service", service_of(r)),
		         LOG_CODE(st), LOG_REASON(st));
	else if (st.code == CODE_OK && r->is_failing)
		log_info("events are published again", LOG_STR("service", service_of(r)));
	r->is_failing = st.code != CODE_OK;
}

static uint32_t idle_ms(const struct outbox_relay *r, status last)
{
	if (last.code != CODE_OK)
		return PAUSE_MS;
	return r->lease.is_held ? r->cfg.poll_ms : r->cfg.lease_ms / LOOKS_A_LEASE;
}

/* Waits until something is to be done; false when that is nothing any more. */
static bool wait(struct outbox_relay *r, status last)
{
	const int64_t idle_until_ns = clock_after_ms(idle_ms(r, last));

	fiber_set_deadline(CLOCK_NEVER);
	for (;;) {
		int64_t until_ns = idle_until_ns;

		if (last.code == CODE_OK && r->is_woken && r->gather_ns < until_ns)
			until_ns = r->gather_ns;
		if (r->is_closing || until_ns <= clock_now_ns())
			return !fiber_is_cancelled();
		if (fiber_suspend(until_ns).code == CODE_CANCELLED)
			return false;
	}
}

/* Says when it begins to lead, in a new epoch too, and when it ends. */
static void note_lead(const struct outbox_relay *r, bool was_held, int64_t epoch)
{
	const struct outbox_lease *l = &r->lease;

	if (l->is_held && (!was_held || l->epoch != epoch))
		log_info("leads the stream", LOG_STR("service", service_of(r)),
		         LOG_I64("epoch", l->epoch), LOG_I64("next_position", l->next_position));
	else if (was_held && !l->is_held)
		log_warn("no longer leads the stream", LOG_STR("service", service_of(r)),
		         LOG_I64("next_position", l->next_position));
}

static status do_round(struct outbox_relay *r)
{
	const bool    was_held = r->lease.is_held;
	const int64_t epoch = r->lease.epoch;
	status        st;

	fiber_set_deadline(clock_after_ms(STATEMENT_MS));
	st = was_held ? lead(r) : follow(r);
	/* A statement without an answer may have done its work: what it knows may be wrong. */
	if (st.code != CODE_OK)
		r->lease.is_held = false;
	if (!fiber_is_cancelled()) {
		note(r, st);
		note_lead(r, was_held, epoch);
	}
	return st;
}

/* What was committed before is published, and the next one need not wait for the lease's end. */
static void finish(struct outbox_relay *r)
{
	bool   is_all = false;
	status st = STATUS_OK;

	fiber_set_deadline(clock_after_ms(STATEMENT_MS));
	while (r->lease.is_held && !is_all && st.code == CODE_OK)
		st = place(r, &is_all);
	if (r->lease.is_held && st.code == CODE_OK)
		beat(r);
	if (st.code == CODE_OK)
		st = outbox_lease_give_back(&r->lease, &r->arena);
	note(r, st);
}

static void run(void *arg)
{
	struct outbox_relay *r = arg;
	status               st;

	fiber_set_label("outbox relay");
	do {
		st = do_round(r);
		arena_reset(&r->arena);
	} while (wait(r, st) && !r->is_closing);
	if (!fiber_is_cancelled())
		finish(r);
	arena_reset(&r->arena);
	r->lease.is_held = false;
	r->fiber = NULL;
}

/* Who does not lead has nothing to do with it: whoever does looks for it. */
static void on_announced(void *arg)
{
	struct outbox_relay *r = arg;

	if (!r->lease.is_held)
		return;
	r->is_woken = true;
	fiber_wake(r->fiber);
}

static uint32_t or_default(uint32_t given, uint32_t otherwise)
{
	return given ? given : otherwise;
}

status outbox_relay_new(const struct outbox_relay_config *cfg, struct outbox_relay **out_relay)
{
	struct outbox_relay *r = mem_zalloc(sizeof *r);
	status               st;

	r->cfg = *cfg;
	r->cfg.lease_ms = or_default(cfg->lease_ms, LEASE_MS);
	r->cfg.poll_ms = or_default(cfg->poll_ms, POLL_MS);
	r->cfg.heartbeat_ms = or_default(cfg->heartbeat_ms, HEARTBEAT_MS);
	r->cfg.prune_ms = or_default(cfg->prune_ms, PRUNE_MS);
	r->cfg.keep_ms = cfg->keep_ms ? cfg->keep_ms : KEEP_MS;
	outbox_lease_init(&r->lease, cfg->db, cfg->outbox, r->cfg.lease_ms);
	r->n_published =
	        metrics_counter_get("events_published_total", "events and heartbeats published",
	                            METRICS_LABELS("service", cfg->outbox->service));
	arena_init(&r->arena, ARENA_BYTES);
	db_set_listener(cfg->writer, on_announced, r);
	st = fiber_spawn(cfg->fibers, run, r, CLOCK_NEVER, &r->fiber);
	if (st.code != CODE_OK) {
		outbox_relay_free(r);
		return st;
	}
	*out_relay = r;
	return STATUS_OK;
}

bool outbox_relay_is_leader(const struct outbox_relay *r)
{
	return r->lease.is_held;
}

void outbox_relay_close(struct outbox_relay *r)
{
	r->is_closing = true;
	if (r->fiber)
		fiber_wake(r->fiber);
}

void outbox_relay_cancel(struct outbox_relay *r)
{
	if (r->fiber)
		fiber_cancel(r->fiber);
}

bool outbox_relay_is_closed(const struct outbox_relay *r)
{
	return r->fiber == NULL;
}

void outbox_relay_free(struct outbox_relay *r)
{
	if (r == NULL)
		return;
	db_set_listener(r->cfg.writer, NULL, NULL);
	arena_fini(&r->arena);
	mem_free(r);
}
