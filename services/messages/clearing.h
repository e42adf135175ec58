/*
 * messages/clearing.h - takes away all that was written in a channel that was deleted.
 */
#ifndef SERVICES_MESSAGES_CLEARING_H
#define SERVICES_MESSAGES_CLEARING_H

#include "services/messages/messages.h"

/*
 * Stops those who still write there, tells that the channel was cleared, and deletes its messages,
 * so many at a time. What was done before is not done again: it goes on from wherever it ended.
 */
must_check status messages_clearing_run(struct messages *app, struct arena *a, int64_t channel_id);

#endif
