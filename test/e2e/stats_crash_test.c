/* Statistics that are counted anew while services are killed: afterwards they equal a recount. */
#include "test/e2e/storm.h"

enum { CLIENTS = 4, KILLS = 5, REBUILDS = 3 };

static struct storm storm;

static void rebuild(void)
{
	char output[4096];

	if (server_run((const char *[]){"canaduck", "stats", "rebuild", NULL}, &storm.server, NULL,
	               output, sizeof output) != 0)
		fail_msg("stats rebuild: %s", output);
}

TEST(whoever_is_killed_the_statistics_equal_a_recount)
{
	static const char *const parts[KILLS] = {"stats", "stats", "messages", "channels", "stats"};

	storm_start(&storm, 1, CLIENTS);
	storm_turn(&storm);
	for (size_t i = 0; i < KILLS; i++) {
		storm_await_more(&storm);
		storm_kill(&storm, parts[i], 0);
	}
	/* Counting anew, too: while others write, and when it is killed. */
	storm_await_more(&storm);
	rebuild();
	storm_await_more(&storm);
	sql_run(&storm.sql, "DELETE FROM stats.bookmarks;");
	storm_await_more(&storm);
	storm_kill(&storm, "stats", 0);
	storm_await_more(&storm);
	storm_end(&storm);
}

TEST(two_replicas_count_nothing_twice)
{
	storm_start(&storm, 2, CLIENTS);
	for (unsigned i = 0; i < REBUILDS; i++) {
		storm_await_more(&storm);
		rebuild();
		storm_await_more(&storm);
		storm_kill(&storm, "stats", i % 2);
	}
	storm_await_more(&storm);
	storm_end(&storm);
}

TEST_MAIN(NULL, NULL)
