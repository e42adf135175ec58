/*
 * outbox/read.h - serves canaduck.events.v1.Events over a service's outbox.
 *
 *     struct events events = {.db = db, .outbox = &users_outbox};
 *
 *     rpc_server_add(server, &events_handlers, &events);
 */
#ifndef OUTBOX_READ_H
#define OUTBOX_READ_H

#include "canaduck/events/v1/events.server.h"

struct db;
struct outbox;

struct events {
	struct db           *db;
	const struct outbox *outbox;
};

#endif
