/* What a call comes to when its time, its caller, its server or all room is gone. */
#include "test/integration/rpc/conformance.h"

#include "base/clock.h"

#include <sched.h>

static const trial_wait_request *wait_request(void)
{
	static trial_wait_request req;

	trial_wait_request_init(&req);
	return &req;
}

static struct stage_call waiting_call(struct stage_client *client)
{
	return (struct stage_call){
	        .client = client, .method = trial_wait_method, .request = &wait_request()->base};
}

static status mark(struct stage_client *client, unsigned number, bool *out_not_executed)
{
	trial_mark_request req;
	status             st;

	trial_mark_request_init(&req);
	req.number = number;
	struct stage_call c = {.client = client, .method = trial_mark_method, .request = &req.base};

	st = stage_call_run(&c);
	*out_not_executed = c.call.not_executed;
	stage_call_fini(&c);
	return (status){st.code, NULL};
}

TEST(a_late_reply_is_a_deadline_exceeded_and_harms_no_later_call)
{
	struct conformance_pair pair = {0};
	bool                    not_executed;

	conformance_pair_start(&pair);
	struct stage_call c = waiting_call(&pair.client);

	c.timeout_ms = 30;
	assert_status(stage_call_run(&c), CODE_DEADLINE_EXCEEDED);
	assert_false(c.call.not_executed);
	stage_call_fini(&c);
	atomic_store(&pair.server.trial.is_let_go, true);
	for (unsigned i = 0; i < 20; i++)
		assert_status(mark(&pair.client, i, &not_executed), CODE_OK);
	conformance_pair_stop(&pair);
}

TEST(a_cancelled_fiber_gives_up_its_call)
{
	struct conformance_pair pair = {0};

	conformance_pair_start(&pair);
	struct stage_call c = waiting_call(&pair.client);

	stage_call_start(&c);
	stage_until(&pair.server.trial.waiting, 1);
	stage_cancel(&c.job);
	assert_status(stage_call_wait(&c), CODE_CANCELLED);
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
}

TEST(the_handler_of_a_call_that_was_given_up_is_cancelled)
{
	struct conformance_pair pair = {0};
	bool                    not_executed;

	conformance_pair_start(&pair);
	struct stage_call c = waiting_call(&pair.client);

	stage_call_start(&c);
	stage_until(&pair.server.trial.waiting, 1);
	stage_cancel(&c.job);
	assert_status(stage_call_wait(&c), CODE_CANCELLED);
	stage_until(&pair.server.trial.cancelled, 1);
	assert_status(mark(&pair.client, 0, &not_executed), CODE_OK);
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
}

TEST(without_a_server_a_call_is_unavailable_and_surely_not_executed)
{
	struct stage_client client;
	bool                not_executed = false;

	stage_client_start(&client, (const char *[]){conformance_url(), NULL}, false);
	assert_status(mark(&client, 0, &not_executed), CODE_UNAVAILABLE);
	assert_true(not_executed);
	stage_client_stop(&client);
}

TEST(a_client_finds_a_server_that_comes_later_and_one_that_comes_back)
{
	struct stage_server first = {0}, second = {0};
	struct stage_client client;
	const char         *url = conformance_url();
	bool                not_executed;

	stage_client_start(&client, (const char *[]){url, NULL}, false);
	stage_server_start(&first, url);
	stage_client_await(&client, true);
	assert_status(mark(&client, 1, &not_executed), CODE_OK);
	stage_server_stop(&first);
	stage_client_await(&client, false);
	assert_status(mark(&client, 1, &not_executed), CODE_UNAVAILABLE);
	assert_true(not_executed);
	stage_server_start(&second, url);
	stage_client_await(&client, true);
	assert_status(mark(&client, 1, &not_executed), CODE_OK);
	assert_int_equal(atomic_load(&second.trial.marks[1]), 1);
	stage_client_stop(&client);
	stage_server_stop(&second);
}

