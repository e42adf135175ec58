/*
 * outbox/bookmark.h - how far a service with a database has followed the streams of others.
 *
 * A bookmark moves in the transaction of what was derived from the events, and only from where they
 * began: so each is applied once, even if several processes follow the same stream.
 *
 *     OUTBOX_BOOKMARKS(messages_bookmarks, "messages");
 *
 *     static status apply(struct db_tx *tx, void *arg)      (the body of a transaction)
 *     {
 *             TRY(outbox_bookmark_move(tx, &messages_bookmarks, "users", b->from, b->to));
 *             ...
 *     }
 */
#ifndef OUTBOX_BOOKMARK_H
#define OUTBOX_BOOKMARK_H

#include "db/query.h"
#include "events/consumer.h"

struct db;
struct db_tx;
struct outbox;

/* The statements over a schema's table of bookmarks; made by OUTBOX_BOOKMARKS(). */
struct outbox_bookmarks {
	const struct db_query *load, *begin, *move, *put;
};

/* Defines `static const struct outbox_bookmarks ident`; schema is a literal. */
#define OUTBOX_BOOKMARKS(ident, schema)                                                            \
	DB_QUERY(ident##_load,                                                                     \
	         "SELECT epoch, position FROM " schema ".bookmarks WHERE stream = $1");            \
	DB_QUERY(ident##_move, "UPDATE " schema ".bookmarks SET epoch = $4, position = $5"         \
	                       " WHERE stream = $1 AND epoch = $2 AND position = $3");             \
	DB_QUERY(ident##_put, "INSERT INTO " schema ".bookmarks (stream, epoch, position)"         \
	                      " VALUES ($1, $2, $3)"                                               \
	                      " ON CONFLICT (stream) DO UPDATE SET epoch = excluded.epoch,"        \
	                      "   position = excluded.position");                                  \
	DB_QUERY(ident##_begin, "INSERT INTO " schema ".bookmarks (stream, epoch, position)"       \
	                        " VALUES ($1, $2, $3) ON CONFLICT (stream) DO NOTHING");           \
	static const struct outbox_bookmarks ident = {&ident##_load, &ident##_begin,               \
	                                              &ident##_move, &ident##_put}

/* For on_load(). NOT_FOUND: the stream was never followed. */
must_check status outbox_bookmark_load(struct db *db, struct arena *a,
                                       const struct outbox_bookmarks *b, const char *stream,
                                       struct events_position *out_position);

/* For on_events(), before all else in the transaction. ABORTED when it does not stand at `from`. */
must_check status outbox_bookmark_move(struct db_tx *tx, const struct outbox_bookmarks *b,
                                       const char *stream, struct events_position from,
                                       struct events_position to);

/*
 * For on_rebuild() of a service that has derived nothing yet. ABORTED when another process has
 * begun before, and maybe gone on: then it goes on from there.
 */
must_check status outbox_bookmark_begin(struct db_tx *tx, const struct outbox_bookmarks *b,
                                        const char *stream, struct events_position from);

/*
 * For on_rebuild(): puts it there, wherever it was. In the same transaction what was derived is
 * replaced by the snapshot, or else applying an event twice must do no harm: another process may
 * have gone on from a snapshot of its own.
 */
must_check status outbox_bookmark_put(struct db_tx *tx, const struct outbox_bookmarks *b,
                                      const char *stream, struct events_position to);

/*
 * For who gives a snapshot: where the service's own stream stands. Ask before reading what the
 * snapshot tells: whatever was told up to there is in it then.
 */
must_check status outbox_position(struct db *db, struct arena *a, const struct outbox *o,
                                  struct events_position *out_position);

#endif
