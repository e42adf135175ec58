/*
 * incidents/events.h - what incidents tells (canaduck/incidents/v1/events.proto), to the public
 * too, in the transaction that changed an incident and while it holds the incident's row.
 */
#ifndef SERVICES_INCIDENTS_EVENTS_H
#define SERVICES_INCIDENTS_EVENTS_H

#include "db/db.h"
#include "services/incidents/row.h"

must_check status incidents_events_created(struct db_tx *tx, struct incidents_row *row);

must_check status incidents_events_certified(struct db_tx *tx, struct incidents_row *row);

/* The incident as it is now: with the time when it went. */
must_check status incidents_events_deleted(struct db_tx *tx, struct incidents_row *row);

#endif
