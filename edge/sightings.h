/*
 * edge/sightings.h - when accounts were last heard of: a list with a bound.
 *
 * Threads:  one loop's.
 * Memory:   grows by doubling up to its bound; its owner's storage, zeroes and a bound are a fine
 *           start.
 */
#ifndef EDGE_SIGHTINGS_H
#define EDGE_SIGHTINGS_H

#include <stdbool.h>

#include "base/id_map.h"

struct edge_sighting {
	int64_t account_id;
	int64_t at_ns;
};

struct edge_sightings {
	size_t                max; /* accounts */
	size_t                count, room;
	struct edge_sighting *all;
	struct id_map         indexes; /* into all, one more than they are, by account */
};

/* Keeps the newest time for the account. False, and nothing is kept, when the list is full. */
bool edge_sightings_add(struct edge_sightings *s, struct edge_sighting seen);

/* Moves all out as an array of `count`, the caller's to mem_free(); the list is empty. */
struct edge_sighting *edge_sightings_take(struct edge_sightings *s, size_t *out_count);

/* Frees what it holds; it is empty and may be used again. */
void edge_sightings_fini(struct edge_sightings *s);

#endif
