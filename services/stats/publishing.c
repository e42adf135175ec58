/*
 * Design notes. A wake sets a timer, unless one is set; the timer's fiber looks at the figures and
 * tells them if they are others than those told last. So a storm of events costs four looks a
 * second, and the last event is followed by a look. What fails is tried again.
 */
#include "services/stats/publishing.h"

#include "base/clock.h"
#include "base/mem.h"
#include "canaduck/stats/v1/events.schema.h"
#include "canaduck/stats/v1/stats.server.h"
#include "events/publisher.h"
#include "fiber/fiber.h"
#include "log/log.h"
#include "loop/loop.h"
#include "pb/message.h"
#include "rpc/call.h"
#include "services/stats/channels.h"

enum {
	GATHER_MS = 250,
	AGAIN_MS = 1000, /* after a failure */
	TIMEOUT_MS = 5000,
	MAX_BYTES = 384 * 1024, /* an event has no room for more */
	END_TURNS = 1000,
	END_TURN_MS = 5
};

struct stats_publishing {
	struct stats            *app;
	struct loop             *loop;
	struct fiber_scheduler  *fibers;
	struct events_publisher *publisher;
	struct loop_timer        timer;
	struct fiber            *fiber;    /* NULL: it does not look */
	bool                     is_woken; /* while it looked */
	bool                     is_ending;
	struct buf               told, now; /* packed figures */
};

static void look_after(struct stats_publishing *p, uint32_t ms)
{
	if (!p->is_ending && !loop_timer_is_set(&p->timer))
		loop_timer_set(p->loop, &p->timer, clock_after_ms(ms));
}

void stats_publishing_wake(struct stats_publishing *p)
{
	p->is_woken = true;
	if (p->fiber == NULL)
		look_after(p, GATHER_MS);
}

static status find(struct stats *app, struct rpc_call *call, stats_figures *f)
{
	stats_list_active_channels_request      active;
	stats_list_hourly_activity_request      hourly;
	stats_list_messages_per_user_request    users;
	stats_list_top_reacted_messages_request top;

	stats_list_active_channels_request_init(&active);
	stats_list_hourly_activity_request_init(&hourly);
	stats_list_messages_per_user_request_init(&users);
	stats_list_top_reacted_messages_request_init(&top);
	TRY(stats_list_active_channels(app, call, &active, f->active_channels));
	TRY(stats_list_hourly_activity(app, call, &hourly, f->hourly_activity));
	TRY(stats_list_messages_per_user(app, call, &users, f->messages_per_user));
	return stats_list_top_reacted_messages(app, call, &top, f->top_reacted_messages);
}

static status tell(struct stats_publishing *p, const stats_figures *f)
{
	struct buf swapped;

	buf_reset(&p->now);
	TRY(pb_pack(&f->base, &p->now));
	if (fiber_is_cancelled() || str_eq(buf_str(&p->now), buf_str(&p->told)))
		return STATUS_OK;
	TRY(events_publisher_signal(p->publisher, "stats", "stats.figures", &f->base, true));
	swapped = p->told;
	p->told = p->now;
	p->now = swapped;
	return STATUS_OK;
}

static status look(struct stats_publishing *p, struct rpc_call *call)
{
	stats_list_active_channels_response      active;
	stats_list_hourly_activity_response      hourly;
	stats_list_messages_per_user_response    users;
	stats_list_top_reacted_messages_response top;
	stats_figures                            f;

	stats_list_active_channels_response_init(&active);
	stats_list_hourly_activity_response_init(&hourly);
	stats_list_messages_per_user_response_init(&users);
	stats_list_top_reacted_messages_response_init(&top);
	stats_figures_init(&f);
	f.active_channels = &active;
	f.hourly_activity = &hourly;
	f.messages_per_user = &users;
	f.top_reacted_messages = &top;
	TRY(find(p->app, call, &f));
	return tell(p, &f);
}

static status look_and_sweep(struct stats_publishing *p, struct rpc_call *call)
{
	bool has_more;

	TRY(look(p, call));
	TRY(stats_channels_sweep(p->app->db, &call->arena, &has_more));
	p->is_woken |= has_more;
	return STATUS_OK;
}

static void run(void *arg)
{
	struct stats_publishing *p = arg;
	struct rpc_call          call;
	status                   st;

	fiber_set_label("statistics");
	p->fiber = fiber_current();
	p->is_woken = false;
	rpc_call_init(&call, clock_after_ms(TIMEOUT_MS));
	call.request_id = STR("figures");
	st = look_and_sweep(p, &call);
	if (st.code != CODE_OK && st.code != CODE_CANCELLED)
		log_debug("the figures are not told", LOG_CODE(st), LOG_REASON(st));
	rpc_call_fini(&call);
	p->fiber = NULL;
	if (st.code != CODE_OK)
		look_after(p, AGAIN_MS);
	else if (p->is_woken)
		look_after(p, GATHER_MS);
}

static void on_fire(struct loop_timer *t)
{
	struct stats_publishing *p = container_of(t, struct stats_publishing, timer);

	if (fiber_spawn(p->fibers, run, p, clock_after_ms(TIMEOUT_MS), NULL).code != CODE_OK)
		look_after(p, AGAIN_MS);
}

struct stats_publishing *stats_publishing_new(struct stats *app, const struct runtime_env *env)
{
	struct stats_publishing *p = mem_zalloc(sizeof *p);

	p->app = app;
	p->loop = env->loop;
	p->fibers = env->fibers;
	p->publisher = env->publisher;
	buf_init(&p->told, MAX_BYTES);
	buf_init(&p->now, MAX_BYTES);
	loop_timer_init(&p->timer, on_fire);
	return p;
}

void stats_publishing_free(struct stats_publishing *p)
{
	if (p == NULL)
		return;
	p->is_ending = true;
	loop_timer_cancel(p->loop, &p->timer);
	if (p->fiber)
		fiber_cancel(p->fiber);
	for (int i = 0; i < END_TURNS && p->fiber; i++)
		loop_turn(p->loop, END_TURN_MS);
	buf_fini(&p->told);
	buf_fini(&p->now);
	mem_free(p);
}
