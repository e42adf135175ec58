#include "services/incidents/show.h"

#include "pb/timestamp.h"
#include "services/incidents/included.h"
#include "services/incidents/incidents.h"
#include "services/incidents/user.h"

struct showing {
	struct arena               *arena;
	const struct incidents_row *rows;
	const double               *distances; /* NULL: without */
	struct incidents_included   included;
	struct incidents_users      users;
};

/* ---- what is to be looked up ---- */

static size_t said_begin(const struct incidents_included *in, size_t i)
{
	return i == 0 ? 0 : in->said_ends[i - 1];
}

static size_t said_count(const struct incidents_included *in)
{
	return in->said && in->n > 0 ? in->said_ends[in->n - 1] : 0;
}

static status find_users(struct incidents *app, struct rpc_call *call, struct showing *s,
                         int64_t also)
{
	const size_t n_said = said_count(&s->included);
	int64_t     *ids = arena_alloc(&call->arena, (s->included.n + n_said + 1) * sizeof *ids);
	size_t       n = 0;

	for (size_t i = 0; i < s->included.n; i++)
		ids[n++] = s->rows[i].account_id;
	for (size_t i = 0; i < n_said; i++)
		ids[n++] = s->included.said[i].account_id;
	if (also)
		ids[n++] = also;
	return incidents_user_find(app, call, ids, n, &s->users);
}

/* also: one more account that is shown; 0: none. */
static status load(struct incidents *app, struct rpc_call *call, size_t n, const char *include,
                   int64_t also, struct showing *s)
{
	int64_t *ids = arena_alloc(&call->arena, (n + 1) * sizeof *ids);

	s->arena = &call->arena;
	for (size_t i = 0; i < n; i++)
		ids[i] = s->rows[i].id;
	TRY(incidents_included_load(app, call, ids, n, include, &s->included));
	return find_users(app, call, s, also);
}

/* ---- filling ---- */

static void fill_interaction(const struct showing *s, const struct incidents_interaction_row *said,
                             incidents_interaction *m)
{
	m->id = said->id;
	m->user = incidents_user_get(&s->users, said->account_id);
	m->is_still_present = said->is_still_present;
	m->created_at = pb_timestamp_from_us(s->arena, said->created_us);
}

static incidents_interactions *make_interactions(const struct showing *s, size_t i)
{
	const size_t            begin = said_begin(&s->included, i);
	const size_t            n = s->included.said_ends[i] - begin;
	incidents_interactions *list = arena_alloc(s->arena, sizeof *list);
	incidents_interaction  *items = arena_alloc(s->arena, (n + 1) * sizeof *items);

	incidents_interactions_init(list);
	list->interactions = arena_alloc(s->arena, (n + 1) * sizeof(*list->interactions));
	list->n_interactions = n;
	for (size_t k = 0; k < n; k++) {
		incidents_interaction_init(&items[k]);
		fill_interaction(s, &s->included.said[begin + k], &items[k]);
		list->interactions[k] = &items[k];
	}
	return list;
}

static incidents_interactions_summary *make_summary(const struct showing *s, size_t i)
{
	const struct incidents_included_summary *from = &s->included.summaries[i];
	incidents_interactions_summary          *m = arena_alloc(s->arena, sizeof *m);

	incidents_interactions_summary_init(m);
	m->is_still_present = from->positives;
	m->no_still_present = from->negatives;
	m->total = from->positives + from->negatives;
	return m;
}

static void fill(const struct showing *s, size_t i, incidents_incident *m)
{
	const struct incidents_row *row = &s->rows[i];

	m->id = row->id;
	m->user = incidents_user_get(&s->users, row->account_id);
	m->type = arena_alloc(s->arena, sizeof *m->type);
	*m->type = row->type;
	m->lat = row->place.lat;
	m->lon = row->place.lon;
	m->created_at = pb_timestamp_from_us(s->arena, row->created_us);
	m->updated_at = pb_timestamp_from_us(s->arena, row->updated_us);
	if (row->deleted_us)
		m->deleted_at = pb_timestamp_from_us(s->arena, row->deleted_us);
	if (s->distances)
		incidents_incident_set_distance(m, s->distances[i]);
	if (s->included.said)
		m->interactions = make_interactions(s, i);
	if (s->included.summaries)
		m->interactions_summary = make_summary(s, i);
}

status incidents_show(struct incidents *app, struct rpc_call *call,
                      const struct incidents_row *rows, size_t n, const double *distances,
                      const char *include, incidents_incident ***out_incidents, size_t *out_count)
{
	struct showing       s = {.rows = rows, .distances = distances};
	incidents_incident  *items;
	incidents_incident **list;

	TRY(load(app, call, n, include, 0, &s));
	items = arena_alloc(s.arena, (s.included.n + 1) * sizeof *items);
	list = arena_alloc(s.arena, (s.included.n + 1) * sizeof(*list));
	for (size_t i = 0; i < s.included.n; i++) {
		incidents_incident_init(&items[i]);
		fill(&s, i, &items[i]);
		list[i] = &items[i];
	}
	*out_incidents = list;
	*out_count = s.included.n;
	return STATUS_OK;
}

status incidents_show_one(struct incidents *app, struct rpc_call *call,
                          const struct incidents_row *row, const char *include,
                          incidents_incident *out_incident)
{
	struct showing s = {.rows = row};

	TRY(load(app, call, 1, include, 0, &s));
	fill(&s, 0, out_incident);
	return STATUS_OK;
}

status incidents_show_interaction(struct incidents *app, struct rpc_call *call,
                                  const struct incidents_interaction_row *said,
                                  const struct incidents_row *row, const char *include,
                                  incidents_interaction *out_interaction)
{
	struct showing s = {.rows = row};

	TRY(load(app, call, 1, include, said->account_id, &s));
	out_interaction->incident = arena_alloc(s.arena, sizeof *out_interaction->incident);
	incidents_incident_init(out_interaction->incident);
	fill(&s, 0, out_interaction->incident);
	fill_interaction(&s, said, out_interaction);
	return STATUS_OK;
}
