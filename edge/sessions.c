/*
 * Design notes. The set is guarded by a mutex that is held for the moment of a look or a change,
 * never over a wait. A snapshot is taken into a second set, page by page, while calls of this edge
 * go on to change both; then it takes the place of the first. Changes may come twice and in any
 * order, so nothing else has to be in step.
 */
#include "edge/sessions.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/users/v1/events.schema.h"
#include "canaduck/users/v1/users.rpc.h"
#include "edge/internal.h"
#include "events/consumer.h"
#include "log/log.h"
#include "pb/message.h"
#include "rpc/envelope.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { SNAPSHOT_TIMEOUT_MS = 10000, PAGE = 1000, STOP_TURNS = 1000, STOP_TURN_MS = 5 };

struct edge_sessions {
	pthread_mutex_t          mutex;
	struct edge_revocations  known;   /* under mutex */
	struct edge_revocations *coming;  /* under mutex; a snapshot that is being taken, or NULL */
	struct list              watches; /* under mutex */
	atomic_bool              is_complete, has_follower;
	struct edge             *follower; /* its loop's, as what is below */
	bool                     is_leaving;
	struct events_consumer  *consumer;
	struct metrics_gauge    *is_known;
};

struct edge_sessions *edge_sessions_new(void)
{
	struct edge_sessions *s = mem_zalloc(sizeof *s);

	pthread_mutex_init(&s->mutex, NULL);
	list_init(&s->watches);
	s->is_known = metrics_gauge_get("edge_sessions_known",
	                                "Whether the events of users tell which sessions ended.",
	                                METRICS_LABELS());
	return s;
}

void edge_sessions_free(struct edge_sessions *s)
{
	if (s == NULL)
		return;
	edge_revocations_fini(&s->known);
	pthread_mutex_destroy(&s->mutex);
	mem_free(s);
}

static int64_t now_s(void)
{
	return clock_wall_us() / 1000000;
}

/* ---- watches ---- */

/* Takes out what changed, and gives room for more. */
static size_t take_changed(struct edge_sessions_watch *w,
                           int64_t                     out_changed[EDGE_SESSIONS_MAX_CHANGED])
{
	struct edge_sessions *s = w->sessions;
	size_t                n;

	pthread_mutex_lock(&s->mutex);
	n = w->is_all ? 1 : w->n_changed;
	memcpy(out_changed, w->changed, n * sizeof *out_changed);
	if (w->is_all)
		out_changed[0] = 0;
	w->n_changed = 0;
	w->is_all = false;
	pthread_mutex_unlock(&s->mutex);
	return n;
}

static void tell_watch(struct loop_task *t)
{
	struct edge_sessions_watch *w = container_of(t, struct edge_sessions_watch, task);
	int64_t                     changed[EDGE_SESSIONS_MAX_CHANGED];
	const size_t                n = take_changed(w, changed);

	for (size_t i = 0; i < n && w->sessions; i++)
		w->on_change(w->arg, changed[i]);
}

static bool is_noted(const struct edge_sessions_watch *w, int64_t account_id)
{
	for (size_t i = 0; i < w->n_changed; i++)
		if (w->changed[i] == account_id)
			return true;
	return w->is_all;
}

/* account_id 0: all. */
static void note_locked(struct edge_sessions *s, int64_t account_id)
{
	list_for_each (it, &s->watches) {
		struct edge_sessions_watch *w = container_of(it, struct edge_sessions_watch, link);

		if (is_noted(w, account_id))
			continue;
		if (account_id == 0 || w->n_changed == EDGE_SESSIONS_MAX_CHANGED)
			w->is_all = true;
		else
			w->changed[w->n_changed++] = account_id;
		loop_post(w->loop, &w->task);
	}
}

void edge_sessions_watch(struct edge_sessions *s, struct edge_sessions_watch *w)
{
	w->sessions = s;
	w->n_changed = 0;
	w->is_all = false;
	loop_task_init(&w->task, tell_watch);
	pthread_mutex_lock(&s->mutex);
	list_append(&s->watches, &w->link);
	pthread_mutex_unlock(&s->mutex);
}

void edge_sessions_unwatch(struct edge_sessions_watch *w)
{
	struct edge_sessions *s = w->sessions;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->mutex);
	list_remove(&w->link);
	pthread_mutex_unlock(&s->mutex);
	loop_task_cancel(w->loop, &w->task);
	w->sessions = NULL;
}

/* ---- looks and changes ---- */

bool edge_sessions_are_known(const struct edge_sessions *s)
{
	return atomic_load(&s->is_complete);
}

void edge_sessions_apply(struct edge_sessions *s, const struct rpc_session_change *changes)
{
	if (changes == NULL)
		return;
	pthread_mutex_lock(&s->mutex);
	for (; changes; changes = changes->next) {
		edge_revocations_apply(&s->known, changes, now_s());
		if (s->coming)
			edge_revocations_apply(s->coming, changes, now_s());
		note_locked(s, changes->account_id);
	}
	pthread_mutex_unlock(&s->mutex);
}

bool edge_sessions_look(struct edge_sessions *s, int64_t account_id, int64_t session_id,
                        struct arena *a, struct edge_standing *out_standing)
{
	struct edge_standing standing;

	if (!edge_sessions_are_known(s))
		return false;
	pthread_mutex_lock(&s->mutex);
	standing = edge_revocations_look(&s->known, account_id, session_id);
	*out_standing = edge_standing_dup(&standing, a);
	pthread_mutex_unlock(&s->mutex);
	return true;
}

/* ---- the stream ---- */

