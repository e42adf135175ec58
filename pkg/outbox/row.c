#include "outbox/row.h"

#include "db/query.h"
#include "outbox/outbox.h"
#include "pb/timestamp.h"

void outbox_row_read(const struct db_rows *rows, size_t row, const struct outbox *o, int64_t epoch,
                     struct arena *a, events_event *out_event)
{
	const str payload = db_rows_bytes(rows, row, OUTBOX_ROW_EVENT);

	events_event_init(out_event);
	out_event->kind = EVENTS_KIND_FACT;
	out_event->service = (char *)(uintptr_t)o->service;
	out_event->epoch = epoch;
	out_event->position = db_rows_i64(rows, row, OUTBOX_ROW_POSITION);
	out_event->topic = db_rows_cstr(rows, row, OUTBOX_ROW_TOPIC);
	out_event->time = pb_timestamp_from_us(a, db_rows_us(rows, row, OUTBOX_ROW_TIME));
	out_event->type = db_rows_cstr(rows, row, OUTBOX_ROW_TYPE);
	out_event->payload = (ProtobufCBinaryData){payload.len, (uint8_t *)(uintptr_t)payload.ptr};
	out_event->public_ = db_rows_bool(rows, row, OUTBOX_ROW_IS_PUBLIC);
}
