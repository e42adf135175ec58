#include "test/e2e/sql.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "test/e2e/e2e.h"

#define END_MARK "-- end --"

void sql_open(struct sql *s, const char *url)
{
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		/* Rather fail than hang on what a failed test left locked. */
		setenv("PGOPTIONS", "-c lock_timeout=10s", 1);
		execlp("psql", "psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only",
		       "--set=ON_ERROR_STOP=1", url, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s->to = fdopen(in[1], "w");
	s->from = fdopen(out[0], "r");
	sql_run(s, "SELECT 1;");
}

void sql_close(struct sql *s)
{
	fclose(s->to);
	fclose(s->from);
	waitpid(s->pid, NULL, 0);
}

const char *sql_run(struct sql *s, const char *statements)
{
	size_t len = 0;
	char   line[1024];

	fprintf(s->to, "%s\n\\echo '" END_MARK "'\n", statements);
	fflush(s->to);
	s->answer[0] = '\0';
	for (;;) {
		if (fgets(line, sizeof line, s->from) == NULL)
			fail_msg("psql ended at: %s", statements);
		if (strcmp(line, END_MARK "\n") == 0)
			break;
		len += (size_t)snprintf(s->answer + len, sizeof s->answer - len, "%s", line);
		assert_true(len < sizeof s->answer);
	}
	return s->answer;
}

int64_t sql_number(struct sql *s, const char *statement)
{
	return strtoll(sql_run(s, statement), NULL, 10);
}

void sql_await_waiting(const char *url, int64_t n)
{
	struct sql watcher;

	sql_open(&watcher, url);
	assert_soon(sql_number(&watcher, "SELECT count(*) FROM pg_stat_activity"
	                                 " WHERE datname = current_database()"
	                                 "   AND wait_event_type = 'Lock';") == n);
	sql_close(&watcher);
}

void sql_let_go(struct sql *holder, const char *url, int64_t n_waiting)
{
	sql_await_waiting(url, n_waiting);
	sql_run(holder, "COMMIT;");
}
