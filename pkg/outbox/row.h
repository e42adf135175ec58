/*
 * outbox/row.h - rows of OUTBOX_SQL_PLACE() and OUTBOX_SQL_READ() as events. Nobody else uses it.
 */
#ifndef OUTBOX_ROW_H
#define OUTBOX_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "canaduck/events/v1/events.schema.h"

struct db_rows;
struct outbox;

/* The columns from the event's position on are the same in both, and so is where they begin. */
enum outbox_row_column {
	OUTBOX_ROW_NEXT_POSITION,
	OUTBOX_ROW_POSITION,
	OUTBOX_ROW_TOPIC,
	OUTBOX_ROW_TYPE,
	OUTBOX_ROW_IS_PUBLIC,
	OUTBOX_ROW_EVENT,
	OUTBOX_ROW_TIME,
	OUTBOX_ROW_EPOCH /* only of READ */
};

/* Fills an event, which borrows from the rows and the arena. */
void outbox_row_read(const struct db_rows *rows, size_t row, const struct outbox *o, int64_t epoch,
                     struct arena *a, events_event *out_event);

#endif
