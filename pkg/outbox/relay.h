/*
 * outbox/relay.h - gives the events of a service their positions, and publishes them.
 *
 * Every process that hosts the service runs one; the one that has the lease leads. Positions are
 * given in one statement with the renewal of the lease, and only to what was committed; so they
 * are dense, and whoever lost the lease can only repeat what was published. It wakes at once for
 * transactions of its own db, looks every poll_ms for those of other processes, and publishes a
 * heartbeat after it has seen that the lease is its own and nothing waits. What it published to
 * nobody, or not at all since it died, is read again by Events/Read.
 *
 * Threads:  the loop's.
 * Errors:   it copes: while the database is away it waits, and says so once in the log.
 */
#ifndef OUTBOX_RELAY_H
#define OUTBOX_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct db;
struct events_publisher;
struct fiber_scheduler;
struct loop;
struct outbox;
struct outbox_relay;

/* Where a relay may be struck: for tests of that. */
enum outbox_relay_step {
	OUTBOX_RELAY_PLACES,   /* something was committed, and has no position yet */
	OUTBOX_RELAY_PUBLISHES /* it has positions, and nobody knows */
};

struct outbox_relay_config {
	struct loop            *loop;
	struct fiber_scheduler *fibers;
	struct db              *db;  /* that it works by: better one of its own */
	struct db           *writer; /* whose transactions wake it: its listener is the relay's */
	const struct outbox *outbox;
	struct events_publisher *publisher;
	uint32_t                 lease_ms;     /* 0: 1,500 */
	uint32_t                 poll_ms;      /* 0: 20 */
	uint32_t                 heartbeat_ms; /* 0: 250 */
	uint32_t                 prune_ms;     /* between two looks for what is old; 0: 60,000 */
	int64_t                  keep_ms;      /* how long events are kept; 0: 7 days */
	void (*on_step)(void *arg, enum outbox_relay_step step); /* NULL: not called */
	void *arg;
};

/* Starts it. RESOURCE_EXHAUSTED when there is no fiber for it. */
must_check status outbox_relay_new(const struct outbox_relay_config *cfg,
                                   struct outbox_relay             **out_relay);

/* It leads, as far as it knows. */
bool outbox_relay_is_leader(const struct outbox_relay *r);

/* Lets it publish what was committed, give the lease back and end. Twice is fine. */
void outbox_relay_close(struct outbox_relay *r);

/* Lets it end at once, as if it had died. Twice is fine. */
void outbox_relay_cancel(struct outbox_relay *r);

/* It has ended. */
bool outbox_relay_is_closed(const struct outbox_relay *r);

/* Frees one that has ended. NULL is fine. */
void outbox_relay_free(struct outbox_relay *r);

#endif
