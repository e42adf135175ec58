/*
 * db/blocking.h - libpq the plain way, for the start of the process and for tests.
 */
#ifndef DB_BLOCKING_H
#define DB_BLOCKING_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

/* For AUTO. */
void db_blocking_finishp(PGconn **pg);
void db_blocking_clearp(PGresult **result);

/*
 * Connects, trying again until deadline_ns while the server is away or starting up.
 * INVALID_ARGUMENT for a bad url, UNAVAILABLE with the server's words.
 */
must_check status db_blocking_connect(const char *url, uint32_t lock_timeout_ms,
                                      int64_t deadline_ns, struct arena *a, PGconn **out_pg);

/* Sleeps a little between two looks; false when deadline_ns has come. */
bool db_blocking_pause(int64_t deadline_ns);

/*
 * Runs statements without parameters, all or nothing. The message is the server's own, which is
 * for operators: it may quote values.
 */
must_check status db_blocking_exec(PGconn *pg, const char *sql, struct arena *a);

/* Runs one statement with text parameters. */
must_check status db_blocking_query(PGconn *pg, const char *sql, int n, const char *const *values,
                                    struct arena *a, PGresult **out_result);

#endif
