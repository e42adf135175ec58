/* Many calls from several loops: each is answered, none is executed twice. */
#include "test/integration/rpc/conformance.h"

#include "base/clock.h"
#include "fiber/fiber.h"

enum { LOOPS = 4, CALLS = 10000, PER_LOOP = CALLS / LOOPS, FIBERS = 50 };

struct load {
	struct stage_client client;
	struct stage_job    job;
	unsigned            first;      /* number of the loop's first call */
	unsigned            next, done; /* its calls that began, that ended */
	unsigned            failed, wrong;
	struct fiber       *waiter;
};

static void one_call(struct load *l, unsigned number)
{
	trial_mark_request   req;
	trial_mark_response *response;
	struct rpc_call      call;
	status               st;

	trial_mark_request_init(&req);
	req.number = number;
	rpc_call_init(&call, clock_after_ms(20000));
	st = trial_client_mark(l->client.client, &call, &req, &response);
	if (st.code != CODE_OK)
		l->failed++;
	else if (response->count != 1)
		l->wrong++;
	rpc_call_fini(&call);
}

static void call_until_done(void *arg)
{
	struct load *l = arg;

	while (l->next < PER_LOOP) {
		one_call(l, l->first + l->next++);
		if (++l->done == PER_LOOP)
			fiber_wake(l->waiter);
	}
}

static void run_load(void *arg)
{
	struct load *l = arg;

	l->waiter = fiber_current();
	for (int i = 0; i < FIBERS; i++)
		if (fiber_spawn(l->client.thread.fibers, call_until_done, l, CLOCK_NEVER, NULL)
		            .code != CODE_OK)
			l->failed++;
	while (l->done < PER_LOOP)
		if (fiber_suspend(CLOCK_NEVER).code != CODE_OK)
			return;
}

TEST(ten_thousand_calls_of_four_loops_are_each_executed_once)
{
	struct stage_server server = {0};
	struct load         loads[LOOPS] = {0};

	stage_server_start(&server, conformance_url());
	for (unsigned i = 0; i < LOOPS; i++) {
		stage_client_start(&loads[i].client, (const char *[]){server.url, NULL}, true);
		loads[i].first = i * PER_LOOP;
	}
	for (unsigned i = 0; i < LOOPS; i++)
		stage_start(&loads[i].job, &loads[i].client.thread, run_load, &loads[i]);
	for (unsigned i = 0; i < LOOPS; i++) {
		stage_wait(&loads[i].job);
		assert_int_equal(loads[i].failed, 0);
		assert_int_equal(loads[i].wrong, 0);
		stage_client_stop(&loads[i].client);
	}
	for (unsigned i = 0; i < CALLS; i++)
		assert_int_equal(atomic_load(&server.trial.marks[i]), 1);
	stage_server_stop(&server);
}
