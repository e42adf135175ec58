/*
 * stats/recount.h - takes over what messages and channels have, page by page.
 *
 * From its begin to its end there is no bookmark of the stream: nobody applies events meanwhile,
 * and whoever looks for the bookmark begins anew if this one dies. The token holds others off; it
 * is asked for again in the transaction of each page, so one that was given up changes nothing
 * more. What a page tells is never older than what is known, for the bookmark goes before it is
 * asked for.
 */
#ifndef SERVICES_STATS_RECOUNT_H
#define SERVICES_STATS_RECOUNT_H

#include "outbox/bookmark.h"
#include "services/stats/stats.h"

extern const struct outbox_bookmarks *const stats_recount_bookmarks;

/*
 * Both count what they took over; what is said of a failure is in the arena. ABORTED while somebody
 * else does it, UNAVAILABLE when the service is out of reach.
 */
must_check status stats_recount_messages(struct stats *app, struct arena *a, int64_t deadline_ns,
                                         int64_t *out_count, struct events_position *out_position);
must_check status stats_recount_channels(struct stats *app, struct arena *a, int64_t deadline_ns,
                                         int64_t *out_count, struct events_position *out_position);

#endif
