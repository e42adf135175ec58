#include "edge/census.h"

#include "base/mem.h"

#include <pthread.h>

enum { FIRST_SLOTS = 64 };

struct head_count {
	int64_t account_id; /* 0: a free slot */
	size_t  n;
};

struct edge_census {
	pthread_mutex_t    mutex; /* of all that follows; never held over a wait */
	struct head_count *slots; /* linear probing, at most half of them used */
	size_t             n_slots, n_accounts, n_all;
};

struct edge_census *edge_census_new(void)
{
	struct edge_census *c = mem_zalloc(sizeof *c);

	pthread_mutex_init(&c->mutex, NULL);
	c->n_slots = FIRST_SLOTS;
	c->slots = mem_zalloc_array(c->n_slots, sizeof *c->slots);
	return c;
}

void edge_census_free(struct edge_census *c)
{
	if (c == NULL)
		return;
	pthread_mutex_destroy(&c->mutex);
	mem_free(c->slots);
	mem_free(c);
}

/* Ids are numbered through: a multiplication spreads them (Knuth, TAOCP 6.4). */
static size_t home_of(const struct edge_census *c, int64_t account_id)
{
	return (size_t)((uint64_t)account_id * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	       (c->n_slots - 1);
}

/* The account's slot, or the free one where it belongs. */
static struct head_count *find(const struct edge_census *c, int64_t account_id)
{
	size_t at = home_of(c, account_id);

	while (c->slots[at].account_id != 0 && c->slots[at].account_id != account_id)
		at = (at + 1) & (c->n_slots - 1);
	return &c->slots[at];
}

static void grow(struct edge_census *c)
{
	struct edge_census old = *c;

	c->n_slots *= 2;
	c->slots = mem_zalloc_array(c->n_slots, sizeof *c->slots);
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i].account_id != 0)
			*find(c, old.slots[i].account_id) = old.slots[i];
	mem_free(old.slots);
}

/* What probed past the freed slot moves up, so that no search ends early (TAOCP 6.4, R). */
static void free_slot(struct edge_census *c, struct head_count *slot)
{
	size_t mask = c->n_slots - 1, hole = (size_t)(slot - c->slots), at = hole;

	while (c->slots[at = (at + 1) & mask].account_id != 0) {
		size_t home = home_of(c, c->slots[at].account_id);

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			c->slots[hole] = c->slots[at];
			hole = at;
		}
	}
	c->slots[hole] = (struct head_count){0};
}

static status enter_locked(struct edge_census *c, int64_t account_id, size_t max_of_one,
                           size_t max_all, bool *out_is_first)
{
	struct head_count *slot;

	if (2 * (c->n_accounts + 1) > c->n_slots)
		grow(c);
	slot = find(c, account_id);
	if (slot->n >= max_of_one)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the account has too many sockets");
	if (c->n_all >= max_all)
		return status_error(CODE_UNAVAILABLE, "too many sockets are open");
	if (slot->account_id == 0)
		c->n_accounts++;
	slot->account_id = account_id;
	slot->n++;
	c->n_all++;
	*out_is_first = slot->n == 1;
	return STATUS_OK;
}

status edge_census_enter(struct edge_census *c, int64_t account_id, size_t max_of_one,
                         size_t max_all, bool *out_is_first)
{
	status st;

	pthread_mutex_lock(&c->mutex);
	st = enter_locked(c, account_id, max_of_one, max_all, out_is_first);
	pthread_mutex_unlock(&c->mutex);
	return st;
}

bool edge_census_leave(struct edge_census *c, int64_t account_id)
{
	struct head_count *slot;
	bool               is_last;

	pthread_mutex_lock(&c->mutex);
	slot = find(c, account_id);
	is_last = slot->n == 1;
	c->n_all--;
	slot->n--;
	if (is_last) {
		c->n_accounts--;
		free_slot(c, slot);
	}
	pthread_mutex_unlock(&c->mutex);
	return is_last;
}

size_t edge_census_count(struct edge_census *c, int64_t account_id)
{
	size_t n;

	pthread_mutex_lock(&c->mutex);
	n = find(c, account_id)->n;
	pthread_mutex_unlock(&c->mutex);
	return n;
}