static struct rpc_session_change read_change(const rpcv1_session_change *m, struct arena *a)
{
	str *roles = arena_alloc(a, (m->n_roles + 1) * sizeof *roles);

	for (size_t i = 0; i < m->n_roles; i++)
		roles[i] = str_c(m->roles[i]);
	return (struct rpc_session_change){.account_id = m->account_id,
	                                   .session_id = m->session_id,
	                                   .ended_below = m->ended_below,
	                                   .kept_session_id = m->kept_session_id,
	                                   .roles = roles,
	                                   .n_roles = m->n_roles,
	                                   .roles_version = m->roles_version,
	                                   .expire_time = m->expire_time};
}

/* Facts of other kinds are none of ours. */
static status on_events(void *arg, struct arena *a, const struct events_batch *batch)
{
	struct edge_sessions *s = arg;

	for (size_t i = 0; i < batch->n; i++) {
		const events_event *event = batch->events[i];
		str               payload = {(const char *)event->payload.data, event->payload.len};
		ProtobufCMessage *fact;
		struct rpc_session_change change;

		if (!str_eq(str_c(event->type), STR("canaduck.users.v1.SessionsChanged")))
			continue;
		TRY(pb_unpack(a, users_sessions_changed_schema.descriptor, payload, &fact));
		change = read_change(((const users_sessions_changed *)fact)->change, a);
		edge_sessions_apply(s, &change);
	}
	return STATUS_OK;
}

static status take_page(struct edge_sessions *s, struct rpc_call *call, char **token,
                        struct events_position *position)
{
	users_list_revocations_request   req;
	users_list_revocations_response *page;

	users_list_revocations_request_init(&req);
	req.page_size = PAGE;
	req.page_token = *token;
	TRY(users_client_list_revocations(edge_client(s->follower, "users"), call, &req, &page));
	pthread_mutex_lock(&s->mutex);
	for (size_t i = 0; i < page->n_changes; i++) {
		struct rpc_session_change change = read_change(page->changes[i], &call->arena);

		edge_revocations_apply(s->coming, &change, now_s());
	}
	pthread_mutex_unlock(&s->mutex);
	if (position->epoch == 0)
		*position = (struct events_position){page->epoch, page->last_position};
	*token = page->next_page_token;
	return STATUS_OK;
}

/* Where the first page stands counts: what changes while the others are taken comes again. */
static status take_pages(struct edge_sessions *s, struct events_position *out_position)
{
	struct events_position position = {0};
	struct rpc_call        call;
	char                  *token = (char[]){""};
	status                 st;

	rpc_call_init(&call, clock_after_ms(SNAPSHOT_TIMEOUT_MS));
	call.request_id = STR("sessions");
	do
		st = take_page(s, &call, &token, &position);
	while (st.code == CODE_OK && *token);
	rpc_call_fini(&call);
	if (st.code != CODE_OK)
		return status_error(st.code, "users does not list what ended");
	*out_position = position;
	return STATUS_OK;
}

static status on_rebuild(void *arg, struct arena *a __attribute__((unused)),
                         struct events_position *out_position)
{
	struct edge_sessions   *s = arg;
	struct edge_revocations coming = {0}, old;
	status                  st;

	pthread_mutex_lock(&s->mutex);
	s->coming = &coming;
	pthread_mutex_unlock(&s->mutex);
	st = take_pages(s, out_position);
	pthread_mutex_lock(&s->mutex);
	s->coming = NULL;
	old = s->known;
	if (st.code == CODE_OK) {
		s->known = coming;
		note_locked(s, 0);
	}
	pthread_mutex_unlock(&s->mutex);
	edge_revocations_fini(st.code == CODE_OK ? &old : &coming);
	return st;
}

static void on_complete(void *arg, bool is_complete)
{
	struct edge_sessions *s = arg;

	atomic_store(&s->is_complete, is_complete && !s->is_leaving);
	metrics_gauge_set(s->is_known, is_complete);
	if (is_complete)
		log_info("what sessions ended is known by the events of users");
	else if (!s->is_leaving)
		log_warn("the events of users are lost; users is asked of each session");
}

status edge_sessions_follow(struct edge_sessions *s, struct edge *e)
{
	static const struct events_consumer_ops ops = {
	        .on_rebuild = on_rebuild, .on_events = on_events, .on_complete = on_complete};
	const struct runtime_address *at = runtime_address_find(e->host->addresses, "users");

	if (at == NULL)
		return status_error(CODE_INTERNAL, "no address of users");
	if (atomic_exchange(&s->has_follower, true))
		return STATUS_OK;
	s->follower = e;
	return events_consumer_new(
	        &(struct events_consumer_config){.loop = e->loop,
	                                         .fibers = e->fibers,
	                                         .client = edge_client(e, "users"),
	                                         .service = "users",
	                                         .tls = e->host->tls,
	                                         .urls = at->events,
	                                         .ops = &ops,
	                                         .arg = s},
	        &s->consumer);
}

bool edge_sessions_leave(struct edge_sessions *s, struct edge *e)
{
	if (s->follower != e || s->consumer == NULL)
		return true;
	s->is_leaving = true;
	atomic_store(&s->is_complete, false);
	events_consumer_close(s->consumer);
	return events_consumer_is_closed(s->consumer);
}

void edge_sessions_stop(struct edge_sessions *s, struct edge *e)
{
	if (s->follower != e)
		return;
	for (int i = 0; i < STOP_TURNS && !edge_sessions_leave(s, e); i++)
		loop_turn(e->loop, STOP_TURN_MS);
	events_consumer_free(s->consumer);
	s->consumer = NULL;
}
