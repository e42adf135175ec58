/*
 * edge/feed.h - the complete stream of events of a service, for all who listen on one loop.
 *
 * A feed opens when the first listener comes, and stays for as long as the loop. It hands out facts
 * one after another as they come, without gaps but for those that on_gap() tells of. Where it
 * stands, and whether it is complete, may be asked at any time, in callbacks too; so whoever keeps
 * the position of the last fact that it took can read what it missed (Events/Read).
 *
 * Threads:  one loop's; nothing is shared between loops. Callbacks run in a fiber of the feed's and
 *           must not suspend; they may listen and ignore, themselves and others.
 */
#ifndef EDGE_FEED_H
#define EDGE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/status.h"
#include "canaduck/events/v1/events.schema.h"
#include "events/consumer.h"

struct edge;
struct edge_feed;

/* In its owner's storage, who fills the callbacks and arg; events are borrowed until they return.
 */
struct edge_feed_listener {
	/* The next fact. NULL: not wanted. */
	void (*on_fact)(void *arg, const events_event *event);
	/* Something of the moment, in no order. NULL: not wanted. */
	void (*on_signal)(void *arg, const events_event *event);
	/*
	 * The stream goes on elsewhere: it began anew, or this loop was away for so long that what
	 * it missed is not kept. NULL: not wanted.
	 */
	void (*on_gap)(void *arg);
	void             *arg;
	struct edge_feed *feed; /* the feed's, as what follows; NULL: it does not listen */
	struct list       link;
};

/*
 * Listens from now on: to what comes after edge_feed_position(). NOT_FOUND when the edge does not
 * know the service, or not where it publishes; INVALID_ARGUMENT when that is no address.
 */
must_check status edge_feed_listen(struct edge *e, const char *service,
                                   struct edge_feed_listener *l);

/* Listens no more: no callback comes after this. Fine when it does not listen, or is zeroed. */
void edge_feed_ignore(struct edge *e, struct edge_feed_listener *l);

/* Everything that the service told up to a moment ago was handed out. False without a feed. */
bool edge_feed_is_complete(const struct edge *e, const char *service);

/* Of the fact handed out last, and while that is done; zeroes while nothing is known. */
struct events_position edge_feed_position(const struct edge *e, const char *service);

/*
 * Waits until the feed is complete; somebody must listen to it, or have done so. UNAVAILABLE when
 * it is not by until_ns (monotonic) or the fiber's deadline; CANCELLED when the fiber was.
 */
must_check status edge_feed_await(struct edge *e, const char *service, int64_t until_ns);

/* ---- life of the loop ---- */

/* Asks all feeds to end; false until they have. Nothing may listen any more after that. */
bool edge_feed_leave(struct edge *e);

/* The same for the end of the loop: turns it until that is done, frees, and forgets listeners. */
void edge_feed_stop(struct edge *e);

#endif