TEST(past_its_limit_a_server_refuses_and_does_not_execute)
{
	struct conformance_pair pair = {.server.max_calls = 2};
	struct stage_call       waiting[2];
	bool                    not_executed = false;

	conformance_pair_start(&pair);
	for (int i = 0; i < 2; i++) {
		waiting[i] = waiting_call(&pair.client);
		stage_call_start(&waiting[i]);
	}
	stage_until(&pair.server.trial.waiting, 2);
	assert_status(mark(&pair.client, 5, &not_executed), CODE_UNAVAILABLE);
	assert_true(not_executed);
	atomic_store(&pair.server.trial.is_let_go, true);
	for (int i = 0; i < 2; i++) {
		assert_status(stage_call_wait(&waiting[i]), CODE_OK);
		stage_call_fini(&waiting[i]);
	}
	assert_int_equal(atomic_load(&pair.server.trial.marks[5]), 0);
	assert_status(mark(&pair.client, 5, &not_executed), CODE_OK);
	conformance_pair_stop(&pair);
}

TEST(what_one_replica_refused_another_does_once)
{
	enum { N = 40 };
	struct conformance_pair pair = {.server.max_calls = 1};
	struct stage_server     second = {0};
	struct stage_call       waiting;
	bool                    not_executed;

	conformance_pair_start(&pair);
	waiting = waiting_call(&pair.client);
	stage_call_start(&waiting);
	stage_until(&pair.server.trial.waiting, 1);
	stage_server_start(&second, conformance_url());
	stage_client_add(&pair.client, second.url);
	/* Until the second is found there is nowhere else to go. */
	while (atomic_load(&second.trial.marks[0]) == 0)
		(void)mark(&pair.client, 0, &not_executed).code;
	for (unsigned i = 1; i <= N; i++) {
		assert_status(mark(&pair.client, i, &not_executed), CODE_OK);
		assert_int_equal(atomic_load(&second.trial.marks[i]), 1);
		assert_int_equal(atomic_load(&pair.server.trial.marks[i]), 0);
	}
	atomic_store(&pair.server.trial.is_let_go, true);
	assert_status(stage_call_wait(&waiting), CODE_OK);
	stage_call_fini(&waiting);
	conformance_pair_stop(&pair);
	stage_server_stop(&second);
}

TEST(a_drain_refuses_what_is_new_and_loses_nothing)
{
	enum { N = 16 };
	struct conformance_pair pair = {0};
	struct stage_call       waiting[N];
	bool                    not_executed = false;

	conformance_pair_start(&pair);
	for (int i = 0; i < N; i++) {
		waiting[i] = waiting_call(&pair.client);
		stage_call_start(&waiting[i]);
	}
	stage_until(&pair.server.trial.waiting, N);
	stage_server_drain(&pair.server);
	assert_status(mark(&pair.client, 5, &not_executed), CODE_UNAVAILABLE);
	assert_true(not_executed);
	atomic_store(&pair.server.trial.is_let_go, true);
	for (int i = 0; i < N; i++) {
		assert_status(stage_call_wait(&waiting[i]), CODE_OK);
		stage_call_fini(&waiting[i]);
	}
	conformance_pair_stop(&pair);
}

TEST(a_call_cut_off_by_its_server_has_an_unknown_outcome)
{
	struct conformance_pair pair = {0};

	conformance_pair_start(&pair);
	struct stage_call c = waiting_call(&pair.client);

	stage_call_start(&c);
	stage_until(&pair.server.trial.waiting, 1);
	stage_server_cancel(&pair.server);
	assert_status(stage_call_wait(&c), CODE_DEADLINE_EXCEEDED);
	assert_false(c.call.not_executed);
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
}

TEST(the_handlers_of_a_client_that_went_away_are_cancelled)
{
	struct conformance_pair pair = {0};

	conformance_pair_start(&pair);
	struct stage_call c = waiting_call(&pair.client);

	stage_call_start(&c);
	stage_until(&pair.server.trial.waiting, 1);
	stage_client_stop(&pair.client);
	assert_status(stage_call_wait(&c), CODE_DEADLINE_EXCEEDED);
	stage_call_fini(&c);
	stage_until(&pair.server.trial.cancelled, 1);
	stage_server_stop(&pair.server);
}

