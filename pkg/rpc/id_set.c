#include "rpc/id_set.h"

#include "base/mem.h"

enum { FIRST_SIZE = 64 };

void rpc_id_set_fini(struct rpc_id_set *s)
{
	mem_free(s->places);
	*s = (struct rpc_id_set){0};
}

/* Where the search for an id begins. Ids differ in their low bits, but for the generation. */
static uint32_t home(const struct rpc_id_set *s, uint64_t id)
{
	return (uint32_t)((id * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (s->size - 1);
}

static void put(struct rpc_id_set *s, struct rpc_id_place place)
{
	uint32_t i = home(s, place.id);

	while (s->places[i].id)
		i = (i + 1) & (s->size - 1);
	s->places[i] = place;
	s->count++;
}

static void grow(struct rpc_id_set *s)
{
	struct rpc_id_set bigger = {.size = s->size ? s->size * 2 : FIRST_SIZE};

	bigger.places = mem_zalloc_array(bigger.size, sizeof *bigger.places);
	for (uint32_t i = 0; i < s->size; i++)
		if (s->places[i].id)
			put(&bigger, s->places[i]);
	mem_free(s->places);
	*s = bigger;
}

void rpc_id_set_add(struct rpc_id_set *s, uint64_t id)
{
	if ((s->count + 1) * 2 > s->size)
		grow(s);
	put(s, (struct rpc_id_place){.id = id});
}

/* Closes the hole at i, moving up what would not be found across it (no tombstones). */
static void close_hole(struct rpc_id_set *s, uint32_t hole)
{
	uint32_t mask = s->size - 1;

	for (uint32_t i = (hole + 1) & mask; s->places[i].id; i = (i + 1) & mask) {
		uint32_t from_home = (i - home(s, s->places[i].id)) & mask;

		if (from_home < ((i - hole) & mask))
			continue;
		s->places[hole] = s->places[i];
		hole = i;
	}
	s->places[hole] = (struct rpc_id_place){0};
	s->count--;
}

/* The place of an id, or NULL. */
static struct rpc_id_place *find(const struct rpc_id_set *s, uint64_t id)
{
	if (s->count == 0 || id == 0)
		return NULL;
	for (uint32_t i = home(s, id); s->places[i].id; i = (i + 1) & (s->size - 1))
		if (s->places[i].id == id)
			return &s->places[i];
	return NULL;
}

uint32_t *rpc_id_set_tag(struct rpc_id_set *s, uint64_t id)
{
	struct rpc_id_place *place = find(s, id);

	return place ? &place->tag : NULL;
}

bool rpc_id_set_remove(struct rpc_id_set *s, uint64_t id)
{
	const struct rpc_id_place *place = find(s, id);

	if (place == NULL)
		return false;
	close_hole(s, (uint32_t)(place - s->places));
	return true;
}

bool rpc_id_set_take(struct rpc_id_set *s, struct rpc_id_place *out)
{
	if (s->count == 0)
		return false;
	s->cursor &= s->size - 1;
	while (s->places[s->cursor].id == 0)
		s->cursor = (s->cursor + 1) & (s->size - 1);
	*out = s->places[s->cursor];
	close_hole(s, s->cursor);
	return true;
}
