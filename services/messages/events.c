#include "services/messages/events.h"

#include "canaduck/messages/v1/events.schema.h"
#include "events/publisher.h"
#include "outbox/outbox.h"
#include "pb/timestamp.h"
#include "services/messages/unread.h"

#include <inttypes.h>

OUTBOX_DEFINE(messages_outbox, "messages", &messages_message_created_schema,
              &messages_message_edited_schema, &messages_message_deleted_schema,
              &messages_reaction_changed_schema, &messages_pin_changed_schema,
              &messages_channel_cleared_schema, &messages_conversation_created_schema,
              &messages_conversation_read_schema, &messages_typing_signalled_schema,
              &messages_presence_signalled_schema);

static const char *channel_topic(struct arena *a, int64_t channel_id)
{
	return arena_printf(a, "messages.channel.%" PRId64, channel_id);
}

static const char *conversation_topic(struct arena *a, int64_t conversation_id)
{
	return arena_printf(a, "messages.conversation.%" PRId64, conversation_id);
}

static status add(struct db_tx *tx, const struct messages_place *place,
                  const struct messages_row *row, const ProtobufCMessage *event)
{
	struct arena *a = db_tx_arena(tx);

	if (row->conversation_id)
		return outbox_add(tx, &messages_outbox, conversation_topic(a, row->conversation_id),
		                  event);
	if (place->is_public)
		return outbox_add_public(tx, &messages_outbox, channel_topic(a, row->channel_id),
		                         event);
	return outbox_add(tx, &messages_outbox, channel_topic(a, row->channel_id), event);
}

status messages_events_created(struct db_tx *tx, const struct messages_place *place,
                               const struct messages_row *row)
{
	messages_message_created event;

	messages_message_created_init(&event);
	event.message = messages_row_state(row, db_tx_arena(tx));
	return add(tx, place, row, &event.base);
}

status messages_events_edited(struct db_tx *tx, const struct messages_place *place,
                              const struct messages_row *row)
{
	messages_message_edited event;

	messages_message_edited_init(&event);
	event.message = messages_row_state(row, db_tx_arena(tx));
	return add(tx, place, row, &event.base);
}

status messages_events_deleted(struct db_tx *tx, const struct messages_place *place,
                               const struct messages_row *row)
{
	messages_message_deleted event;

	messages_message_deleted_init(&event);
	event.message = messages_row_state(row, db_tx_arena(tx));
	event.message->text = arena_cstr(db_tx_arena(tx), STR(""));
	event.message->version++;
	return add(tx, place, row, &event.base);
}

status messages_events_reaction_changed(struct db_tx *tx, const struct messages_place *place,
                                        const struct messages_row *row, int64_t account_id,
                                        char *emoji, bool is_added)
{
	messages_reaction_changed event;

	messages_reaction_changed_init(&event);
	event.message = messages_row_state(row, db_tx_arena(tx));
	event.account_id = account_id;
	event.emoji = emoji;
	event.is_added = is_added;
	return add(tx, place, row, &event.base);
}

status messages_events_pin_changed(struct db_tx *tx, const struct messages_place *place,
                                   const struct messages_row *row)
{
	messages_pin_changed event;

	messages_pin_changed_init(&event);
	event.message = messages_row_state(row, db_tx_arena(tx));
	return add(tx, place, row, &event.base);
}

status messages_events_channel_cleared(struct db_tx *tx, int64_t channel_id)
{
	messages_channel_cleared event;

	messages_channel_cleared_init(&event);
	event.channel_id = channel_id;
	return outbox_add(tx, &messages_outbox, channel_topic(db_tx_arena(tx), channel_id),
	                  &event.base);
}

status messages_events_conversation_created(struct db_tx *tx, int64_t conversation_id,
                                            int64_t account_id, int64_t other_account_id)
{
	messages_conversation_created event;

	messages_conversation_created_init(&event);
	event.conversation_id = conversation_id;
	event.account_id = account_id;
	event.other_account_id = other_account_id;
	return outbox_add(tx, &messages_outbox,
	                  conversation_topic(db_tx_arena(tx), conversation_id), &event.base);
}

status messages_events_conversation_read(struct db_tx *tx, const struct messages_unread_reading *r,
                                         int64_t last_message_id, int64_t count, int64_t time_us)
{
	struct arena              *a = db_tx_arena(tx);
	messages_conversation_read event;

	messages_conversation_read_init(&event);
	event.conversation_id = r->conversation_id;
	event.reader_account_id = r->reader_id;
	event.other_account_id = r->other_id;
	event.last_message_id = last_message_id;
	event.count = count;
	event.time = pb_timestamp_from_us(a, time_us);
	return outbox_add(tx, &messages_outbox, conversation_topic(a, r->conversation_id),
	                  &event.base);
}

status messages_events_typing(struct events_publisher *p, struct arena *a, int64_t conversation_id,
                              int64_t account_id, int64_t to_account_id, bool is_typing)
{
	messages_typing_signalled event;

	messages_typing_signalled_init(&event);
	event.conversation_id = conversation_id;
	event.account_id = account_id;
	event.to_account_id = to_account_id;
	event.is_typing = is_typing;
	return events_publisher_signal(p, messages_outbox.service,
	                               conversation_topic(a, conversation_id), &event.base, false);
}

status messages_events_presence(struct events_publisher *p, struct arena *a, int64_t account_id,
                                bool is_connected, const int64_t *to_account_ids, size_t n)
{
	messages_presence_signalled event;

	messages_presence_signalled_init(&event);
	event.account_id = account_id;
	event.is_connected = is_connected;
	event.to_account_ids = arena_alloc(a, (n + 1) * sizeof *to_account_ids);
	event.n_to_account_ids = n;
	for (size_t i = 0; i < n; i++)
		event.to_account_ids[i] = to_account_ids[i];
	return events_publisher_signal(p, messages_outbox.service,
	                               arena_printf(a, "messages.account.%" PRId64, account_id),
	                               &event.base, false);
}
