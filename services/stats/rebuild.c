#include "canaduck/stats/v1/stats.server.h"

#include "base/clock.h"
#include "fiber/fiber.h"
#include "rpc/call.h"
#include "services/stats/publishing.h"
#include "services/stats/recount.h"

enum { LOOK_MS = 50 };

typedef status recount_fn(struct stats *app, struct arena *a, int64_t deadline_ns,
                          int64_t *out_count, struct events_position *out_position);

/* Whoever counts anew already may have begun before the call: it is waited for. */
static status recount(struct stats *app, struct rpc_call *call, recount_fn *fn, int64_t *out_count)
{
	struct events_position position;
	status                 st;

	for (;;) {
		st = fn(app, &call->arena, call->deadline_ns, out_count, &position);
		if (st.code != CODE_ABORTED || clock_now_ns() >= call->deadline_ns)
			return st;
		st = fiber_suspend(clock_after_ms(LOOK_MS));
		if (st.code == CODE_CANCELLED)
			return st;
	}
}

status stats_rebuild(struct stats *app, struct rpc_call *call,
                     const stats_rebuild_request *req __attribute__((unused)),
                     stats_rebuild_response      *out_response)
{
	TRY(recount(app, call, stats_recount_channels, &out_response->channels));
	TRY(recount(app, call, stats_recount_messages, &out_response->messages));
	stats_publishing_wake(app->publishing);
	return STATUS_OK;
}
