/*
 * Design notes. Questions stand in a queue, from which up to 16 fibers of their own take them: who
 * asked first may give up while others still wait. Askers, and the fiber that asks, hold a question
 * by a count; the last one frees it.
 */
#include "edge/session_asks.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/users/v1/users.rpc.h"
#include "edge/internal.h"
#include "fiber/fiber.h"

enum { MAX_WORKERS = 16, TIMEOUT_MS = 5000 };

struct ask {
	struct list               link; /* of asks; in none once it is asked */
	struct edge_session_asks *all;
	int64_t                   account_id, session_id;
	unsigned                  holders;
	bool                      is_done;
	struct list               waiting; /* struct asker */
	struct rpc_call           call;    /* what came is in its arena */
	struct edge_standing      standing;
	status                    result;
};

struct asker {
	struct list   link;
	struct fiber *fiber;
};

void edge_session_asks_init(struct edge_session_asks *s, struct edge *e)
{
	*s = (struct edge_session_asks){.edge = e};
	s->asked =
	        metrics_counter_get("edge_session_asks_total",
	                            "Questions to users how a session stands.", METRICS_LABELS());
	list_init(&s->asks);
}

bool edge_session_asks_are_done(const struct edge_session_asks *s)
{
	return s->n_workers == 0;
}

static void release(struct ask *q)
{
	if (--q->holders > 0)
		return;
	list_remove(&q->link);
	rpc_call_fini(&q->call);
	mem_free(q);
}

static status ask_users(struct ask *q)
{
	users_check_session_request   req;
	users_check_session_response *answer;
	str                          *roles;

	users_check_session_request_init(&req);
	req.account_id = q->account_id;
	req.session_id = q->session_id;
	TRY(users_client_check_session(edge_client(q->all->edge, "users"), &q->call, &req,
	                               &answer));
	roles = arena_alloc(&q->call.arena, (answer->n_roles + 1) * sizeof *roles);
	for (size_t i = 0; i < answer->n_roles; i++)
		roles[i] = str_c(answer->roles[i]);
	q->standing = (struct edge_standing){.is_ended = !answer->is_alive,
	                                     .roles = roles,
	                                     .n_roles = answer->n_roles,
	                                     .roles_version = answer->roles_version};
	return STATUS_OK;
}

static void finish(struct ask *q, status st)
{
	q->result = st;
	q->is_done = true;
	list_for_each (it, &q->waiting)
		fiber_wake(container_of(it, struct asker, link)->fiber);
	release(q);
}

static struct ask *take_next(struct edge_session_asks *s)
{
	struct ask *q;

	if (list_is_empty(&s->asks))
		return NULL;
	q = container_of(s->asks.next, struct ask, link);
	list_remove(&q->link); /* an answer on its way may be older than who comes now */
	q->holders++;
	return q;
}

static void run(void *arg)
{
	struct edge_session_asks *s = arg;
	struct ask               *q;

	fiber_set_label("ask users of a session");
	while ((q = take_next(s)) != NULL) {
		rpc_call_init(&q->call, clock_after_ms(TIMEOUT_MS));
		q->call.request_id = STR("sessions");
		metrics_counter_add(s->asked, 1);
		finish(q, ask_users(q));
	}
	s->n_workers--;
}

static struct ask *find_or_make(struct edge_session_asks *s, int64_t account_id, int64_t session_id)
{
	struct ask *q;

	list_for_each (it, &s->asks) {
		q = container_of(it, struct ask, link);
		if (q->session_id == session_id && q->account_id == account_id)
			return q;
	}
	q = mem_zalloc(sizeof *q);
	q->all = s;
	q->account_id = account_id;
	q->session_id = session_id;
	list_init(&q->waiting);
	list_append(&s->asks, &q->link);
	return q;
}

static status wait_for(struct ask *q)
{
	struct asker me = {.fiber = fiber_current()};
	status       st = STATUS_OK;

	list_append(&q->waiting, &me.link);
	while (!q->is_done && st.code == CODE_OK)
		st = fiber_suspend(CLOCK_NEVER);
	list_remove(&me.link);
	return q->is_done ? q->result : st;
}

status edge_session_asks_ask(struct edge_session_asks *s, int64_t account_id, int64_t session_id,
                             struct arena *a, struct edge_standing *out_standing)
{
	struct ask *q = find_or_make(s, account_id, session_id);
	status      st;

	q->holders++;
	if (s->n_workers < MAX_WORKERS) {
		s->n_workers++;
		if (fiber_spawn(s->edge->fibers, run, s, CLOCK_NEVER, NULL).code != CODE_OK)
			s->n_workers--;
	}
	st = s->n_workers > 0 || q->is_done
	             ? wait_for(q)
	             : status_error(CODE_UNAVAILABLE, "too much is under way");
	if (st.code == CODE_OK)
		*out_standing = edge_standing_dup(&q->standing, a);
	else
		st.msg = "the session cannot be checked";
	release(q);
	return st;
}
