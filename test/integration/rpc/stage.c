#include "test/integration/rpc/stage.h"

#include "base/clock.h"
#include "fiber/fiber.h"
#include "test/support/test.h"
#include "trial/v1/trial.server.h"

#include <sched.h>

enum { PATIENCE_S = 30 };

const struct identity_keys stage_keys = {.current = {1, 2, 3}, .current_id = 7};

const struct rpc_tls *stage_tls;

/*
 * nng 1.5 forgets a message that it took for a connection which closes at that moment. Read by
 * LeakSanitizer, where there is one.
 */
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	return "leak:libnng";
}

/* ---- threads ---- */

static void *run_loop(void *arg)
{
	loop_run(((struct stage_thread *)arg)->loop);
	return NULL;
}

void stage_thread_init(struct stage_thread *t)
{
	assert_status(loop_new(&t->loop), CODE_OK);
	assert_status(fiber_scheduler_new(t->loop, &(struct fiber_config){0}, &t->fibers), CODE_OK);
	assert_int_equal(pthread_create(&t->thread, NULL, run_loop, t), 0);
}

void stage_thread_fini(struct stage_thread *t)
{
	loop_stop(t->loop);
	pthread_join(t->thread, NULL);
	/* The loop is this thread's now. */
	for (int i = 0; i < 1000 && fiber_scheduler_count(t->fibers) > 0; i++)
		loop_turn(t->loop, 10);
	fiber_scheduler_free(t->fibers);
	loop_free(t->loop);
}

static void run_job(void *arg)
{
	struct stage_job *j = arg;

	j->fiber = fiber_current();
	j->fn(j->arg);
	pthread_mutex_lock(&j->mutex);
	j->fiber = NULL;
	j->is_done = true;
	pthread_cond_signal(&j->ended);
	pthread_mutex_unlock(&j->mutex);
}

static void spawn_job(struct loop_task *t)
{
	struct stage_job *j = container_of(t, struct stage_job, task);

	if (fiber_spawn(j->thread->fibers, run_job, j, CLOCK_NEVER, NULL).code != CODE_OK)
		mem_die("stage: no fiber");
}

void stage_start(struct stage_job *j, struct stage_thread *t, void (*fn)(void *arg), void *arg)
{
	*j = (struct stage_job){.thread = t, .fn = fn, .arg = arg};
	loop_task_init(&j->task, spawn_job);
	pthread_mutex_init(&j->mutex, NULL);
	pthread_cond_init(&j->ended, NULL);
	loop_post(t->loop, &j->task);
}

void stage_wait(struct stage_job *j)
{
	pthread_mutex_lock(&j->mutex);
	while (!j->is_done)
		pthread_cond_wait(&j->ended, &j->mutex);
	pthread_mutex_unlock(&j->mutex);
	pthread_cond_destroy(&j->ended);
	pthread_mutex_destroy(&j->mutex);
}

bool stage_is_done(struct stage_job *j)
{
	bool is_done;

	pthread_mutex_lock(&j->mutex);
	is_done = j->is_done;
	pthread_mutex_unlock(&j->mutex);
	return is_done;
}

void stage_do(struct stage_thread *t, void (*fn)(void *arg), void *arg)
{
	struct stage_job j;

	stage_start(&j, t, fn, arg);
	stage_wait(&j);
}

static void cancel_job(void *arg)
{
	struct stage_job *j = arg;

	if (j->fiber)
		fiber_cancel(j->fiber);
}

void stage_cancel(struct stage_job *j)
{
	stage_do(j->thread, cancel_job, j);
}

void stage_until(const atomic_uint *number, unsigned at_least)
{
	int64_t end_ns = clock_now_ns() + PATIENCE_S * CLOCK_NS_PER_S;

	while (atomic_load(number) < at_least && clock_now_ns() < end_ns)
		sched_yield();
	assert_true(atomic_load(number) >= at_least);
}

/* A fiber's short rest between two looks at something. */
static status rest(void)
{
	status st = fiber_suspend(clock_after_ms(1));

	if (st.code == CODE_DEADLINE_EXCEEDED && clock_now_ns() < fiber_deadline_ns())
		return STATUS_OK;
	return st;
}

/* ---- servers ---- */

static void start_server(void *arg)
{
	struct stage_server           *s = arg;
	const struct rpc_server_config cfg = {.loop = s->thread.loop,
	                                      .fibers = s->thread.fibers,
	                                      .keys = &stage_keys,
	                                      .tls = s->tls ? s->tls : stage_tls,
	                                      .max_calls = s->max_calls,
	                                      .max_calls_per_peer = s->max_calls};
	const struct rpc_client_config next = {.loop = s->thread.loop,
	                                       .keys = &stage_keys,
	                                       .name = STR("middle"),
	                                       .tls = stage_tls};

	s->result = rpc_server_new(&cfg, &s->server);
	if (s->next) {
		s->result = rpc_client_new(&next, &s->trial.next);
		if (s->result.code == CODE_OK)
			s->result = rpc_client_add(s->trial.next, str_c(s->next->url));
	}
	rpc_server_add(s->server, &trial_handlers, &s->trial);
	if (s->result.code == CODE_OK)
		s->result = rpc_server_listen(s->server, str_c(s->url));
}

