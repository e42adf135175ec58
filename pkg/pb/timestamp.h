/*
 * pb/timestamp.h - google.protobuf.Timestamp from the microseconds that the database gives.
 */
#ifndef PB_TIMESTAMP_H
#define PB_TIMESTAMP_H

#include <stdint.h>

#include "base/arena.h"
#include "google/protobuf/timestamp.schema.h"

/* A new Timestamp in the arena, from microseconds since 1970. */
static inline pb_timestamp *pb_timestamp_from_us(struct arena *a, int64_t us)
{
	pb_timestamp *t = arena_alloc(a, sizeof *t);
	int64_t       rest = us % 1000000;

	pb_timestamp_init(t);
	t->seconds = us / 1000000 - (rest < 0);
	t->nanos = (int32_t)((rest < 0 ? rest + 1000000 : rest) * 1000);
	return t;
}

#endif
