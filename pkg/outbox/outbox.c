#include "outbox/outbox.h"

#include "base/buf.h"
#include "db/db.h"
#include "events/message.h"
#include "pb/message.h"

#include <string.h>

const struct pb_message *outbox_find_type(const struct outbox *o, str name)
{
	for (unsigned i = 0; o->types[i]; i++)
		if (str_eq(str_c(o->types[i]->descriptor->name), name))
			return o->types[i];
	return NULL;
}

/* Mistakes of ours, which tests find: topics are made of what the service itself wrote. */
static status check(const struct outbox *o, const char *topic, const ProtobufCMessage *event)
{
	if (!events_topic_is_valid(str_c(topic), str_c(o->service)))
		return status_error(CODE_INTERNAL, "not a topic of this service");
	if (outbox_find_type(o, str_c(event->descriptor->name)) == NULL)
		return status_error(CODE_INTERNAL, "not an event of this service");
	if (protobuf_c_message_get_packed_size(event) > OUTBOX_MAX_EVENT_BYTES)
		return status_error(CODE_RESOURCE_EXHAUSTED, "the event is too large");
	return STATUS_OK;
}

static status add(struct db_tx *tx, const struct outbox *o, const char *topic,
                  const ProtobufCMessage *event, bool is_public)
{
	struct arena *a = db_tx_arena(tx);
	uint8_t      *packed;
	size_t        len;

	TRY(check(o, topic, event));
	packed = arena_alloc(a, protobuf_c_message_get_packed_size(event));
	len = protobuf_c_message_pack(event, packed);
	TRY(db_tx_query(tx, o->queries->add,
	                DB_ARGS(DB_CSTR(topic), DB_CSTR(event->descriptor->name),
	                        DB_BOOL(is_public), DB_BYTES(((str){(const char *)packed, len}))),
	                NULL));
	db_tx_announce(tx);
	return STATUS_OK;
}

status outbox_add(struct db_tx *tx, const struct outbox *o, const char *topic,
                  const ProtobufCMessage *event)
{
	return add(tx, o, topic, event, false);
}

status outbox_add_public(struct db_tx *tx, const struct outbox *o, const char *topic,
                         const ProtobufCMessage *event)
{
	return add(tx, o, topic, event, true);
}
