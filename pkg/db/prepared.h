/*
 * db/prepared.h - which queries a connection has prepared: a set of pointers.
 */
#ifndef DB_PREPARED_H
#define DB_PREPARED_H

#include <stdbool.h>
#include <stddef.h>

struct db_query;

struct db_prepared {
	const struct db_query **slots; /* open addressing; a power of two, at most half full */
	size_t                  size;
	size_t                  n;
};

enum { DB_PREPARED_NAME_BYTES = 24 };

/* What the server calls it. */
void db_prepared_name(const struct db_query *q, char out_name[DB_PREPARED_NAME_BYTES]);

bool db_prepared_has(const struct db_prepared *p, const struct db_query *q);
void db_prepared_add(struct db_prepared *p, const struct db_query *q);

/* Forgets all: the connection is new. */
void db_prepared_fini(struct db_prepared *p);

#endif
