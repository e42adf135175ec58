/*
 * channels/events.h - what channels tells (canaduck/channels/v1/events.proto), in the transaction
 * that changed it and while it holds the channel's row.
 */
#ifndef SERVICES_CHANNELS_EVENTS_H
#define SERVICES_CHANNELS_EVENTS_H

#include "canaduck/channels/v1/channels.schema.h"
#include "db/db.h"

/* Columns of channels.channels AS c, in the order that channels_events_read_state() wants. */
#define CHANNELS_EVENTS_STATE_COLUMNS                                                              \
	"c.id, c.name, c.modes, c.topic, c.version,"                                               \
	" (SELECT account_id FROM channels.members"                                                \
	"   WHERE channel_id = c.id AND role = 'owner')"

/* A state from a row, the first of its columns being that one. */
void channels_events_read_state(const struct db_rows *rows, size_t row, unsigned column,
                                channels_channel_state *out_state);

must_check status channels_events_created(struct db_tx *tx, int64_t channel_id);

/* As it is after the change; its version must be a new one. */
must_check status channels_events_changed(struct db_tx *tx, int64_t channel_id);

/* Before its row is deleted; writes down that it is. */
must_check status channels_events_deleted(struct db_tx *tx, int64_t channel_id);

/* Where the account stands after the change. */
must_check status channels_events_joined(struct db_tx *tx, int64_t channel_id, int64_t account_id);
must_check status channels_events_member_changed(struct db_tx *tx, int64_t channel_id,
                                                 int64_t account_id);
must_check status channels_events_left(struct db_tx *tx, int64_t channel_id, int64_t account_id);

must_check status channels_events_invited(struct db_tx *tx, int64_t channel_id, int64_t account_id);
must_check status channels_events_uninvited(struct db_tx *tx, int64_t channel_id,
                                            int64_t account_id);
must_check status channels_events_banned(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                                         int64_t by_account_id);
must_check status channels_events_unbanned(struct db_tx *tx, int64_t channel_id,
                                           int64_t account_id);

#endif
