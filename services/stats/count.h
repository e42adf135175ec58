/*
 * stats/count.h - adds messages to what is counted, and takes them away.
 *
 * Threads:  in a transaction that moved a bookmark or holds a recount: so one at a time.
 */
#ifndef SERVICES_STATS_COUNT_H
#define SERVICES_STATS_COUNT_H

#include "canaduck/messages/v1/messages.schema.h"
#include "db/db.h"

/*
 * Writes down messages of channels as they are; a message may come several times, the greatest
 * version holds. is_source: they are what messages has now, whatever was known of them.
 */
must_check status stats_count_put(struct db_tx *tx, messages_message_state *const *states, size_t n,
                                  bool is_source);

/* Messages are gone; those that are not known are no error. */
must_check status stats_count_remove(struct db_tx *tx, const int64_t *ids, size_t n);

/* Of those numbered after `after` and up to `last`, only these are left. */
must_check status stats_count_keep(struct db_tx *tx, int64_t after, int64_t last,
                                   const int64_t *ids, size_t n);

/*
 * Counts some of the messages that are known anew, from an hour on (microseconds since 1970; 0: the
 * first). *out_next_us: the hour to go on from, or 0: that were all.
 */
must_check status stats_count_hours(struct db_tx *tx, int64_t from_us, int64_t *out_next_us);

/* Sums up anew what is counted. */
must_check status stats_count_totals(struct db_tx *tx);

#endif
