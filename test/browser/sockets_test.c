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

TEST(a_client_that_others_wrote_talks)
{
	browser_run(&server, "sockets");
}

TEST_MAIN(start, stop)
