/* A storm in which messages is killed: nothing acknowledged is lost, nothing is there twice. */
#include "test/e2e/storm.h"

static struct storm storm;

TEST(a_storm_in_which_messages_dies_keeps_each_promise)
{
	storm_start(&storm, 1, STORM_CLIENTS);
	storm_rage(&storm, "messages");
	assert_true(storm_count(&storm, STORM_REFUSED) > 0);
	storm_end(&storm);
}

TEST_MAIN(NULL, NULL)
