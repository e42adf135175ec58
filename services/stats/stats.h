/*
 * stats/stats.h - the context of the stats service: what its handlers share.
 *
 * Messages of channels are kept by number, with how many each account wrote in each channel in
 * each hour. Every figure is a sum over those counts whose channel is public now.
 */
#ifndef SERVICES_STATS_STATS_H
#define SERVICES_STATS_STATS_H

#include "runtime/service.h"
#include "services/people/people.h"

struct stats_publishing; /* stats/publishing.h */

struct stats {
	struct db               *db;
	struct rpc_client       *messages, *channels;
	struct people            people;
	struct stats_publishing *publishing;
};

/* How the executable hosts it. */
extern const struct runtime_service stats_runtime;

/* What it tells: the figures, as signals. */
extern const struct outbox stats_outbox;

#endif
