/*
 * db/rows.h - how a libpq result becomes rows; the reading side is in db/query.h.
 */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include <libpq-fe.h>

#include "base/arena.h"

struct db_rows;

/* Takes the result over: it is cleared when the arena is reset. */
struct db_rows *db_rows_take(struct arena *a, PGresult *result);

#endif
