/* The text format, 0.0.4: a HELP and a TYPE line a family, then a line a sample. */
#include "metrics/registry.h"

#include <inttypes.h>

static const char *type_name(enum metrics_type type)
{
	switch (type) {
	case METRICS_COUNTER:
		return "counter";
	case METRICS_GAUGE:
		return "gauge";
	case METRICS_HISTOGRAM:
		break;
	}
	return "histogram";
}

/* In a HELP line a backslash and a line feed are escaped, a quote is not. */
static void print_help(const char *help, struct buf *out)
{
	for (const char *p = help; *p; p++) {
		if (*p == '\n')
			buf_put(out, STR("\\n"));
		else if (*p == '\\')
			buf_put(out, STR("\\\\"));
		else
			buf_put_c(out, *p);
	}
}

/* Everything of a sample up to its value. */
static void print_sample(const char *name, const char *suffix, const char *labels, struct buf *out)
{
	buf_printf(out, "%s%s", name, suffix);
	if (*labels)
		buf_printf(out, "{%s}", labels);
	buf_put_c(out, ' ');
}

static void print_bucket(const char *name, const char *labels, const char *le, uint64_t n,
                         struct buf *out)
{
	buf_printf(out, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", name, labels, *labels ? "," : "",
	           le, n);
}

/* Buckets are cumulative, and the count is what they add up to even while others observe. */
static void print_histogram(const char *name, const char *labels, const struct metrics_histogram *h,
                            struct buf *out)
{
	uint64_t sum_ns = atomic_load_explicit(&h->sum_ns, memory_order_relaxed);
	uint64_t n = 0;

	for (size_t i = 0; i <= METRICS_BOUNDS; i++) {
		n += atomic_load_explicit(&h->buckets[i], memory_order_relaxed);
		print_bucket(name, labels, i < METRICS_BOUNDS ? metrics_bounds[i].le : "+Inf", n,
		             out);
	}
	print_sample(name, "_sum", labels, out);
	buf_printf(out, "%" PRIu64 ".%09" PRIu64 "\n", sum_ns / 1000000000, sum_ns % 1000000000);
	print_sample(name, "_count", labels, out);
	buf_printf(out, "%" PRIu64 "\n", n);
}

void metrics_print_family(const struct metrics_family *f, struct buf *out)
{
	buf_printf(out, "# HELP %s ", f->name);
	print_help(f->help, out);
	buf_printf(out, "\n# TYPE %s %s\n", f->name, type_name(f->type));
	for (const struct metrics_series *s = f->series; s; s = s->next) {
		switch (f->type) {
		case METRICS_COUNTER:
			print_sample(f->name, "", s->labels, out);
			buf_printf(out, "%" PRIu64 "\n", metrics_counter_value(&s->counter));
			break;
		case METRICS_GAUGE:
			print_sample(f->name, "", s->labels, out);
			buf_printf(out, "%" PRId64 "\n", metrics_gauge_value(&s->gauge));
			break;
		case METRICS_HISTOGRAM:
			print_histogram(f->name, s->labels, &s->histogram, out);
			break;
		}
	}
}
