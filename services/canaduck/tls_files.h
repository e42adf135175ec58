/*
 * canaduck/tls_files.h - the certificates that a process is given for tls+tcp: read and checked.
 */
#ifndef SERVICES_CANADUCK_TLS_FILES_H
#define SERVICES_CANADUCK_TLS_FILES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "rpc/transport.h"

/* Paths; "" where none is given. */
struct tls_files {
	const char *ca, *cert, *key;
};

/* All three are given. */
bool tls_files_are_given(const struct tls_files *files);

/*
 * Reads the files into the arena, if they are given. What is wrong with them is appended to
 * mistakes by variable and file, one a line; what they hold never is.
 */
void tls_files_load(const struct tls_files *files, struct arena *a, struct rpc_tls *out_tls,
                    struct buf *mistakes);

/* For a process without them: addresses that need them, separated by commas, are mistakes. */
void tls_files_check_unneeded(const char *service, const char *urls, struct buf *mistakes);

#endif
