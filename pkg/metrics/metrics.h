/*
 * metrics/metrics.h - counters, gauges and histograms, printed in Prometheus's text
 * format 0.0.4.
 *
 * A metric is registered once, at start, and lives for the process; series of one name
 * differ by labels given at registration. Updating is one relaxed atomic: any thread, any loop.
 */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <stdint.h>

#include "base/buf.h"

struct metrics_counter;
struct metrics_gauge;
struct metrics_histogram;

/*
 * Registers (or finds) a series. name: [a-z_:][a-z0-9_:]*; labels: alternating names and values,
 * NULL-ended, copied, at most 4 pairs, in the same order each time; values are escaped. Never
 * fails: a wrong name is our own mistake and dies. Any thread.
 */
struct metrics_counter   *metrics_counter_get(const char *name, const char *help,
                                              const char *const *labels);
struct metrics_gauge     *metrics_gauge_get(const char *name, const char *help,
                                            const char *const *labels);
struct metrics_histogram *metrics_histogram_get(const char *name, const char *help,
                                                const char *const *labels);

#define METRICS_LABELS(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) 0})

void     metrics_counter_add(struct metrics_counter *c, uint64_t n);
uint64_t metrics_counter_value(const struct metrics_counter *c);
void     metrics_gauge_set(struct metrics_gauge *g, int64_t v);
void     metrics_gauge_add(struct metrics_gauge *g, int64_t n);
int64_t  metrics_gauge_value(const struct metrics_gauge *g);

/* Counts a duration; buckets from 0.5 ms to 10 s, printed in seconds. */
void metrics_histogram_observe_ns(struct metrics_histogram *h, int64_t ns);

/* Appends every series, grouped by name, sorted. */
void metrics_print(struct buf *out);

#endif
