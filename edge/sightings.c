#include "edge/sightings.h"

#include "base/mem.h"

enum { FIRST_ROOM = 64 };

bool edge_sightings_add(struct edge_sightings *s, struct edge_sighting seen)
{
	uintptr_t index = (uintptr_t)id_map_get(&s->indexes, seen.account_id);

	if (index != 0) {
		if (s->all[index - 1].at_ns < seen.at_ns)
			s->all[index - 1].at_ns = seen.at_ns;
		return true;
	}
	if (s->count == s->max)
		return false;
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : FIRST_ROOM;
		s->all = mem_realloc(s->all, s->room * sizeof *s->all);
	}
	s->all[s->count++] = seen;
	id_map_put(&s->indexes, seen.account_id, (void *)(uintptr_t)s->count);
	return true;
}

struct edge_sighting *edge_sightings_take(struct edge_sightings *s, size_t *out_count)
{
	struct edge_sighting *all = s->all;

	*out_count = s->count;
	s->all = NULL;
	edge_sightings_fini(s);
	return all;
}

void edge_sightings_fini(struct edge_sightings *s)
{
	mem_free(s->all);
	s->all = NULL;
	s->count = s->room = 0;
	id_map_fini(&s->indexes);
}
