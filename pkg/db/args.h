/*
 * db/args.h - parameters in the shape that libpq sends: text, but bytea binary.
 */
#ifndef DB_ARGS_H
#define DB_ARGS_H

#include "base/arena.h"
#include "base/status.h"

#include "db/query.h"

struct db_params {
	int                n;
	const char *const *values;
	const int         *lengths; /* of binary ones */
	const int         *formats; /* 1: binary */
};

/* Encodes into the arena. INVALID_ARGUMENT for text with a NUL, which PostgreSQL cannot hold. */
must_check status db_args_encode(struct arena *a, struct db_args args,
                                 struct db_params *out_params);

#endif
