#include "metrics/metrics.h"

#include "base/mem.h"
#include "base/str.h"
#include "metrics/registry.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { MAX_LABELS = 4, MAX_LABELS_BYTES = 4096 };

const struct metrics_bound metrics_bounds[METRICS_BOUNDS] = {
        {500000, "0.0005"},  {1000000, "0.001"},  {2500000, "0.0025"}, {5000000, "0.005"},
        {10000000, "0.01"},  {25000000, "0.025"}, {50000000, "0.05"},  {100000000, "0.1"},
        {250000000, "0.25"}, {500000000, "0.5"},  {1000000000, "1"},   {2500000000, "2.5"},
        {5000000000, "5"},   {10000000000, "10"},
};

/* Process-wide by design: a scrape asks the process, not one of its parts. */
static pthread_mutex_t        lock = PTHREAD_MUTEX_INITIALIZER;
static struct metrics_family *families;

static bool is_name(const char *s, bool may_have_colon)
{
	if (*s >= '0' && *s <= '9')
		return false;
	for (const char *p = s; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' ||
		      (*p == ':' && may_have_colon)))
			return false;
	return *s != '\0';
}

static void put_label_value(struct buf *b, const char *value)
{
	for (const char *p = value; *p; p++) {
		if (*p == '\n')
			buf_put(b, STR("\\n"));
		else if (*p == '"' || *p == '\\')
			buf_printf(b, "\\%c", *p);
		else
			buf_put_c(b, *p);
	}
}

/* The labels as they print, which is also what tells two series apart. */
static char *render_labels(const char *const *labels)
{
	struct buf b;
	size_t     len;

	buf_init(&b, MAX_LABELS_BYTES);
	for (size_t i = 0; labels && labels[i]; i += 2) {
		if (i == (size_t)2 * MAX_LABELS)
			mem_die("metrics: too many labels");
		if (!is_name(labels[i], false) || strcmp(labels[i], "le") == 0 || !labels[i + 1])
			mem_die("metrics: bad label");
		if (i > 0)
			buf_put_c(&b, ',');
		buf_put(&b, str_c(labels[i]));
		buf_put(&b, STR("=\""));
		put_label_value(&b, labels[i + 1]);
		buf_put_c(&b, '"');
	}
	buf_put_c(&b, '\0');
	if (b.is_overflown)
		mem_die("metrics: labels too long");
	return buf_take(&b, &len);
}

static struct metrics_family *get_family_locked(const char *name, const char *help,
                                                enum metrics_type type)
{
	struct metrics_family **at = &families;
	struct metrics_family  *f;

	while (*at && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	if (*at && strcmp((*at)->name, name) == 0) {
		if ((*at)->type != type)
			mem_die("metrics: one name, two types");
		return *at;
	}
	f = mem_zalloc(sizeof *f);
	f->name = mem_strndup(name, strlen(name));
	f->help = mem_strndup(help, strlen(help));
	f->type = type;
	f->next = *at;
	*at = f;
	return f;
}

/* Takes the labels' memory. */
static struct metrics_series *get_series_locked(struct metrics_family *f, char *labels)
{
	struct metrics_series **at = &f->series;
	struct metrics_series  *s;

	while (*at && strcmp((*at)->labels, labels) < 0)
		at = &(*at)->next;
	if (*at && strcmp((*at)->labels, labels) == 0) {
		mem_free(labels);
		return *at;
	}
	s = mem_zalloc(sizeof *s);
	s->labels = labels;
	s->next = *at;
	*at = s;
	return s;
}

static struct metrics_series *get(const char *name, const char *help, const char *const *labels,
                                  enum metrics_type type)
{
	struct metrics_series *s;
	char                  *rendered;

	if (!is_name(name, true))
		mem_die("metrics: bad name");
	rendered = render_labels(labels);
	pthread_mutex_lock(&lock);
	s = get_series_locked(get_family_locked(name, help, type), rendered);
	pthread_mutex_unlock(&lock);
	return s;
}

struct metrics_counter *metrics_counter_get(const char *name, const char *help,
                                            const char *const *labels)
{
	return &get(name, help, labels, METRICS_COUNTER)->counter;
}

struct metrics_gauge *metrics_gauge_get(const char *name, const char *help,
                                        const char *const *labels)
{
	return &get(name, help, labels, METRICS_GAUGE)->gauge;
}

struct metrics_histogram *metrics_histogram_get(const char *name, const char *help,
                                                const char *const *labels)
{
	return &get(name, help, labels, METRICS_HISTOGRAM)->histogram;
}

void metrics_counter_add(struct metrics_counter *c, uint64_t n)
{
	atomic_fetch_add_explicit(&c->value, n, memory_order_relaxed);
}

uint64_t metrics_counter_value(const struct metrics_counter *c)
{
	return atomic_load_explicit(&c->value, memory_order_relaxed);
}

void metrics_gauge_set(struct metrics_gauge *g, int64_t v)
{
	atomic_store_explicit(&g->value, v, memory_order_relaxed);
}

void metrics_gauge_add(struct metrics_gauge *g, int64_t n)
{
	atomic_fetch_add_explicit(&g->value, n, memory_order_relaxed);
}

int64_t metrics_gauge_value(const struct metrics_gauge *g)
{
	return atomic_load_explicit(&g->value, memory_order_relaxed);
}

void metrics_histogram_observe_ns(struct metrics_histogram *h, int64_t ns)
{
	size_t i = 0;

	if (ns < 0)
		ns = 0;
	while (i < METRICS_BOUNDS && ns > metrics_bounds[i].ns)
		i++;
	atomic_fetch_add_explicit(&h->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_ns, (uint64_t)ns, memory_order_relaxed);
}

void metrics_print(struct buf *out)
{
	pthread_mutex_lock(&lock);
	for (const struct metrics_family *f = families; f; f = f->next)
		metrics_print_family(f, out);
	pthread_mutex_unlock(&lock);
}
