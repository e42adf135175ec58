#include "base/id_map.h"

#include "base/mem.h"

enum { FIRST_SLOTS = 64 };

struct id_map_slot {
	int64_t id;
	void   *value; /* NULL: free */
};

/* Ids are numbered through: a multiplication spreads them (Knuth, TAOCP 6.4). */
static size_t home_of(const struct id_map *m, int64_t id)
{
	return (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (m->n_slots - 1);
}

/* Its slot, or the free one where it belongs. */
static struct id_map_slot *find(const struct id_map *m, int64_t id)
{
	size_t at = home_of(m, id);

	while (m->slots[at].value && m->slots[at].id != id)
		at = (at + 1) & (m->n_slots - 1);
	return &m->slots[at];
}

static void grow(struct id_map *m)
{
	struct id_map old = *m;

	m->n_slots = old.n_slots ? 2 * old.n_slots : FIRST_SLOTS;
	m->slots = mem_zalloc_array(m->n_slots, sizeof *m->slots);
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i].value)
			*find(m, old.slots[i].id) = old.slots[i];
	mem_free(old.slots);
}

void *id_map_get(const struct id_map *m, int64_t id)
{
	return m->n_slots ? find(m, id)->value : NULL;
}

void id_map_put(struct id_map *m, int64_t id, void *value)
{
	struct id_map_slot *slot;

	if (2 * (m->count + 1) > m->n_slots)
		grow(m);
	slot = find(m, id);
	m->count += slot->value == NULL;
	*slot = (struct id_map_slot){id, value};
}

/* Moves up what was pushed beyond the gap: no search stops at a hole that was not there for it. */
static void close_gap(struct id_map *m, size_t gap)
{
	size_t mask = m->n_slots - 1;

	for (size_t at = (gap + 1) & mask; m->slots[at].value; at = (at + 1) & mask) {
		size_t home = home_of(m, m->slots[at].id);

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		m->slots[gap] = m->slots[at];
		gap = at;
	}
	m->slots[gap] = (struct id_map_slot){0};
}

void *id_map_take(struct id_map *m, int64_t id)
{
	struct id_map_slot *slot = m->n_slots ? find(m, id) : NULL;
	void               *value = slot ? slot->value : NULL;

	if (value) {
		close_gap(m, (size_t)(slot - m->slots));
		m->count--;
	}
	return value;
}

void *id_map_next(const struct id_map *m, size_t *cursor)
{
	while (*cursor < m->n_slots) {
		void *value = m->slots[(*cursor)++].value;

		if (value)
			return value;
	}
	return NULL;
}

void id_map_fini(struct id_map *m)
{
	mem_free(m->slots);
	*m = (struct id_map){0};
}
