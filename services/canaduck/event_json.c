#include "services/canaduck/event_json.h"

#include "base/arena.h"
#include "outbox/outbox.h"
#include "pb/message.h"
#include "pbjson/base64.h"
#include "pbjson/pbjson.h"
#include "services/canaduck/parts.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_PAYLOAD = 4 * 1024 * 1024 };

static const struct pb_message *find_type(str name)
{
	const struct pb_message *type = NULL;

	for (unsigned i = 0; i < PARTS_SERVICES && type == NULL; i++)
		if (parts_services[i]->outbox)
			type = outbox_find_type(parts_services[i]->outbox, name);
	return type;
}

static bool print_known(struct buf *out, const events_event *event)
{
	const struct pb_message *type = find_type(str_c(event->type));
	const str                packed = {(const char *)event->payload.data, event->payload.len};
	struct arena             a;
	ProtobufCMessage        *payload;
	status                   st;

	if (type == NULL)
		return false;
	arena_init(&a, MAX_PAYLOAD);
	st = pb_unpack(&a, type->descriptor, packed, &payload);
	if (st.code == CODE_OK)
		st = pbjson_print(out, payload, type, &pbjson_public);
	arena_fini(&a);
	return st.code == CODE_OK;
}

static void print_text(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "\"%s\":", name);
	pbjson_print_string(out, str_c(text));
	buf_put_c(out, ',');
}

status event_json_print(struct buf *out, const events_event *event)
{
	buf_put_c(out, '{');
	print_text(out, "service", event->service);
	if (event->position > 0)
		buf_printf(out, "\"epoch\":%" PRId64 ",\"position\":%" PRId64 ",", event->epoch,
		           event->position);
	print_text(out, "topic", event->topic);
	if (event->time) {
		buf_put(out, STR("\"time\":"));
		TRY(pbjson_print(out, &event->time->base, &pb_timestamp_schema, &pbjson_public));
		buf_put_c(out, ',');
	}
	print_text(out, "type", event->type);
	buf_printf(out, "\"public\":%s,\"payload\":", event->public_ ? "true" : "false");
	if (!print_known(out, event)) {
		buf_put_c(out, '"');
		pbjson_base64_print(out, event->payload.data, event->payload.len);
		buf_put_c(out, '"');
	}
	buf_put(out, STR("}\n"));
	return buf_status(out);
}
