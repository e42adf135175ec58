/*
 * db/resolve.h - host names to addresses, before libpq would do it and hold up the loop.
 *
 * libpq takes lists separated by commas: every address found becomes a host of its own.
 */
#ifndef DB_RESOLVE_H
#define DB_RESOLVE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

/* Values of libpq's host, hostaddr and port, in step. */
struct db_hosts {
	const char *names;
	const char *addresses; /* an empty element for a socket's path */
	const char *ports;     /* NULL: none were given */
};

/* Some host is a name: neither an address nor a socket's path. NULL is not. */
bool db_resolve_is_needed(const char *hosts);

/*
 * Blocking: for a thread of the offload pool. ports may be NULL, one, or as many as hosts.
 * UNAVAILABLE when no host has an address.
 */
must_check status db_resolve(struct arena *a, const char *hosts, const char *ports,
                             struct db_hosts *out_hosts);

#endif
