/*
 * db/pgerr.h - SQLSTATE to status: the one place where PostgreSQL's errors become ours.
 *
 * PostgreSQL documentation, appendix A, names the states.
 */
#ifndef DB_PGERR_H
#define DB_PGERR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

/*
 * What an error that the server answered means to the caller. The message holds neither SQL nor
 * values; for INTERNAL it names the state and the query, formatted into the arena.
 */
must_check status db_pgerr_status(struct arena *a, const char *sqlstate, const char *query_name);

/* The transaction may be run again: serialization failure or deadlock. */
bool db_pgerr_is_retryable(const char *sqlstate);

/*
 * The session's statements do not fit the schema any more, or a pooler swapped the session: a new
 * one prepares them again. routine, of the server's sources, may be NULL.
 */
bool db_pgerr_is_stale(const char *sqlstate, const char *routine);

#endif
