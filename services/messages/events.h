/*
 * messages/events.h - what messages tells (canaduck/messages/v1/events.proto), in the transaction
 * that changed a message and while it holds the message's row.
 */
#ifndef SERVICES_MESSAGES_EVENTS_H
#define SERVICES_MESSAGES_EVENTS_H

#include "db/db.h"
#include "services/messages/place.h"

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

#endif
