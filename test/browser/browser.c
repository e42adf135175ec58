#include "test/browser/browser.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void run_node(const struct server *s, const char *script)
{
	char path[512], port[8];

	snprintf(path, sizeof path, BROWSER_DIR "/%s.test.mjs", script);
	snprintf(port, sizeof port, "%u", s->port);
	setenv("EDGE_PORT", port, 1);
	setenv("NPM_DIR", BROWSER_NPM_DIR, 1);
	setenv("SHOTS_DIR", BROWSER_SHOTS_DIR, 1);
	/* A browser must not outlive a test that is cut off. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execlp("node", "node", path, (char *)NULL);
	fprintf(stderr, "node is missing: apt-get install -y nodejs\n");
	_exit(127);
}

void browser_run(const struct server *s, const char *script)
{
	int   outcome;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_node(s, script);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &outcome, 0), pid);
	if (!WIFEXITED(outcome) || WEXITSTATUS(outcome) != 0)
		fail_msg("%s.test.mjs has failed", script);
}
