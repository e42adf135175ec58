/*
 * db/migrate.h - brings a service's schema up to date, once, whoever starts first.
 *
 * Migrations are embedded in the executable, numbered without gaps, forward only. Each runs in a
 * transaction of its own, unless its first line is "-- no transaction". What was applied is kept
 * with its SHA-256 in <schema>.migrations; an applied file that was edited since is refused. A lock
 * row (not a session lock: it must survive poolers and crashes) serialises runners: a runner that
 * died is detected and taken over.
 *
 * Blocking: for the start of the process, before loops run.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct db_migration {
	const char *name; /* "0001_create_accounts.sql" */
	str         sql;
};

struct db_schema {
	const char                *name; /* "users": schema and role */
	const struct db_migration *migrations;
	size_t                     n_migrations;
};

/*
 * Applies what is missing; *out_applied counts. url is MIGRATE_DB_URL or DB_URL. Waits for another
 * runner up to timeout_ms. What a later release applied besides is left alone: schemas stay
 * compatible with the release before. FAILED_PRECONDITION for an edited migration; the message
 * names it. UNAVAILABLE when the server does not answer in time.
 */
must_check status db_migrate(const char *url, const struct db_schema *schema, uint32_t timeout_ms,
                             struct arena *a, unsigned *out_applied);

#endif
