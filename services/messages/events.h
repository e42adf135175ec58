/*
 * messages/events.h - what messages tells (canaduck/messages/v1/events.proto): facts, in the
 * transaction that changed a row and while it holds that row, and signals.
 */
#ifndef SERVICES_MESSAGES_EVENTS_H
#define SERVICES_MESSAGES_EVENTS_H

#include "db/db.h"
#include "services/messages/place.h"

struct events_publisher;        /* events/publisher.h */
struct messages_unread_reading; /* messages/unread.h */

/* The place of one in a conversation does not matter; it may be NULL then. */
must_check status messages_events_created(struct db_tx *tx, const struct messages_place *place,
                                          const struct messages_row *row);

must_check status messages_events_edited(struct db_tx *tx, const struct messages_place *place,
                                         const struct messages_row *row);

/* The message as it was. */
must_check status messages_events_deleted(struct db_tx *tx, const struct messages_place *place,
                                          const struct messages_row *row);

must_check status messages_events_reaction_changed(struct db_tx                *tx,
                                                   const struct messages_place *place,
                                                   const struct messages_row   *row,
                                                   int64_t account_id, char *emoji, bool is_added);

must_check status messages_events_pin_changed(struct db_tx *tx, const struct messages_place *place,
                                              const struct messages_row *row);

must_check status messages_events_channel_cleared(struct db_tx *tx, int64_t channel_id);

must_check status messages_events_conversation_created(struct db_tx *tx, int64_t conversation_id,
                                                       int64_t account_id,
                                                       int64_t other_account_id);

must_check status messages_events_conversation_read(struct db_tx                         *tx,
                                                    const struct messages_unread_reading *r,
                                                    int64_t last_message_id, int64_t count,
                                                    int64_t time_us);

/* ---- of the moment: to whoever of our own services listens now ---- */

must_check status messages_events_typing(struct events_publisher *p, struct arena *a,
                                         int64_t conversation_id, int64_t account_id,
                                         int64_t to_account_id, bool is_typing);

must_check status messages_events_presence(struct events_publisher *p, struct arena *a,
                                           int64_t account_id, bool is_connected,
                                           const int64_t *to_account_ids, size_t n);

#endif
