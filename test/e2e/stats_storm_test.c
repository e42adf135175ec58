/* A storm in which stats is killed: statistics count everything once all the same. */
#include "test/e2e/storm.h"

static struct storm storm;

TEST(a_storm_in_which_stats_dies_is_counted_exactly)
{
	storm_start(&storm, 1, STORM_CLIENTS);
	storm_rage(&storm, "stats");
	/* Who writes does not notice. */
	assert_int_equal(storm_count(&storm, STORM_OPEN), 0);
	storm_end(&storm);
}

TEST_MAIN(NULL, NULL)
