/* Statistics that are counted anew while services are killed: afterwards they equal a recount. */
#include "test/e2e/storm.h"

enum { CLIENTS = 4, KILLS = 5, REBUILDS = 3 };

/* One each: clients of a test that failed go on. */
static struct storm lone, doubled;

static void rebuild(const struct storm *s)
{
	char output[4096];

	if (server_run((const char *[]){"canaduck", "stats", "rebuild", NULL}, &s->server, NULL,
	               output, sizeof output) != 0)
		fail_msg("stats rebuild: %s", output);
}

TEST(whoever_is_killed_the_statistics_equal_a_recount)
{
	static const char *const parts[KILLS] = {"stats", "stats", "messages", "channels", "stats"};

	storm_start(&lone, 1, CLIENTS);
	storm_turn(&lone);
	for (size_t i = 0; i < KILLS; i++) {
		storm_await_more(&lone);
		storm_kill(&lone, parts[i], 0);
	}
	/* Counting anew, too: while others write, and when it is killed. */
	storm_await_more(&lone);
	rebuild(&lone);
	storm_await_more(&lone);
	sql_run(&lone.sql, "DELETE FROM stats.bookmarks;");
	storm_await_more(&lone);
	storm_kill(&lone, "stats", 0);
	storm_await_more(&lone);
	storm_end(&lone);
}

TEST(two_replicas_count_nothing_twice)
{
	storm_start(&doubled, 2, CLIENTS);
	for (unsigned i = 0; i < REBUILDS; i++) {
		storm_await_more(&doubled);
		rebuild(&doubled);
		storm_await_more(&doubled);
		storm_kill(&doubled, "stats", i % 2);
	}
	storm_await_more(&doubled);
	storm_end(&doubled);
}

TEST_MAIN(NULL, NULL)
