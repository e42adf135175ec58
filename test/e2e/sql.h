/*
 * e2e/sql.h - a database session of a test's own (psql): looks past the product, or holds locks.
 */
#ifndef TEST_E2E_SQL_H
#define TEST_E2E_SQL_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct sql {
	pid_t pid;
	FILE *to, *from;
	char  answer[16384];
};

/* Connects; fails the test when that does not work. */
void sql_open(struct sql *s, const char *url);

/* Ends the session; what it held is given free. */
void sql_close(struct sql *s);

/*
 * Runs statements and waits for their end; returns the rows, unaligned, one a line, borrowed until
 * the next call. An error fails the test.
 */
const char *sql_run(struct sql *s, const char *statements);

/* The number that a statement gives. */
int64_t sql_number(struct sql *s, const char *statement);

/* Waits until so many statements of the database wait for locks. */
void sql_await_waiting(const char *url, int64_t n);

/* The same; then ends the transaction of who holds them. */
void sql_let_go(struct sql *holder, const char *url, int64_t n_waiting);

#endif
