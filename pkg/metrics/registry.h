/*
 * metrics/registry.h - how series are kept: what metrics.c fills and print.c reads.
 *
 * Families are sorted by name, the series of one by their labels. Both only grow. The lock
 * guards the lists; values are atomics, read and written without it.
 */
#ifndef METRICS_REGISTRY_H
#define METRICS_REGISTRY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/metrics.h"

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* Upper bounds in nanoseconds, as le prints them in seconds; beyond the last is +Inf. */
struct metrics_bound {
	int64_t     ns;
	const char *le;
};
enum { METRICS_BOUNDS = 14 };
extern const struct metrics_bound metrics_bounds[METRICS_BOUNDS];

struct metrics_counter {
	_Atomic uint64_t value;
};

struct metrics_gauge {
	_Atomic int64_t value;
};

struct metrics_histogram {
	_Atomic uint64_t buckets[METRICS_BOUNDS + 1]; /* each alone; print.c adds them up */
	_Atomic uint64_t sum_ns;
};

struct metrics_series {
	struct metrics_series *next;
	char *labels; /* as printed, without braces: key="value",...; "" for none */
	union {
		struct metrics_counter   counter;
		struct metrics_gauge     gauge;
		struct metrics_histogram histogram;
	};
};

struct metrics_family {
	struct metrics_family *next;
	char                  *name;
	char                  *help;
	enum metrics_type      type;
	struct metrics_series *series;
};

/* Appends a family in the text format; the registry's lock is held. */
void metrics_print_family(const struct metrics_family *f, struct buf *out);

#endif
