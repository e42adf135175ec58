/*
 * support/server.h - the executable as a user runs it: one process, or one for each part.
 *
 * TEST_TOPOLOGY in the environment of a test says which: "one" (the default), "ipc", "tcp".
 */
#ifndef TEST_SUPPORT_SERVER_H
#define TEST_SUPPORT_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server_process {
	pid_t    pid;
	int      pid_fd; /* readable once it has ended */
	uint16_t port, metrics_port;
	int      notify_fd;
	char     notify_path[64];
};

enum { SERVER_PARTS = 4 };

struct server {
	struct server_process parts[SERVER_PARTS]; /* the edge last, or the only one */
	unsigned              n_parts;
	uint16_t              port, metrics_port; /* of the edge */
	char                  db_url[256];
	char                  run_dir[64];
};

enum { SERVER_TOKEN_BYTES = 4096 };

#define SERVER_JWT_SECRET "a secret of the tests, 32 bytes long or more"

/*
 * Starts all parts on free ports against a database and waits until it is ready, at most
 * 60 s; fails the test otherwise. env: further NAME=value, NULL-ended, or NULL.
 */
void server_start(struct server *s, const char *db_url, const char *const *env);

/* Sends SIGTERM to the edge, at once; server_wait() ends the rest behind it. */
void server_terminate(struct server *s);

/* Waits for its end, at most 60 s a process; the worst exit status, or 128 + signal. */
int server_wait(struct server *s);

/* SIGKILL, and waits for its end. */
void server_kill(struct server *s);

/* Terminates and waits; fails the test unless it ends with 0 (sanitizers make leaks an error). */
void server_stop(struct server *s);

/* Runs the executable beside the server to its end; its output (both kinds) cut at size. Exit
 * status. */
int server_run(const char *const *argv, const struct server *s, const char *const *env,
               char *output, size_t size);

/* The sum of a metric's series whose line starts with this text, asked of the private port. */
double server_metric(const struct server *s, const char *prefix);

/* ---- what most tests need first ---- */

/* Registers an account with the password "coin-coin-42"; token (SERVER_TOKEN_BYTES) its access
 * token. */
int64_t server_register(const struct server *s, const char *pseudo, char *out_token);

#endif
