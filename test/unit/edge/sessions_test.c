#include "edge/sessions.h"

#include "loop/loop.h"
#include "test/support/test.h"

#include <pthread.h>

enum { MAX_SEEN = 1000, TURN_MS = 100 };

struct guard {
	struct edge_sessions_watch watch;
	int64_t                    seen[MAX_SEEN]; /* accounts */
	size_t                     n;
	bool                       leaves; /* at the first change */
};

static struct edge_sessions *sessions;
static struct loop          *loop;

static void on_change(void *arg, int64_t account_id)
{
	struct guard *g = arg;

	g->seen[g->n++] = account_id;
	if (g->leaves)
		edge_sessions_unwatch(&g->watch);
}

static void watch(struct guard *g)
{
	g->watch = (struct edge_sessions_watch){.loop = loop, .on_change = on_change, .arg = g};
	edge_sessions_watch(sessions, &g->watch);
}

static int start(void **state __attribute__((unused)))
{
	sessions = edge_sessions_new();
	assert_status(loop_new(&loop), CODE_OK);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	loop_free(loop);
	edge_sessions_free(sessions);
	return 0;
}

static void end_sessions(int64_t account_id)
{
	edge_sessions_apply(sessions, &(struct rpc_session_change){.account_id = account_id,
	                                                           .session_id = 7,
	                                                           .expire_time = INT64_MAX});
}

static void *end_elsewhere(void *arg)
{
	end_sessions(*(int64_t *)arg);
	return NULL;
}

TEST(a_change_on_another_thread_is_told_on_the_loop)
{
	static struct guard g;
	int64_t             account_id = 17;
	pthread_t           thread;

	g = (struct guard){0};
	watch(&g);
	assert_int_equal(pthread_create(&thread, NULL, end_elsewhere, &account_id), 0);
	while (g.n == 0)
		loop_turn(loop, TURN_MS);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.seen[0], 17);
	edge_sessions_unwatch(&g.watch);
}

TEST(each_account_is_told_of_once)
{
	static struct guard g, other;

	g = other = (struct guard){0};
	watch(&g);
	watch(&other);
	end_sessions(1);
	end_sessions(2);
	end_sessions(1);
	loop_turn(loop, TURN_MS);
	assert_int_equal(g.n, 2);
	assert_int_equal(g.seen[0], 1);
	assert_int_equal(g.seen[1], 2);
	assert_int_equal(other.n, 2);
	end_sessions(1);
	loop_turn(loop, TURN_MS);
	assert_int_equal(g.n, 3);
	edge_sessions_unwatch(&g.watch);
	edge_sessions_unwatch(&other.watch);
}

TEST(more_changes_than_there_is_room_for_are_told_as_all)
{
	static struct guard g;

	g = (struct guard){0};
	watch(&g);
	for (int64_t i = 1; i <= EDGE_SESSIONS_MAX_CHANGED + 1; i++)
		end_sessions(i);
	loop_turn(loop, TURN_MS);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.seen[0], 0);
	edge_sessions_unwatch(&g.watch);
}

TEST(who_watches_no_more_is_told_nothing)
{
	static struct guard g, leaver;

	g = leaver = (struct guard){0};
	leaver.leaves = true;
	watch(&g);
	watch(&leaver);
	end_sessions(1);
	edge_sessions_unwatch(&g.watch);
	edge_sessions_unwatch(&g.watch);
	end_sessions(2);
	loop_turn(loop, TURN_MS);
	assert_int_equal(g.n, 0);
	assert_int_equal(leaver.n, 1);
	end_sessions(3);
	loop_turn(loop, 0);
	assert_int_equal(leaver.n, 1);
}

TEST_MAIN(start, stop)
