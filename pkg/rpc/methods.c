#include "rpc/methods.h"

#include "base/mem.h"
#include "metrics/metrics.h"

#include <string.h>

static const char *label_of(const struct rpc_served *s)
{
	return s->method ? s->method->name : "unknown";
}

static struct metrics_counter *calls_counter(const struct rpc_served *s, enum code code)
{
	return metrics_counter_get("rpc_server_calls_total", "Calls that ended.",
	                           METRICS_LABELS("method", label_of(s), "code", code_name(code)));
}

static void meter(struct rpc_served *s)
{
	s->calls[CODE_OK] = calls_counter(s, CODE_OK);
	s->duration =
	        metrics_histogram_get("rpc_server_duration_seconds", "Time from request to reply.",
	                              METRICS_LABELS("method", label_of(s)));
}

void rpc_methods_init(struct rpc_methods *m)
{
	*m = (struct rpc_methods){0};
	meter(&m->unknown);
}

void rpc_methods_fini(struct rpc_methods *m)
{
	for (unsigned i = 0; i < m->count; i++)
		mem_free(m->items[i]);
	mem_free(m->items);
	*m = (struct rpc_methods){0};
}

/* The first place whose name is not before it. */
static unsigned place_of(const struct rpc_methods *m, str name)
{
	unsigned low = 0, high = m->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (str_compare(str_c(m->items[middle]->method->name), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add(struct rpc_methods *m, const struct rpc_method *method, rpc_handler *handler,
                void *app)
{
	unsigned           place = place_of(m, str_c(method->name));
	struct rpc_served *s = mem_zalloc(sizeof *s);

	if (place < m->count && strcmp(m->items[place]->method->name, method->name) == 0)
		mem_die("rpc: a method is served twice");
	*s = (struct rpc_served){.method = method, .handler = handler, .app = app};
	meter(s);
	m->items = mem_realloc(m->items, (m->count + 1) * sizeof(struct rpc_served *));
	memmove(m->items + place + 1, m->items + place,
	        (m->count - place) * sizeof(struct rpc_served *));
	m->items[place] = s;
	m->count++;
}

void rpc_methods_add(struct rpc_methods *m, const struct rpc_handlers *handlers, void *app)
{
	for (unsigned i = 0; i < handlers->service->n_methods; i++)
		add(m, &handlers->service->methods[i], handlers->handlers[i], app);
}

struct rpc_served *rpc_methods_find(const struct rpc_methods *m, str name)
{
	unsigned place = place_of(m, name);

	if (place == m->count || !str_eq(str_c(m->items[place]->method->name), name))
		return NULL;
	return m->items[place];
}

void rpc_served_count(struct rpc_served *s, enum code code, int64_t took_ns)
{
	/* Most methods never end with most codes: a series begins with its first call. */
	if (s->calls[code] == NULL)
		s->calls[code] = calls_counter(s, code);
	metrics_counter_add(s->calls[code], 1);
	metrics_histogram_observe_ns(s->duration, took_ns);
}
