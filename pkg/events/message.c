#include "events/message.h"

#include "pb/message.h"

#include <string.h>

static bool is_topic(str topic)
{
	if (topic.len == 0 || topic.len > EVENTS_MAX_TOPIC)
		return false;
	for (size_t i = 0; i < topic.len; i++) {
		const char c = topic.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
		      c == '-'))
			return false;
	}
	return true;
}

bool events_topic_is_valid(str topic, str service)
{
	if (!is_topic(topic) || !str_starts(topic, service) || topic.len < service.len + 2 ||
	    topic.ptr[service.len] != '.')
		return false;
	return !str_eq(str_from(topic, service.len + 1), STR(EVENTS_HEARTBEAT));
}

status events_message_write(struct buf *out, const events_event *event)
{
	buf_put(out, str_c(event->topic));
	buf_put_c(out, ' ');
	return pb_pack(&event->base, out);
}

status events_message_read(struct arena *a, str message, events_event **out_event)
{
	ProtobufCMessage *event;
	str               topic, packed;

	if (message.len > EVENTS_MAX_MESSAGE || !str_cut(message, ' ', &topic, &packed) ||
	    !is_topic(topic))
		return status_error(CODE_INVALID_ARGUMENT, "not a published message");
	TRY(pb_unpack(a, events_event_schema.descriptor, packed, &event));
	if (!str_eq(str_c(((events_event *)event)->topic), topic))
		return status_error(CODE_INVALID_ARGUMENT, "not the topic of its event");
	*out_event = (events_event *)event;
	return STATUS_OK;
}
