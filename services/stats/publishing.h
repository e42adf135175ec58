/*
 * stats/publishing.h - tells the public the figures when they have changed
 * (canaduck/stats/v1/events.proto), and removes what deleted channels leave.
 *
 * Threads:  the service's loop.
 */
#ifndef SERVICES_STATS_PUBLISHING_H
#define SERVICES_STATS_PUBLISHING_H

#include "services/stats/stats.h"

struct stats_publishing;

/* Nothing is told before the first wake. The context is borrowed. */
struct stats_publishing *stats_publishing_new(struct stats *app, const struct runtime_env *env);

/* Something changed: the figures are looked at soon, and what came meanwhile with them. */
void stats_publishing_wake(struct stats_publishing *p);

/* Ends and frees, turning the loop if need be. NULL is fine. */
void stats_publishing_free(struct stats_publishing *p);

#endif