/* ---- a server that takes requests and goes away without a word ---- */

struct mute {
	struct stage_thread thread;
	const char         *url;
	struct rpc_port    *port;
	atomic_uint         n_requests;
	status              result;
};

static void on_mute_request(void *arg, struct rpc_peer *peer __attribute__((unused)),
                            uint64_t call_id __attribute__((unused)),
                            str      envelope __attribute__((unused)))
{
	atomic_fetch_add(&((struct mute *)arg)->n_requests, 1);
}

static void on_mute_gone(void            *arg __attribute__((unused)),
                         struct rpc_peer *peer __attribute__((unused)))
{
}

static void open_mute(void *arg)
{
	struct mute                 *m = arg;
	const struct rpc_port_events events = {
	        .on_request = on_mute_request, .on_gone = on_mute_gone, .arg = m};

	m->result =
	        rpc_transport_listen(m->thread.loop, str_c(m->url), stage_tls, &events, &m->port);
}

static void close_mute(void *arg)
{
	struct mute *m = arg;

	m->port->ops->close(m->port);
}

static void mute_start(struct mute *m)
{
	*m = (struct mute){.url = conformance_url()};
	stage_thread_init(&m->thread);
	stage_do(&m->thread, open_mute, m);
	assert_status(m->result, CODE_OK);
}

static void mute_stop(struct mute *m)
{
	stage_do(&m->thread, close_mute, m);
	stage_thread_fini(&m->thread);
}

TEST(what_a_lost_server_may_have_done_decides_the_code)
{
	trial_mark_request marking;
	trial_echo_request echoing;
	const struct {
		const struct rpc_method *method;
		const ProtobufCMessage  *request;
		enum code                code;
	} cases[] = {
	        {trial_mark_method, &marking.base, CODE_DEADLINE_EXCEEDED},
	        {trial_echo_method, &echoing.base, CODE_UNAVAILABLE},
	};

	trial_mark_request_init(&marking);
	trial_echo_request_init(&echoing);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stage_client client;
		struct mute         mute;

		mute_start(&mute);
		stage_client_start(&client, (const char *[]){mute.url, NULL}, true);
		struct stage_call c = {
		        .client = &client, .method = cases[i].method, .request = cases[i].request};

		stage_call_start(&c);
		stage_until(&mute.n_requests, 1);
		mute_stop(&mute);
		assert_status(stage_call_wait(&c), cases[i].code);
		assert_int_equal(c.call.not_executed, cases[i].code == CODE_UNAVAILABLE);
		stage_call_fini(&c);
		stage_client_stop(&client);
	}
}

TEST(without_side_effects_a_lost_call_goes_to_another_replica)
{
	int64_t                 end_ns = clock_now_ns() + 10 * CLOCK_NS_PER_S;
	struct conformance_pair pair = {0};
	trial_echo_request      req;
	struct stage_call       c;
	struct mute             mute;

	trial_echo_request_init(&req);
	req.data = (ProtobufCBinaryData){3, (uint8_t *)(uintptr_t) "abc"};
	conformance_pair_start(&pair);
	mute_start(&mute);
	stage_client_add(&pair.client, mute.url);
	/* Until chance sends one to the mute replica. */
	while (atomic_load(&mute.n_requests) == 0 && clock_now_ns() < end_ns) {
		c = (struct stage_call){
		        .client = &pair.client, .method = trial_echo_method, .request = &req.base};
		stage_call_start(&c);
		while (!stage_is_done(&c.job) && atomic_load(&mute.n_requests) == 0)
			sched_yield();
		if (atomic_load(&mute.n_requests) > 0)
			break;
		assert_status(stage_call_wait(&c), CODE_OK);
		stage_call_fini(&c);
	}
	mute_stop(&mute);
	assert_int_equal(atomic_load(&mute.n_requests), 1);
	assert_status(stage_call_wait(&c), CODE_OK);
	assert_int_equal(((const trial_echo_response *)c.response)->data.len, 3);
	stage_call_fini(&c);
	conformance_pair_stop(&pair);
}
