#include "test/support/pg.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "db/admin.h"

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Design notes
 *
 * Everything is done by pkg/db/cluster.sh. A server is nobody's child, so it would outlive a test
 * that crashes: a watchman process reads from a pipe that only the test holds open, and destroys
 * the cluster when the pipe ends, be it by pg_cluster_free(), exit, abort or SIGKILL.
 */

extern char **environ;

struct pg_cluster {
	char  dir[64];
	int   life; /* closing it ends the cluster */
	pid_t watchman;
};

_Noreturn static void die(const char *what, const char *why)
{
	fprintf(stderr, "test/support/pg: %s: %s\n", what, why);
	exit(1);
}

/* Starts a program with stdin and stdout; -1 stands for /dev/null. */
static pid_t start(char *const argv[], int in, int out, bool is_own_session)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t          attr;
	pid_t                      pid;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	if (in < 0)
		posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	else
		posix_spawn_file_actions_adddup2(&files, in, 0);
	if (out < 0)
		posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	else
		posix_spawn_file_actions_adddup2(&files, out, 1);
	if (is_own_session) {
		/* Neither Ctrl-C nor ctest's wait for the output's end are for the watchman. */
		posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
		posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
	}
	if (posix_spawn(&pid, argv[0], &files, &attr, argv, environ) != 0)
		die(argv[0], "cannot be started");
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return pid;
}

static void await(pid_t pid, const char *what)
{
	int how;

	if (waitpid(pid, &how, 0) != pid || how != 0)
		die(what, "failed");
}

static void cluster_sh(const char *verb, const char *dir, const char *arg1, const char *arg2)
{
	char *const argv[] = {(char *)TEST_PG_SCRIPT, (char *)verb, (char *)dir,
	                      (char *)arg1,           (char *)arg2, NULL};

	await(start(argv, -1, -1, false), verb);
}

/* The first line that cluster.sh prints. */
static void cluster_url(const char *dir, const char *database, char out_url[PG_URL_BYTES])
{
	char *const argv[] = {(char *)TEST_PG_SCRIPT, (char *)"url", (char *)dir, (char *)database,
	                      NULL};
	int         ends[2];
	FILE       *from;
	pid_t       pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		die("pipe", "out of descriptors");
	pid = start(argv, -1, ends[1], false);
	close(ends[1]);
	from = fdopen(ends[0], "r");
	if (from == NULL || fgets(out_url, PG_URL_BYTES, from) == NULL ||
	    strchr(out_url, '\n') == NULL)
		die("url", "is too long or missing");
	*strchr(out_url, '\n') = '\0';
	fclose(from);
	await(pid, "url");
}

void pg_exec(const char *url, const char *sql)
{
	struct arena a;
	status       st;

	arena_init(&a, 0);
	st = db_admin_exec(url, sql, &a);
	if (st.code != CODE_OK)
		die(sql, st.msg);
	arena_fini(&a);
}

struct pg_cluster *pg_cluster_new(void)
{
	struct pg_cluster *c = mem_zalloc(sizeof *c);
	char *const        argv[] = {(char *)"/bin/sh",
	                             (char *)"-c",
	                             (char *)"cat >/dev/null; exec \"$0\" destroy \"$1\"",
	                             (char *)TEST_PG_SCRIPT,
	                             c->dir,
	                             NULL};
	int                ends[2];

	snprintf(c->dir, sizeof c->dir, "/tmp/canaduck-test-XXXXXX");
	/* mkdtemp() makes it ours alone, but PostgreSQL may be another user. */
	if (mkdtemp(c->dir) == NULL || chmod(c->dir, 0755) != 0)
		die(c->dir, "cannot be made");
	if (pipe2(ends, O_CLOEXEC) != 0)
		die("pipe", "out of descriptors");
	c->watchman = start(argv, ends[0], -1, true);
	close(ends[0]);
	c->life = ends[1];
	pg_cluster_start(c);
	return c;
}

void pg_cluster_free(struct pg_cluster *c)
{
	if (c == NULL)
		return;
	close(c->life);
	await(c->watchman, "destroy");
	mem_free(c);
}

void pg_cluster_stop(struct pg_cluster *c, bool is_crash)
{
	cluster_sh("stop", c->dir, is_crash ? "immediate" : "fast", NULL);
}

void pg_cluster_start(struct pg_cluster *c)
{
	cluster_sh("start", c->dir, "fsync", "off");
}

void pg_cluster_restart(struct pg_cluster *c)
{
	pg_cluster_stop(c, false);
	pg_cluster_start(c);
}

static void new_database(const char *dir, char out_url[PG_URL_BYTES])
{
	static unsigned n; /* the cluster may be older than this program: no name comes twice */
	char            url[PG_URL_BYTES], name[48], sql[80];

	snprintf(name, sizeof name, "t%" PRId64 "_%d_%u", clock_wall_us(), (int)getpid(), n++);
	snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
	cluster_url(dir, "postgres", url);
	pg_exec(url, sql);
	cluster_url(dir, name, out_url);
}

void pg_database_new(struct pg_cluster *c, char out_url[PG_URL_BYTES])
{
	new_database(c->dir, out_url);
}

void pg_shared_database(char out_url[PG_URL_BYTES])
{
	cluster_sh("start", TEST_PG_SHARED_DIR, "fsync", "off");
	new_database(TEST_PG_SHARED_DIR, out_url);
}
