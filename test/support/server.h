/*
 * support/server.h - the executable as a user runs it: one process, or one for each part.
 *
 * TEST_TOPOLOGY in the environment of a test says which: "one" (the default), "ipc", "tcp", "tls".
 */
#ifndef TEST_SUPPORT_SERVER_H
#define TEST_SUPPORT_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SERVER_SERVICES = 5, SERVER_REPLICAS = 2, SERVER_PARTS = 12, SERVER_URL_BYTES = 128 };

struct server_process {
	const char *part; /* as "serve" calls it */
	unsigned    replica;
	pid_t       pid;    /* 0: does not run */
	int         pid_fd; /* readable once it has ended */
	uint16_t    port, metrics_port;
	int         notify_fd;
	char        notify_path[64];
};

struct server {
	struct server_process parts[SERVER_PARTS]; /* edges last, or the only one */
	unsigned              n_parts;
	uint16_t              port, metrics_port; /* of the first edge */
	char                  db_url[256];
	char                  run_dir[64];
	char urls[SERVER_SERVICES][SERVER_REPLICAS][SERVER_URL_BYTES];   /* "": in run_dir */
	char events[SERVER_SERVICES][SERVER_REPLICAS][SERVER_URL_BYTES]; /* "": beside them */
	bool has_certificates;                                           /* in run_dir */
	const char *const *env;
};

enum { SERVER_TOKEN_BYTES = 4096 };

#define SERVER_JWT_SECRET "a secret of the tests, 32 bytes long or more"

/*
 * Starts all parts on free ports against a database and waits until they are ready, at most
 * 60 s; fails the test otherwise. env: further NAME=value, NULL-ended, or NULL, borrowed.
 */
void server_start(struct server *s, const char *db_url, const char *const *env);

/* The same with each part a process, so many of each, and "ipc", "tcp" or "tls" between them. */
void server_start_many(struct server *s, const char *db_url, const char *const *env,
                       const char *transport, unsigned replicas);

/* The same with one of each service and so many edges. */
void server_start_edges(struct server *s, const char *db_url, const char *const *env,
                        const char *transport, unsigned edges);

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

/* ---- one of many ---- */

/* A part that is a process of its own; fails the test when there is none. */
struct server_process *server_part(struct server *s, const char *part, unsigned replica);

/* Sends it a signal; when that ends it, server_wait_part() must follow. */
void server_signal_part(const struct server_process *p, int number);

/* Waits for its end, at most 60 s: its exit status, or 128 + signal. */
int server_wait_part(struct server_process *p);

/* Starts it again, where it was, and waits until it is ready. */
void server_restart_part(const struct server *s, struct server_process *p);

/* ---- what most tests need first ---- */

/* Registers an account with the password "coin-coin-42"; token (SERVER_TOKEN_BYTES) its access
 * token. */
int64_t server_register(const struct server *s, const char *pseudo, char *out_token);

#endif
