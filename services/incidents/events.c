#include "services/incidents/events.h"

#include "canaduck/incidents/v1/events.schema.h"
#include "outbox/outbox.h"
#include "services/incidents/incidents.h"

OUTBOX_DEFINE(incidents_outbox, "incidents", &incidents_incident_created_schema,
              &incidents_incident_certified_schema, &incidents_incident_deleted_schema);

/* Of a topic: the larger cell, and which one in it. */
enum { CELL_LETTERS = 3, ALL_LETTERS = 5 };

static status add(struct db_tx *tx, const struct incidents_row *row, const ProtobufCMessage *event)
{
	char        cell[INCIDENTS_PLACE_MAX_GEOHASH + 1];
	const char *topic;

	incidents_place_geohash(row->place, ALL_LETTERS, cell);
	topic = arena_printf(db_tx_arena(tx), "incidents.%.*s.%s", CELL_LETTERS, cell,
	                     cell + CELL_LETTERS);
	return outbox_add_public(tx, &incidents_outbox, topic, event);
}

status incidents_events_created(struct db_tx *tx, struct incidents_row *row)
{
	incidents_incident_created event;

	incidents_incident_created_init(&event);
	event.data = incidents_row_state(row, db_tx_arena(tx));
	event.action = arena_cstr(db_tx_arena(tx), STR("create"));
	return add(tx, row, &event.base);
}

status incidents_events_certified(struct db_tx *tx, struct incidents_row *row)
{
	incidents_incident_certified event;

	incidents_incident_certified_init(&event);
	event.data = incidents_row_state(row, db_tx_arena(tx));
	event.action = arena_cstr(db_tx_arena(tx), STR("certified"));
	return add(tx, row, &event.base);
}

status incidents_events_deleted(struct db_tx *tx, struct incidents_row *row)
{
	incidents_incident_deleted event;

	incidents_incident_deleted_init(&event);
	event.data = incidents_row_state(row, db_tx_arena(tx));
	event.action = arena_cstr(db_tx_arena(tx), STR("deleted"));
	return add(tx, row, &event.base);
}
