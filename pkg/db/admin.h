/*
 * db/admin.h - blocking helpers around the database: for tools and tests, never for services.
 */
#ifndef DB_ADMIN_H
#define DB_ADMIN_H

#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"

/*
 * Runs statements without parameters (several: all or nothing) on a connection of its own.
 * UNAVAILABLE when there is none; the message has the server's words.
 */
must_check status db_admin_exec(const char *url, const char *sql, struct arena *a);

/*
 * Prepares every query that is linked into this program against the migrated schema, so that
 * none is wrong. INTERNAL names the first that is, where it stands and what the server says of it.
 */
must_check status db_prepare_all(const char *url, struct arena *a, size_t *out_count);

#endif
