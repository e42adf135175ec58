#include "edge/sightings.h"

#include "base/mem.h"

enum { FIRST_SLOTS = 64 };

/* Ids are numbered through: a multiplication spreads them (Knuth, TAOCP 6.4). */
static size_t home_of(const struct edge_sightings *s, int64_t account_id)
{
	return (size_t)((uint64_t)account_id * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	       (s->n_slots - 1);
}

/* The account's slot, or the free one where it belongs. */
static struct edge_sighting *find(const struct edge_sightings *s, int64_t account_id)
{
	size_t at = home_of(s, account_id);

	while (s->slots[at].account_id != 0 && s->slots[at].account_id != account_id)
		at = (at + 1) & (s->n_slots - 1);
	return &s->slots[at];
}

static void grow(struct edge_sightings *s)
{
	struct edge_sightings old = *s;

	s->n_slots = old.n_slots ? 2 * old.n_slots : FIRST_SLOTS;
	s->slots = mem_zalloc_array(s->n_slots, sizeof *s->slots);
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i].account_id != 0)
			*find(s, old.slots[i].account_id) = old.slots[i];
	mem_free(old.slots);
}

bool edge_sightings_add(struct edge_sightings *s, struct edge_sighting seen)
{
	struct edge_sighting *slot = s->n_slots ? find(s, seen.account_id) : NULL;

	if (slot && slot->account_id != 0) {
		if (slot->at_ns < seen.at_ns)
			slot->at_ns = seen.at_ns;
		return true;
	}
	if (s->count == s->max)
		return false;
	if (2 * (s->count + 1) > s->n_slots) {
		grow(s);
		slot = find(s, seen.account_id);
	}
	*slot = seen;
	s->count++;
	return true;
}

struct edge_sighting *edge_sightings_take(struct edge_sightings *s, size_t *out_count)
{
	struct edge_sighting *all = s->slots;
	size_t                n = 0;

	for (size_t i = 0; i < s->n_slots; i++)
		if (all[i].account_id != 0)
			all[n++] = all[i];
	*out_count = n;
	s->slots = NULL;
	s->n_slots = s->count = 0;
	return all;
}

void edge_sightings_fini(struct edge_sightings *s)
{
	mem_free(s->slots);
	s->slots = NULL;
	s->n_slots = s->count = 0;
}
