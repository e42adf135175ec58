#include "test/browser/browser.h"

static struct server server;

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

TEST(people_report_incidents_on_the_map)
{
	browser_run(&server, "map");
}

TEST_MAIN(start, stop)
