/*
 * incidents/incidents.h - the context of the incidents service: what its handlers share.
 *
 * Time is the database's, by clock_timestamp(), everywhere: whoever moves the times of rows
 * back moves the clock.
 */
#ifndef SERVICES_INCIDENTS_INCIDENTS_H
#define SERVICES_INCIDENTS_INCIDENTS_H

#include "runtime/service.h"
#include "services/people/people.h"

struct incidents_moderation; /* services/incidents/moderation.h */

struct incidents_config {
	uint32_t moderation_interval_s;
};

struct incidents {
	struct db                   *db;
	struct people                people;
	struct incidents_moderation *moderation;
};

/* How the executable hosts it. */
extern const struct runtime_service incidents_runtime;

/* What it tells: services/incidents/events.c. */
extern const struct outbox incidents_outbox;

#endif
