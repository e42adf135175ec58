#include "db/pgerr.h"

#include <string.h>

/* The first row whose prefix fits counts. */
static const struct {
	const char *prefix; /* a state, or a class of states */
	enum code   code;
	const char *msg;
} table[] = {
        {"08", CODE_UNAVAILABLE, "the database cannot be reached"},
        {"22", CODE_INVALID_ARGUMENT, "a value does not fit"},
        {"23503", CODE_FAILED_PRECONDITION, "something that this refers to is missing or in use"},
        {"23505", CODE_ALREADY_EXISTS, "already exists"},
        {"23514", CODE_INVALID_ARGUMENT, "a value does not fit"},
        {"23P01", CODE_ALREADY_EXISTS, "already exists"},
        {"25P03", CODE_UNAVAILABLE, "the transaction was idle for too long"},
        {"40001", CODE_ABORTED, "changed by somebody else at the same time"},
        {"40P01", CODE_ABORTED, "changed by somebody else at the same time"},
        /* What exists already, by several names: two migrate at the same moment. */
        {"42710", CODE_ALREADY_EXISTS, "already exists"},
        {"42P04", CODE_ALREADY_EXISTS, "already exists"},
        {"42P06", CODE_ALREADY_EXISTS, "already exists"},
        {"42P07", CODE_ALREADY_EXISTS, "already exists"},
        {"53", CODE_UNAVAILABLE, "the database is overloaded"},
        {"55P03", CODE_UNAVAILABLE, "locked by somebody else"},
        {"57014", CODE_DEADLINE_EXCEEDED, "the database took too long"},
        {"57P", CODE_UNAVAILABLE, "the database is not available"},
};

status db_pgerr_status(struct arena *a, const char *sqlstate, const char *query_name)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0)
			return status_error(table[i].code, table[i].msg);
	return status_errorf(a, CODE_INTERNAL, "database error %s in %s", sqlstate, query_name);
}

bool db_pgerr_is_retryable(const char *sqlstate)
{
	return strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0;
}

bool db_pgerr_is_stale(const char *sqlstate, const char *routine)
{
	/* The same test as other drivers make. */
	return strcmp(sqlstate, "26000") == 0 || (strcmp(sqlstate, "0A000") == 0 && routine &&
	                                          strcmp(routine, "RevalidateCachedQuery") == 0);
}
