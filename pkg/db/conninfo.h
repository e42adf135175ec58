/*
 * db/conninfo.h - a connection string with what every connection of ours needs added.
 */
#ifndef DB_CONNINFO_H
#define DB_CONNINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct db_hosts; /* db/resolve.h */

/* Pairs of keyword and value; both arrays end with NULL, as PQconnectStartParams() wants. */
struct db_conninfo {
	const char **keys;
	const char **values;
	size_t       n;
};

struct db_conninfo_options {
	const char *application_name; /* NULL: none */
	const char *settings;         /* "-c name=value" and more of them; NULL: none */
	bool        is_read_only;
	uint32_t    statement_timeout_ms; /* 0: none */
	uint32_t    lock_timeout_ms;      /* 0: none */
	uint32_t    connect_timeout_s;    /* of blocking connects; 0: none */
};

/* Parses url (a URL or keywords). INVALID_ARGUMENT; the message does not repeat it. */
must_check status db_conninfo_parse(struct arena *a, const char *url,
                                    const struct db_conninfo_options *options,
                                    struct db_conninfo               *out_info);

/* The value of a keyword, or NULL. */
const char *db_conninfo_get(const struct db_conninfo *info, const char *key);

/* A copy whose hosts are replaced by resolved ones; it borrows everything. */
struct db_conninfo db_conninfo_with_hosts(struct arena *a, const struct db_conninfo *info,
                                          const struct db_hosts *hosts);

#endif
