/*
 * canaduck/event_json.h - an event as a line of JSON.
 */
#ifndef SERVICES_CANADUCK_EVENT_JSON_H
#define SERVICES_CANADUCK_EVENT_JSON_H

#include "base/buf.h"
#include "canaduck/events/v1/events.schema.h"

/*
 * Appends {"service", "epoch", "position", "topic", "time", "type", "public", "payload"} and a
 * newline. The payload is an object when its type is known here, else the text of its bytes in
 * base64. Without position and epoch for what has none. RESOURCE_EXHAUSTED at the buffer's ceiling.
 */
must_check status event_json_print(struct buf *out, const events_event *event);

#endif
