/*
 * stats/channels.h - what is known of channels: names, and whose counts are shown.
 */
#ifndef SERVICES_STATS_CHANNELS_H
#define SERVICES_STATS_CHANNELS_H

#include "canaduck/channels/v1/channels.schema.h"
#include "db/db.h"

/* Writes down channels as they are; the greatest version holds. is_source: as stats_count_put(). */
must_check status stats_channels_put(struct db_tx *tx, channels_channel_state *const *states,
                                     size_t n, bool is_source);

/* Of those numbered after `after` and up to `last`, only these are left. */
must_check status stats_channels_keep(struct db_tx *tx, int64_t after, int64_t last,
                                      const int64_t *ids, size_t n);

/* A channel is deleted, as messages tells, whether channels has told it or not. */
must_check status stats_channels_clear(struct db_tx *tx, int64_t channel_id);

/* Removes some of what was counted of deleted channels; *out_has_more: there may be more. */
must_check status stats_channels_sweep(struct db *db, struct arena *a, bool *out_has_more);

#endif
