#include "db/prepared.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

enum { FIRST_SIZE = 64 };

void db_prepared_name(const struct db_query *q, char out_name[DB_PREPARED_NAME_BYTES])
{
	snprintf(out_name, DB_PREPARED_NAME_BYTES, "q%" PRIxPTR, (uintptr_t)q);
}

/* Where q is, or the empty slot where it would be. */
static size_t find(const struct db_prepared *p, const struct db_query *q)
{
	size_t i = (size_t)(((uint64_t)(uintptr_t)q * UINT64_C(0x9E3779B97F4A7C15)) >> 32);

	for (;; i++)
		if (p->slots[i & (p->size - 1)] == NULL || p->slots[i & (p->size - 1)] == q)
			return i & (p->size - 1);
}

bool db_prepared_has(const struct db_prepared *p, const struct db_query *q)
{
	return p->n > 0 && p->slots[find(p, q)] == q;
}

static void grow(struct db_prepared *p)
{
	struct db_prepared bigger = {.size = p->size ? 2 * p->size : FIRST_SIZE, .n = p->n};

	bigger.slots = mem_zalloc_array(bigger.size, sizeof bigger.slots[0]);
	for (size_t i = 0; i < p->size; i++)
		if (p->slots[i])
			bigger.slots[find(&bigger, p->slots[i])] = p->slots[i];
	mem_free(p->slots);
	*p = bigger;
}

void db_prepared_add(struct db_prepared *p, const struct db_query *q)
{
	size_t at;

	if (2 * (p->n + 1) > p->size)
		grow(p);
	at = find(p, q);
	if (p->slots[at] == NULL)
		p->n++;
	p->slots[at] = q;
}

void db_prepared_fini(struct db_prepared *p)
{
	mem_free(p->slots);
	*p = (struct db_prepared){0};
}
