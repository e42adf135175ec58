/*
 * base/clock.h - the two clocks: monotonic for deadlines, wall for people.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_NS_PER_S  INT64_C(1000000000)
#define CLOCK_NS_PER_MS INT64_C(1000000)
#define CLOCK_NS_PER_US INT64_C(1000)
#define CLOCK_NEVER     INT64_MAX /* a deadline that does not come */

/* Monotonic, in nanoseconds: deadlines and durations. */
int64_t clock_now_ns(void);

/* Since 1970 UTC, in microseconds: what is shown and stored. */
int64_t clock_wall_us(void);

/* now + ms; CLOCK_NEVER or 0 where that would overflow or be negative. */
int64_t clock_after_ms(int64_t ms);

#endif
