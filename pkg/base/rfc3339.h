/*
 * base/rfc3339.h - times as RFC 3339 text in UTC (section 5.6), 0001-01-01 to 9999-12-31.
 */
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/*
 * Appends "2026-11-21T10:00:00Z", with 3, 6 or 9 digits of a second when nanos needs them.
 * False, with nothing written, when out of range.
 */
bool rfc3339_print(struct buf *b, int64_t seconds, int32_t nanos);

/*
 * Writes clock_wall_us() as "2026-11-21T10:00:00.000Z": one width, no NUL, no allocation, for
 * logs. A time out of range is the nearest in range.
 */
enum { RFC3339_MS_BYTES = 24 };
void rfc3339_write_ms(int64_t wall_us, char out[RFC3339_MS_BYTES]);

/* Reads a time with 'Z' or an offset, up to 9 digits of a second; seconds since 1970 UTC. */
bool rfc3339_parse(str s, int64_t *out_seconds, int32_t *out_nanos);

#endif
