/*
 * outbox/lease.h - who gives positions in a stream: a lease that is one row with the next position.
 * The relay uses it.
 *
 * What is known of the stream holds while the lease is held. As soon as a statement shows that it
 * is not so (another one took over, or an answer was lost), the lease counts as lost, and
 * outbox_lease_take() begins anew.
 *
 * Threads:  the loop's; calls suspend the fiber.
 */
#ifndef OUTBOX_LEASE_H
#define OUTBOX_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct db;
struct db_rows;
struct outbox;

struct outbox_lease {
	struct db           *db;
	const struct outbox *outbox;
	uint32_t             ms;    /* how long it lasts */
	int64_t              owner; /* a number that nobody else has */
	bool                 is_held;
	int64_t              epoch, next_position; /* while it is */
	int64_t              renew_ns;             /* when it should be taken again */
};

/* Makes one that is not held, in the caller's storage. */
void outbox_lease_init(struct outbox_lease *l, struct db *db, const struct outbox *o, uint32_t ms);

/* Takes it, or makes it longer, if nobody else has it; the epoch may be a new one then. */
must_check status outbox_lease_take(struct outbox_lease *l, struct arena *a);

/* Looks, without changing anything: could it be taken, is there something without a position? */
must_check status outbox_lease_look(struct outbox_lease *l, struct arena *a, bool *out_is_free,
                                    bool *out_is_waiting);

/*
 * Gives positions to the next events, at most so many rows and bytes, and makes the lease longer.
 * The rows are for outbox_row_read(); *out_n of them. None when the lease was lost.
 */
must_check status outbox_lease_place(struct outbox_lease *l, struct arena *a, size_t max_rows,
                                     size_t max_bytes, struct db_rows **out_rows, size_t *out_n);

/* Lets the next one have it at once; fine when it is not held. */
must_check status outbox_lease_give_back(struct outbox_lease *l, struct arena *a);

#endif
