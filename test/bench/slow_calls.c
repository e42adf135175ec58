/*
 * test/bench/slow_calls.c - what slow calls do to the others: calls of 64 fibers over ipc, alone
 * and with one call of 100 ms for each nineteen of them, in turn.
 *
 *   slow_calls [ROUNDS]
 *
 * Prints the 99th percentile of the fast ones in microseconds, and the ratio of the medians.
 */
#include "trial/v1/trial.server.h"

#include "base/clock.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "test/integration/rpc/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The pause holds the load to what services really do: some 20,000 calls a second. */
enum {
	FIBERS = 64,
	PAUSE_MS = 3,
	FAST_FOR_ONE_SLOW = 19,
	SLOW_MS = 100,
	ROUND_MS = 2000,
	MAX_CALLS = 1 << 20
};

struct round {
	struct stage_client *client;
	bool                 has_slow;
	int64_t              until_ns;
	int64_t             *took_ns; /* of MAX_CALLS */
	size_t               n_fast, n_slow, n_running;
	struct fiber        *waiting;
};

static void end_fiber(struct round *r)
{
	if (--r->n_running == 0)
		fiber_wake(r->waiting);
}

static void call_slow(void *arg)
{
	struct round        *r = arg;
	struct rpc_call      call;
	trial_wait_request   req;
	trial_wait_response *response;

	rpc_call_init(&call, clock_after_ms(10000));
	trial_wait_request_init(&req);
	req.milliseconds = SLOW_MS;
	if (trial_client_wait(r->client->client, &call, &req, &response).code != CODE_OK)
		abort();
	rpc_call_fini(&call);
	end_fiber(r);
}

static void start(struct round *r, void (*fn)(void *arg))
{
	r->n_running++;
	if (fiber_spawn(r->client->thread.fibers, fn, r, CLOCK_NEVER, NULL).code != CODE_OK)
		abort();
}

static void call_fast(void *arg)
{
	struct round        *r = arg;
	struct rpc_call      call;
	trial_echo_request   req;
	trial_echo_response *response;

	rpc_call_init(&call, 0);
	trial_echo_request_init(&req);
	while (clock_now_ns() < r->until_ns && r->n_fast < MAX_CALLS) {
		const int64_t from_ns = clock_now_ns();

		rpc_call_reuse(&call);
		call.deadline_ns = clock_after_ms(10000);
		if (trial_client_echo(r->client->client, &call, &req, &response).code != CODE_OK)
			abort();
		r->took_ns[r->n_fast++] = clock_now_ns() - from_ns;
		if (r->has_slow && r->n_fast % FAST_FOR_ONE_SLOW == 0) {
			r->n_slow++;
			start(r, call_slow);
		}
		if (fiber_suspend(clock_after_ms(PAUSE_MS)).code == CODE_CANCELLED)
			abort();
	}
	rpc_call_fini(&call);
	end_fiber(r);
}

static void run_round(void *arg)
{
	struct round *r = arg;

	r->until_ns = clock_after_ms(ROUND_MS);
	r->waiting = fiber_current();
	for (int i = 0; i < FIBERS; i++)
		start(r, call_fast);
	while (r->n_running > 0)
		if (fiber_suspend(CLOCK_NEVER).code != CODE_OK)
			abort();
}

static int by_size(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t measure(struct stage_client *client, bool has_slow, int64_t *took_ns)
{
	struct round r = {.client = client, .has_slow = has_slow, .took_ns = took_ns};

	stage_do(&client->thread, run_round, &r);
	qsort(took_ns, r.n_fast, sizeof *took_ns, by_size);
	printf("| %s | %zu | %zu | %.0f | %.0f |\n", has_slow ? "with slow calls" : "alone",
	       r.n_fast, r.n_slow, (double)took_ns[r.n_fast / 2] / 1e3,
	       (double)took_ns[r.n_fast * 99 / 100] / 1e3);
	return took_ns[r.n_fast * 99 / 100];
}

int main(int argc, char **argv)
{
	const int           n_rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5;
	struct stage_server server = {.max_calls = 4096};
	struct stage_client client;
	int64_t            *took_ns = calloc(MAX_CALLS, sizeof *took_ns), *p99[2];
	char                url[64];

	log_setup(LOG_WARN, LOG_LOGFMT);
	snprintf(url, sizeof url, "ipc:///tmp/canaduck-slow-%d.sock", getpid());
	stage_server_start(&server, url);
	stage_client_start(&client, (const char *[]){url, NULL}, true);
	printf("| what | fast | slow | median, us | 99th percentile, us |\n|---|--:|--:|--:|--:|\n");
	for (int k = 0; k < 2; k++)
		p99[k] = calloc((size_t)n_rounds, sizeof *p99[k]);
	for (int i = 0; i < n_rounds; i++)
		for (int k = 0; k < 2; k++)
			p99[k][i] = measure(&client, k, took_ns);
	for (int k = 0; k < 2; k++)
		qsort(p99[k], (size_t)n_rounds, sizeof *p99[k], by_size);
	printf("\nRatio of the medians of the 99th percentiles: %.2f\n",
	       (double)p99[1][n_rounds / 2] / (double)p99[0][n_rounds / 2]);
	stage_client_stop(&client);
	stage_server_stop(&server);
	for (int k = 0; k < 2; k++)
		free(p99[k]);
	free(took_ns);
	return 0;
}
