/*
 * edge/census.h - how many WebSockets each account has at this edge, on all of its loops.
 *
 * Threads:  any.
 */
#ifndef EDGE_CENSUS_H
#define EDGE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct edge_census;

struct edge_census *edge_census_new(void);
void                edge_census_free(struct edge_census *c); /* NULL is fine */

/*
 * One more of the account. *out_is_first: it had none. RESOURCE_EXHAUSTED when it has so many
 * already, UNAVAILABLE when all accounts together have max_all.
 */
must_check status edge_census_enter(struct edge_census *c, int64_t account_id, size_t max_of_one,
                                    size_t max_all, bool *out_is_first);

/* One less; true when that was its last. */
bool edge_census_leave(struct edge_census *c, int64_t account_id);

/* How many it has. */
size_t edge_census_count(struct edge_census *c, int64_t account_id);

#endif