void stage_server_start(struct stage_server *s, const char *url)
{
	s->url = url;
	stage_thread_init(&s->thread);
	stage_do(&s->thread, start_server, s);
	assert_status(s->result, CODE_OK);
}

static void drain_server(void *arg)
{
	rpc_server_drain(((struct stage_server *)arg)->server);
}

void stage_server_drain(struct stage_server *s)
{
	stage_do(&s->thread, drain_server, s);
}

static void cancel_server(void *arg)
{
	rpc_server_cancel(((struct stage_server *)arg)->server);
}

void stage_server_cancel(struct stage_server *s)
{
	stage_do(&s->thread, cancel_server, s);
}

static void stop_server(void *arg)
{
	struct stage_server *s = arg;

	while (!rpc_server_is_idle(s->server) && rest().code == CODE_OK)
		;
	rpc_server_free(s->server);
	rpc_client_free(s->trial.next);
}

void stage_server_stop(struct stage_server *s)
{
	stage_do(&s->thread, stop_server, s);
	stage_thread_fini(&s->thread);
}

/* ---- clients ---- */

static void start_client(void *arg)
{
	struct stage_client           *c = arg;
	const struct rpc_client_config cfg = {
	        .loop = c->thread.loop, .keys = &stage_keys, .name = STR("front"), .tls = c->tls};

	if (rpc_client_new(&cfg, &c->client).code != CODE_OK)
		mem_die("stage: no client");
	for (int i = 0; c->urls[i]; i++)
		if (rpc_client_add(c->client, str_c(c->urls[i])).code != CODE_OK)
			mem_die("stage: no link");
}

struct await {
	struct stage_client *client;
	bool                 is_up, came;
};

static void await_state(void *arg)
{
	struct await *a = arg;
	int64_t       end_ns = clock_now_ns() + PATIENCE_S * CLOCK_NS_PER_S;

	while (rpc_client_is_up(a->client->client) != a->is_up && clock_now_ns() < end_ns)
		if (rest().code != CODE_OK)
			return;
	a->came = rpc_client_is_up(a->client->client) == a->is_up;
}

void stage_client_await(struct stage_client *c, bool is_up)
{
	struct await a = {c, is_up, false};

	stage_do(&c->thread, await_state, &a);
	assert_true(a.came);
}

void stage_client_start_as(struct stage_client *c, const char *const *urls,
                           const struct rpc_tls *tls)
{
	*c = (struct stage_client){.tls = tls};
	for (int i = 0; urls[i]; i++)
		c->urls[i] = urls[i];
	stage_thread_init(&c->thread);
	stage_do(&c->thread, start_client, c);
}

void stage_client_start(struct stage_client *c, const char *const *urls, bool must_be_up)
{
	stage_client_start_as(c, urls, stage_tls);
	if (must_be_up)
		stage_client_await(c, true);
}

struct addition {
	struct stage_client *client;
	const char          *url;
	status               result;
};

static void add_replica(void *arg)
{
	struct addition *a = arg;

	a->result = rpc_client_add(a->client->client, str_c(a->url));
}

void stage_client_add(struct stage_client *c, const char *url)
{
	struct addition a = {.client = c, .url = url};

	stage_do(&c->thread, add_replica, &a);
	assert_status(a.result, CODE_OK);
}

static void stop_client(void *arg)
{
	rpc_client_free(((struct stage_client *)arg)->client);
}

void stage_client_stop(struct stage_client *c)
{
	stage_do(&c->thread, stop_client, c);
	stage_thread_fini(&c->thread);
}

/* ---- calls ---- */

static void run_call(void *arg)
{
	struct stage_call *c = arg;
	status             st = STATUS_OK;

	rpc_call_init(&c->call, clock_after_ms(c->timeout_ms ? c->timeout_ms : 10000));
	c->call.request_id = STR("r-1");
	if (c->who.kind != IDENTITY_ANONYMOUS)
		st = identity_seal(&stage_keys, &c->who, clock_wall_us() / 1000000, 30, 0,
		                   &c->call.arena, &c->call.sealed);
	if (st.code == CODE_OK)
		st = rpc_client_call(c->client->client, &c->call, c->method, c->request,
		                     &c->response);
	c->result = st;
}

void stage_call_start(struct stage_call *c)
{
	stage_start(&c->job, &c->client->thread, run_call, c);
}

status stage_call_wait(struct stage_call *c)
{
	stage_wait(&c->job);
	return c->result;
}

status stage_call_run(struct stage_call *c)
{
	stage_call_start(c);
	return stage_call_wait(c);
}

void stage_call_fini(struct stage_call *c)
{
	rpc_call_fini(&c->call);
}
