/*
 * integration/outbox/stream.h - a stream with all its parts on the test's own loop: a service that
 * writes events and gives them again, relays of several processes, and consumers.
 *
 * An event of these tests is a number. It is written over the schema of channels.
 */
#ifndef TEST_INTEGRATION_OUTBOX_STREAM_H
#define TEST_INTEGRATION_OUTBOX_STREAM_H

#include "events/consumer.h"
#include "events/publisher.h"
#include "outbox/outbox.h"
#include "outbox/read.h"
#include "outbox/relay.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "test/integration/db/fixture.h"

extern const struct outbox stream_outbox;

enum { STREAM_MAX_APPLIED = 65536, STREAM_URL_BYTES = 128, STREAM_LEASE_MS = 200 };

struct stream {
	struct fixture        f; /* its db is the service's, in which nobody relays */
	char                  db_url[PG_URL_BYTES];
	struct identity_keys  keys;
	struct events         events;
	struct rpc_server    *server;
	const struct rpc_tls *tls; /* of relays; NULL at first */
};

/* Makes an empty stream in a database that was migrated, and serves it. */
void stream_start(struct stream *s, const char *db_url);
void stream_stop(struct stream *s);

/* Migrates a database of the shared cluster. */
void stream_migrate(char out_url[PG_URL_BYTES]);

/* ---- what is told ---- */

/* Commits so many events, one a transaction: first, first + 1 ... */
void stream_tell(struct stream *s, int64_t first, unsigned n);

/* The same by a relay's own db. */
void stream_tell_by(struct stream *s, struct db *db, int64_t first, unsigned n);

/* The same in one transaction, quickly. */
void stream_tell_many(struct stream *s, int64_t first, unsigned n);

/* The same in a transaction that is rolled back. */
void stream_take_back(struct stream *s, int64_t value);

/* The position that was given last, and how many events are kept. */
int64_t stream_last_position(struct stream *s);
int64_t stream_count(struct stream *s);

/* Turns the loop until every event that was told has its position. */
void stream_await_placed(struct stream *s);

/* ---- relays ---- */

struct stream_relay {
	struct stream           *stream;
	struct db               *db, *writer; /* the latter wakes it */
	struct events_publisher *publisher;
	struct outbox_relay     *relay;
};

/* Starts one with a db of its own, which publishes at url. */
void stream_relay_start(struct stream_relay *r, struct stream *s, const char *url,
                        struct outbox_relay_config cfg);
/* Ends it in order, or as if its process had died, and frees. */
void stream_relay_stop(struct stream_relay *r);
void stream_relay_kill(struct stream_relay *r);
void stream_relay_await_leader(struct stream_relay *r);

/* ---- consumers ---- */

struct stream_consumer {
	struct stream          *stream;
	struct rpc_client      *client;
	struct events_consumer *consumer;
	struct events_position  snapshot; /* where the first on_rebuild() begins */
	struct events_position  later;    /* and where the next ones do, unless where it stands */
	struct events_position  at;
	int64_t                 values[STREAM_MAX_APPLIED];
	int64_t                 applied_ns[STREAM_MAX_APPLIED]; /* when each came */
	size_t                  n;
	unsigned                n_rebuilds, n_batches, n_signals;
	unsigned                n_completed, n_lost; /* calls of on_complete() */
	bool                    is_broken;           /* something came out of order */
	bool                    is_held;             /* on_events() waits */
	const struct rpc_tls   *tls;
	uint32_t                silence_ms; /* 0: as usual */
	unsigned                n_to_fail;  /* so many calls of on_events() fail */
	struct fiber           *held;
};

/* Starts one that keeps all in memory; urls as of events_consumer_config. */
void stream_consumer_start(struct stream_consumer *c, struct stream *s, const char *urls);
void stream_consumer_stop(struct stream_consumer *c);

/* Lets on_events() go on. */
void stream_consumer_release(struct stream_consumer *c);

/* Turns the loop until it applied n events, or its stream is complete. */
void stream_consumer_await(struct stream_consumer *c, size_t n);
void stream_consumer_await_complete(struct stream_consumer *c);

/* It applied first, first + 1 ... and nothing else. */
void stream_consumer_assert(const struct stream_consumer *c, int64_t first, size_t n);

/* Turns the loop until the condition holds. */
void stream_await(struct stream *s, bool (*is_true)(void *arg), void *arg);

/* An address that nobody else has. */
void stream_ipc_url(char out_url[STREAM_URL_BYTES], const char *name);

#endif
