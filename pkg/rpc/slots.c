#include "rpc/slots.h"

#include "base/mem.h"

struct rpc_slot {
	void    *owner; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

void rpc_slots_init(struct rpc_slots *s, uint32_t size)
{
	*s = (struct rpc_slots){.slots = mem_zalloc_array(size, sizeof *s->slots), .size = size};
	for (uint32_t i = 0; i < size; i++)
		s->slots[i].next_free = i + 1;
}

void rpc_slots_fini(struct rpc_slots *s)
{
	mem_free(s->slots);
	*s = (struct rpc_slots){0};
}

uint64_t rpc_slots_take(struct rpc_slots *s, void *owner)
{
	uint32_t         i = s->free;
	struct rpc_slot *slot;

	if (i == s->size)
		return 0;
	slot = &s->slots[i];
	s->free = slot->next_free;
	s->count++;
	slot->owner = owner;
	/* Generation 0 is left out: so no id is 0. */
	if (++slot->generation == 0)
		slot->generation = 1;
	return (uint64_t)slot->generation << 32 | i;
}

static struct rpc_slot *find(const struct rpc_slots *s, uint64_t id)
{
	uint32_t i = (uint32_t)id;

	if (i >= s->size || s->slots[i].owner == NULL || s->slots[i].generation != id >> 32)
		return NULL;
	return &s->slots[i];
}

void *rpc_slots_get(const struct rpc_slots *s, uint64_t id)
{
	const struct rpc_slot *slot = find(s, id);

	return slot ? slot->owner : NULL;
}

void rpc_slots_release(struct rpc_slots *s, uint64_t id)
{
	struct rpc_slot *slot = find(s, id);

	if (slot == NULL)
		return;
	slot->owner = NULL;
	slot->next_free = s->free;
	s->free = (uint32_t)id;
	s->count--;
}

uint64_t rpc_slots_any(const struct rpc_slots *s)
{
	for (uint32_t i = 0; s->count > 0 && i < s->size; i++)
		if (s->slots[i].owner)
			return (uint64_t)s->slots[i].generation << 32 | i;
	return 0;
}
