#include "trial/v1/trial.server.h"

#include "base/clock.h"
#include "fiber/fiber.h"
#include "rpc/call.h"
#include "test/integration/rpc/stage.h"

status trial_echo(struct trial    *app __attribute__((unused)),
                  struct rpc_call *call __attribute__((unused)), const trial_echo_request *req,
                  trial_echo_response *out_response)
{
	out_response->data = req->data;
	return STATUS_OK;
}

status trial_mark(struct trial *app, struct rpc_call *call, const trial_mark_request *req,
                  trial_mark_response *out_response)
{
	if (req->number >= TRIAL_MAX_NUMBERS)
		return rpc_call_invalid(call, "number", "is too large");
	out_response->count = atomic_fetch_add(&app->marks[req->number], 1) + 1;
	return STATUS_OK;
}

status trial_fail(struct trial *app __attribute__((unused)), struct rpc_call *call,
                  const trial_fail_request *req,
                  trial_fail_response      *out_response __attribute__((unused)))
{
	call->retry_after_s = 9;
	call->rate_limit = 100;
	if (*req->field)
		return rpc_call_refuse(call, (enum code)req->code, req->field, "is not liked");
	return status_errorf(&call->arena, (enum code)req->code, "told to fail by %u", req->code);
}

static status wait_ms(uint32_t milliseconds)
{
	const int64_t until_ns = clock_after_ms(milliseconds);

	while (clock_now_ns() < until_ns) {
		status st = fiber_suspend(until_ns);

		if (st.code == CODE_CANCELLED)
			return st;
	}
	return STATUS_OK;
}

status trial_wait(struct trial *app, struct rpc_call *call __attribute__((unused)),
                  const trial_wait_request *req,
                  trial_wait_response      *out_response __attribute__((unused)))
{
	if (req->milliseconds > 0)
		return wait_ms(req->milliseconds);
	atomic_fetch_add(&app->waiting, 1);
	while (!atomic_load(&app->is_let_go)) {
		status st = fiber_suspend(clock_after_ms(1));

		if (st.code == CODE_CANCELLED)
			atomic_fetch_add(&app->cancelled, 1);
		if (st.code != CODE_OK &&
		    (st.code != CODE_DEADLINE_EXCEEDED || clock_now_ns() >= fiber_deadline_ns()))
			return st;
	}
	return STATUS_OK;
}

status trial_whoami(struct trial *app __attribute__((unused)), struct rpc_call *call,
                    const trial_whoami_request *req __attribute__((unused)),
                    trial_whoami_response      *out_response)
{
	out_response->account_id = call->who.account_id;
	out_response->request_id = arena_cstr(&call->arena, call->request_id);
	return STATUS_OK;
}

/* Both questions are under way at once. */
status trial_relay(struct trial *app, struct rpc_call *call,
                   const trial_relay_request *req __attribute__((unused)),
                   trial_relay_response      *out_response)
{
	trial_whoami_request   whoami_request;
	trial_inside_request   inside_request;
	trial_whoami_response *whoami;
	trial_inside_response *inside;
	struct rpc_pending     a, b;
	status                 first, second;

	trial_whoami_request_init(&whoami_request);
	trial_inside_request_init(&inside_request);
	trial_client_whoami_start(app->next, call, &whoami_request, &a);
	trial_client_inside_start(app->next, call, &inside_request, &b);
	first = trial_client_whoami_finish(&a, &whoami);
	second = trial_client_inside_finish(&b, &inside);
	TRY(first);
	TRY(second);
	out_response->account_id = whoami->account_id;
	out_response->request_id = whoami->request_id;
	out_response->service = inside->name;
	return STATUS_OK;
}

status trial_rule(struct trial             *app __attribute__((unused)),
                  struct rpc_call          *call __attribute__((unused)),
                  const trial_rule_request *req __attribute__((unused)),
                  trial_rule_response      *out_response __attribute__((unused)))
{
	return STATUS_OK;
}

status trial_inside(struct trial *app __attribute__((unused)), struct rpc_call *call,
                    const trial_inside_request *req __attribute__((unused)),
                    trial_inside_response      *out_response)
{
	out_response->name = arena_cstr(&call->arena, call->who.name);
	return STATUS_OK;
}

status trial_end(struct trial *app __attribute__((unused)), struct rpc_call *call,
                 const trial_end_request *req __attribute__((unused)),
                 trial_end_response      *out_response __attribute__((unused)))
{
	static const str roles[] = {STR("user"), STR("admin")};

	rpc_call_session_changed(call,
	                         &(struct rpc_session_change){.account_id = 3, .session_id = 30});
	rpc_call_session_changed(call, &(struct rpc_session_change){.account_id = 4,
	                                                            .ended_below = 70,
	                                                            .kept_session_id = 65,
	                                                            .roles = roles,
	                                                            .n_roles = 2,
	                                                            .roles_version = 9,
	                                                            .expire_time = 1234567890});
	return STATUS_OK;
}
