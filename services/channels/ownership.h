/*
 * channels/ownership.h - who owns a channel. There is always one owner.
 */
#ifndef SERVICES_CHANNELS_OWNERSHIP_H
#define SERVICES_CHANNELS_OWNERSHIP_H

#include "db/db.h"

/* Makes a member the owner, and the owner of before a moderator; tells both. */
must_check status channels_ownership_pass(struct db_tx *tx, int64_t channel_id, int64_t from_id,
                                          int64_t to_id);

#endif
