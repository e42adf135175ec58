/*
 * pbjson/duration.h - google.protobuf.Duration as text: "90s", "-1.500s".
 */
#ifndef PBJSON_DURATION_H
#define PBJSON_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Reads seconds with up to 9 digits after the point, and 's'; at most 10,000 years either way. */
bool pbjson_duration_parse(str s, int64_t *out_seconds, int32_t *out_nanos);

/* Appends it, with 3, 6 or 9 digits after the point when it needs them; false if it is none. */
bool pbjson_duration_print(struct buf *out, int64_t seconds, int32_t nanos);

#endif
