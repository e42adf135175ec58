/*
 * events/consumer.h - follows the stream of a service: every fact, in order, without gaps.
 *
 * What is published is heard at once; what was missed is read again (Events/Read). The stream is
 * complete while a heartbeat was heard within the last second and everything up to it was applied.
 * A gap, silence, or a step behind the heartbeat ends that until it is mended.
 *
 * A consumer keeps its position, and on_events() stores it in the same transaction as what it
 * derives (outbox/bookmark.h); one without a database takes a snapshot at every start.
 *
 * Threads:  the loop's; the callbacks run in one fiber, one after another.
 */
#ifndef EVENTS_CONSUMER_H
#define EVENTS_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "canaduck/events/v1/events.schema.h"

struct fiber_scheduler;
struct loop;
struct rpc_client;
struct rpc_tls; /* rpc/transport.h */
struct events_consumer;

/* The last fact of a stream that is known; an epoch of 0 is whichever there is. */
struct events_position {
	int64_t epoch, position;
};

/* Facts without gaps, from + 1 to `to`. */
struct events_batch {
	events_event *const   *events;
	size_t                 n; /* at least 1 */
	struct events_position from, to;
};

/* What comes of it. The arena is theirs until they return. */
struct events_consumer_ops {
	/*
	 * Says where it stands: at the start, and after an on_events() that failed. NOT_FOUND:
	 * nowhere yet. NULL: it never knows.
	 */
	status (*on_load)(void *arg, struct arena *a, struct events_position *out_position);
	/*
	 * Takes a snapshot of what the service has, and says where in the stream that was: when
	 * on_load() did not know, and when the stream cannot go on from there (it began anew, or
	 * the consumer was away for too long).
	 * ABORTED when another process came first: on_load() knows then.
	 */
	status (*on_rebuild)(void *arg, struct arena *a, struct events_position *out_position);
	/*
	 * Applies facts. After a failure on_load() says how far that came; ABORTED is the usual
	 * one, when another process applied them.
	 */
	status (*on_events)(void *arg, struct arena *a, const struct events_batch *batch);
	/* Something of the moment was heard; it may come in any order. NULL: not wanted. */
	void (*on_signal)(void *arg, const events_event *event);
	/* The stream became complete, or is so no longer. NULL: not wanted. */
	void (*on_complete)(void *arg, bool is_complete);
};

struct events_consumer_config {
	struct loop            *loop;
	struct fiber_scheduler *fibers;
	struct rpc_client      *client;  /* of the service; borrowed */
	const char             *service; /* "users" */
	const char             *urls;    /* where its replicas publish, separated by commas */
	const struct events_consumer_ops *ops;
	void                             *arg;
	const struct rpc_tls             *tls;        /* borrowed; for tls+tcp, else NULL */
	uint32_t                          silence_ms; /* 0: 1,000 */
};

/* Starts it. INVALID_ARGUMENT for what is no address. */
must_check status events_consumer_new(const struct events_consumer_config *cfg,
                                      struct events_consumer             **out_consumer);

/* It knows everything that the service told up to a moment ago, right now. */
bool events_consumer_is_complete(const struct events_consumer *c);

/* Lets it end: a callback that waits is CANCELLED. Twice is fine. */
void events_consumer_close(struct events_consumer *c);

/* It has ended. */
bool events_consumer_is_closed(const struct events_consumer *c);

/* Frees one that has ended. NULL is fine. */
void events_consumer_free(struct events_consumer *c);

#endif
