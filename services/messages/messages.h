/*
 * messages/messages.h - the context of the messages service: what its handlers share.
 */
#ifndef SERVICES_MESSAGES_MESSAGES_H
#define SERVICES_MESSAGES_MESSAGES_H

#include "runtime/service.h"
#include "services/people/people.h"

struct messages {
	struct db               *db;
	struct rpc_client       *channels;
	struct people            people;
	struct events_publisher *publisher; /* for signals */
};

/* How the executable hosts it. */
extern const struct runtime_service messages_runtime;

/* What it tells: services/messages/events.c. */
extern const struct outbox messages_outbox;

#endif
