#include "runtime/worker.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "fiber/fiber.h"
#include "loop/loop.h"
#include "test/support/test.h"

/* What a worker did, as its own thread saw it; read after it was freed. */
struct probe {
	status      start_result;
	bool        is_busy; /* until it is cancelled */
	int         starts, drains, cancels, stops;
	atomic_bool had_fiber;
};

static status start(void *arg, struct runtime_worker *w)
{
	struct probe *p = arg;

	p->starts++;
	atomic_store(&p->had_fiber, fiber_current() != NULL && runtime_worker_loop(w) != NULL);
	return p->start_result;
}

static void drain(void *arg)
{
	((struct probe *)arg)->drains++;
}

static bool is_idle(void *arg)
{
	return !((struct probe *)arg)->is_busy;
}

static void cancel(void *arg)
{
	struct probe *p = arg;

	p->cancels++;
	p->is_busy = false;
}

static void stop(void *arg)
{
	((struct probe *)arg)->stops++;
}

static status make(struct probe *p, struct runtime_worker **out_worker)
{
	static const struct runtime_worker_ops ops = {
	        .start = start, .drain = drain, .is_idle = is_idle, .cancel = cancel, .stop = stop};

	return runtime_worker_new(
	        &(struct runtime_worker_config){.name = "probe", .ops = &ops, .arg = p},
	        out_worker);
}

TEST(a_worker_starts_in_a_fiber_drains_and_stops_once)
{
	struct probe           p = {0};
	struct runtime_worker *w;

	assert_status(make(&p, &w), CODE_OK);
	assert_true(atomic_load(&p.had_fiber));
	runtime_worker_free(w, 1000);
	assert_int_equal(p.starts, 1);
	assert_int_equal(p.drains, 1);
	assert_int_equal(p.cancels, 0);
	assert_int_equal(p.stops, 1);
}

TEST(a_worker_whose_start_fails_is_stopped_and_says_why)
{
	struct probe           p = {.start_result = status_error(CODE_UNAVAILABLE, "no luck")};
	struct runtime_worker *w = NULL;
	status                 st = make(&p, &w);

	assert_status(st, CODE_UNAVAILABLE);
	assert_string_equal(st.msg, "probe: no luck");
	assert_null(w);
	assert_int_equal(p.stops, 1);
	assert_int_equal(p.drains, 0);
}

TEST(work_that_outlasts_the_drain_is_cancelled)
{
	struct probe           p = {.is_busy = true};
	struct runtime_worker *w;

	assert_status(make(&p, &w), CODE_OK);
	runtime_worker_free(w, 20);
	assert_int_equal(p.drains, 1);
	assert_int_equal(p.cancels, 1);
	assert_int_equal(p.stops, 1);
}

TEST(workers_drain_together)
{
	struct probe           slow = {.is_busy = true}, fast = {0};
	struct runtime_worker *a, *b;
	int64_t                started_ns = clock_now_ns();

	assert_status(make(&slow, &a), CODE_OK);
	assert_status(make(&fast, &b), CODE_OK);
	runtime_worker_drain(a, 300);
	runtime_worker_drain(b, 300);
	runtime_worker_free(b, 0);
	assert_true(clock_now_ns() - started_ns < 300 * CLOCK_NS_PER_MS);
	runtime_worker_free(a, 0);
	assert_int_equal(slow.drains, 1);
	assert_int_equal(slow.cancels, 1);
	assert_int_equal(fast.drains, 1);
	assert_int_equal(fast.cancels, 0);
}

TEST(freeing_no_worker_is_fine)
{
	runtime_worker_free(NULL, 0);
}

TEST_MAIN()
