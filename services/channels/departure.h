/*
 * channels/departure.h - what becomes of channels when accounts are deleted.
 */
#ifndef SERVICES_CHANNELS_DEPARTURE_H
#define SERVICES_CHANNELS_DEPARTURE_H

#include "db/db.h"

/*
 * For people.on_deleted: their channels pass to who has been moderator for longest, else member, or
 * are deleted when nobody is left; memberships, invitations and bans go.
 */
must_check status channels_departure_run(struct db_tx *tx, const int64_t *account_ids, size_t n);

#endif
