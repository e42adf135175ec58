/*
 * channels/ceiling.h - how many names each list of a channel has: whoever sees the channel reads
 * all of them.
 */
#ifndef SERVICES_CHANNELS_CEILING_H
#define SERVICES_CHANNELS_CEILING_H

#include "db/db.h"

enum channels_ceiling_list {
	CHANNELS_CEILING_MODERATORS,
	CHANNELS_CEILING_VOICES,
	CHANNELS_CEILING_INVITED,
	CHANNELS_CEILING_BANNED,
};

/*
 * There is room for one more name, of 1,000; FAILED_PRECONDITION otherwise. The caller holds the
 * channel. (A channel that is handed over makes its former owner a moderator, whatever there are.)
 */
must_check status channels_ceiling_check(struct db_tx *tx, int64_t channel_id,
                                         enum channels_ceiling_list list);

#endif
