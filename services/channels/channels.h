/*
 * channels/channels.h - the context of the channels service: what its handlers share.
 */
#ifndef SERVICES_CHANNELS_CHANNELS_H
#define SERVICES_CHANNELS_CHANNELS_H

#include "runtime/service.h"
#include "services/people/people.h"

struct channels {
	struct db    *db;
	struct people people;
};

/* How the executable hosts it. */
extern const struct runtime_service channels_runtime;

/* What it tells: services/channels/events.c. */
extern const struct outbox channels_outbox;

#endif
