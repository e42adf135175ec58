/*
 * Design notes. One fiber at most tells; it takes the table away, so that requests go on to note in
 * an empty one, and puts back what it could not tell, where the newer time wins. Ages go over the
 * wire, not times: the clocks of two machines differ. Telling twice is harmless.
 */
#include "edge/presence.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/users/v1/users.rpc.h"
#include "edge/internal.h"
#include "fiber/fiber.h"
#include "log/log.h"

enum {
	TIMEOUT_MS = 2000,
	RETRY_MS = 100, /* while the process waits to end */
	GIVE_UP_MS = 2000,
	MAX_ACCOUNTS = 65536, /* kept while nobody listens */
	MAX_BATCH = 1000
};

static void add(struct edge *e, struct edge_sighting seen)
{
	if (!edge_sightings_add(&e->presence.seen, seen))
		metrics_counter_add(e->presence.dropped, 1);
}

void edge_presence_note(struct edge *e, int64_t account_id, int64_t at_ns)
{
	add(e, (struct edge_sighting){account_id, at_ns});
}

/* Not told this time: the next. */
static void keep(struct edge *e, struct edge_sighting seen)
{
	metrics_counter_add(e->presence.retried, 1);
	add(e, seen);
}

/* Those whose rows somebody holds are told later. */
static void keep_busy(struct edge *e, const users_record_presence_response *answer,
                      const struct edge_sighting *seen, size_t n)
{
	for (size_t i = 0; i < answer->n_busy_ids; i++)
		for (size_t k = 0; k < n; k++)
			if (seen[k].account_id == answer->busy_ids[i])
				keep(e, seen[k]);
}

static status tell_batch(struct edge *e, struct rpc_call *call, const struct edge_sighting *seen,
                         size_t n)
{
	users_record_presence_request   req;
	users_record_presence_response *answer;
	int64_t                         now = clock_now_ns();

	users_record_presence_request_init(&req);
	req.account_ids = arena_alloc(&call->arena, n * sizeof *req.account_ids);
	req.idle_ms = arena_alloc(&call->arena, n * sizeof *req.idle_ms);
	req.n_account_ids = req.n_idle_ms = n;
	for (size_t i = 0; i < n; i++) {
		req.account_ids[i] = seen[i].account_id;
		req.idle_ms[i] = (now - seen[i].at_ns) / CLOCK_NS_PER_MS;
	}
	call->request_id = edge_request_id_new(&e->request_ids, &call->arena);
	TRY(users_client_record_presence(edge_client(e, "users"), call, &req, &answer));
	keep_busy(e, answer, seen, n);
	return STATUS_OK;
}

static status tell_all(struct edge *e, const struct edge_sighting *seen, size_t n, size_t *told)
{
	while (*told < n) {
		size_t          batch = n - *told < MAX_BATCH ? n - *told : MAX_BATCH;
		struct rpc_call call;
		status          st;

		rpc_call_init(&call, clock_after_ms(TIMEOUT_MS));
		st = tell_batch(e, &call, seen + *told, batch);
		if (st.code != CODE_OK)
			log_warn("presence is told later", LOG_CODE(st), LOG_REASON(st),
			         LOG_U64("accounts", n - *told));
		rpc_call_fini(&call);
		if (st.code != CODE_OK)
			return (status){st.code, NULL}; /* its text was in the call */
		*told += batch;
	}
	return STATUS_OK;
}

static void tell(void *arg)
{
	struct edge          *e = arg;
	struct edge_presence *p = &e->presence;
	size_t                n, told = 0;
	struct edge_sighting *seen = edge_sightings_take(&p->seen, &n);

	p->fiber = fiber_current();
	fiber_set_label("presence");
	if (tell_all(e, seen, n, &told).code != CODE_OK)
		p->retry_ns = clock_after_ms(RETRY_MS);
	for (size_t i = told; i < n; i++)
		keep(e, seen[i]);
	mem_free(seen);
	p->fiber = NULL;
	p->is_telling = false;
}

static void begin(struct edge *e)
{
	struct edge_presence *p = &e->presence;
	status                st;

	if (p->is_telling || p->seen.count == 0)
		return;
	p->is_telling = true;
	st = fiber_spawn(e->fibers, tell, e, CLOCK_NEVER, NULL);
	if (st.code != CODE_OK)
		p->is_telling = false; /* too busy: the next time */
}

static void on_timer(struct loop_timer *t)
{
	struct edge *e = container_of(t, struct edge, presence.timer);

	begin(e);
	loop_timer_set(e->loop, t, clock_after_ms(e->cfg->presence_interval_ms));
}

void edge_presence_start(struct edge *e)
{
	struct edge_presence *p = &e->presence;

	p->seen.max = MAX_ACCOUNTS;
	p->retried = metrics_counter_get(
	        "edge_presence_retried_total",
	        "Signs of life of accounts that could not be told at once.", METRICS_LABELS());
	p->dropped = metrics_counter_get(
	        "edge_presence_dropped_total",
	        "Signs of life of accounts that were never told, for want of room.",
	        METRICS_LABELS());
	loop_timer_init(&p->timer, on_timer);
	loop_timer_set(e->loop, &p->timer, clock_after_ms(e->cfg->presence_interval_ms));
}

bool edge_presence_is_told(struct edge *e)
{
	struct edge_presence *p = &e->presence;
	int64_t               now = clock_now_ns();

	/* From here on this tells: nothing may begin after it has said that all is done. */
	loop_timer_cancel(e->loop, &p->timer);
	if (p->is_telling)
		return false;
	if (p->seen.count == 0 || e->is_cut_off)
		return true;
	if (p->give_up_ns == 0)
		p->give_up_ns = now + GIVE_UP_MS * CLOCK_NS_PER_MS;
	if (now > p->give_up_ns)
		return true;
	if (now >= p->retry_ns)
		begin(e);
	return false;
}

void edge_presence_cancel(struct edge *e)
{
	if (e->presence.fiber)
		fiber_cancel(e->presence.fiber);
}

void edge_presence_stop(struct edge *e)
{
	struct edge_presence *p = &e->presence;

	if (e->loop)
		loop_timer_cancel(e->loop, &p->timer);
	if (p->seen.count > 0)
		log_warn("presence was not told before the end",
		         LOG_U64("accounts", p->seen.count));
	edge_sightings_fini(&p->seen);
}
