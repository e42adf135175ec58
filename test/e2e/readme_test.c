/* Whoever types what README.md shows is answered as it says. */
#include "test/e2e/e2e.h"
#include "test/e2e/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each answer on a line of its own, with its status. */
#define SHOWING_STATUS "curl() { command curl -w '%%{stderr}\\nstatus %%{http_code}\\n' \"$@\"; }\n"

static struct server server;
static char          output[256 * 1024];

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

static char *example(unsigned block)
{
	char here[32];

	snprintf(here, sizeof here, "localhost:%u", server.port);
	return shell_readme("## Try it", block, "localhost:8080", here);
}

/* How many answers there are; all of them say that it was done. */
static unsigned count_successes(void)
{
	unsigned n = 0;

	for (const char *at = output; (at = strstr(at, "\nstatus ")) != NULL; n++) {
		at += strlen("\nstatus ");
		if (*at != '2')
			fail_msg("refused:\n%.*s", (int)(at + 3 - output), output);
	}
	return n;
}

static void type(const char *before, const char *requests, const char *after)
{
	char *script;

	assert_true(asprintf(&script, "%s\n" SHOWING_STATUS "%s\n%s\n", before, requests, after) >
	            0);
	if (shell_run(script, output, sizeof output) != 0)
		fail_msg("%s", output);
	free(script);
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

static void grant_admin(const char *pseudo)
{
	char said[4096];

	if (server_run((const char *[]){"canaduck", "admin", "grant", pseudo, NULL}, &server, NULL,
	               said, sizeof said) != 0)
		fail_msg("admin grant: %s", said);
}

TEST(every_request_that_it_shows_is_done)
{
	char *requests = example(0), *of_an_admin = example(2), *token;

	type("", requests, "echo \"TOKEN=$TOKEN\"");
	assert_int_equal(count_successes(), count(requests, "curl -s"));
	token = strdup(strstr(output, "TOKEN="));
	assert_non_null(token);
	grant_admin("roger");
	type(token, of_an_admin, "");
	assert_int_equal(count_successes(), count(of_an_admin, "curl -s"));
	free(token);
	free(requests);
	free(of_an_admin);
}

TEST_MAIN(start, stop)
