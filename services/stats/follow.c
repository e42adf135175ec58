/*
 * Design notes. Each batch is one transaction, which moves the bookmark first: that is the lock
 * which keeps two from counting at once. Within a batch the last state of a message holds, so the
 * order of events about one message is not needed any more once those that were deleted are known.
 */
#include "services/stats/follow.h"

#include "base/clock.h"
#include "canaduck/channels/v1/events.schema.h"
#include "canaduck/messages/v1/events.schema.h"
#include "db/db.h"
#include "pb/message.h"
#include "services/people/follow.h"
#include "services/stats/channels.h"
#include "services/stats/count.h"
#include "services/stats/publishing.h"
#include "services/stats/recount.h"

struct applying {
	const char                *stream;
	const struct events_batch *batch;
};

static status load(struct stats *app, struct arena *a, const char *stream,
                   struct events_position *out_position)
{
	return outbox_bookmark_load(app->db, a, stats_recount_bookmarks, stream, out_position);
}

static status move(struct db_tx *tx, const struct applying *w)
{
	return outbox_bookmark_move(tx, stats_recount_bookmarks, w->stream, w->batch->from,
	                            w->batch->to);
}

static status apply_batch(struct stats *app, struct arena *a, const char *stream,
                          const struct events_batch *batch,
                          status (*body)(struct db_tx *tx, void *arg))
{
	struct applying w = {stream, batch};
	const status    st = db_tx_run(app->db, a, body, &w);

	/* Another process may have done it: the figures are not what they were all the same. */
	stats_publishing_wake(app->publishing);
	return st;
}

static bool is_type(const events_event *event, const struct pb_message *type)
{
	return str_eq(str_c(event->type), str_c(type->descriptor->name));
}

static status unpack(struct db_tx *tx, const events_event *event, const struct pb_message *type,
                     ProtobufCMessage **out_message)
{
	const str packed = {(const char *)event->payload.data, event->payload.len};

	return pb_unpack(db_tx_arena(tx), type->descriptor, packed, out_message);
}

/* ---- messages ---- */

struct told {
	messages_message_state **states; /* of messages that are there */
	size_t                   n_states;
	int64_t                 *deleted;
	size_t                   n_deleted;
	int64_t                 *cleared; /* channels */
	size_t                   n_cleared;
};

/* These hold the message as it is in their field 1. */
static const struct pb_message *const kept_types[] = {
        &messages_message_created_schema, &messages_message_edited_schema,
        &messages_reaction_changed_schema, &messages_pin_changed_schema};

static status read_kept(struct db_tx *tx, const events_event *event, const struct pb_message *type,
                        struct told *t)
{
	messages_message_state *state;
	ProtobufCMessage       *m;

	TRY(unpack(tx, event, type, &m));
	if (type == &messages_message_created_schema)
		state = ((messages_message_created *)m)->message;
	else if (type == &messages_message_edited_schema)
		state = ((messages_message_edited *)m)->message;
	else if (type == &messages_reaction_changed_schema)
		state = ((messages_reaction_changed *)m)->message;
	else
		state = ((messages_pin_changed *)m)->message;
	/* What two people write to each other is not counted. */
	if (state && state->channel_id)
		t->states[t->n_states++] = state;
	return STATUS_OK;
}

static status read_message_event(struct db_tx *tx, const events_event *event, struct told *t)
{
	ProtobufCMessage *m;

	if (is_type(event, &messages_message_deleted_schema)) {
		TRY(unpack(tx, event, &messages_message_deleted_schema, &m));
		if (((messages_message_deleted *)m)->message)
			t->deleted[t->n_deleted++] =
			        ((messages_message_deleted *)m)->message->message_id;
		return STATUS_OK;
	}
	if (is_type(event, &messages_channel_cleared_schema)) {
		TRY(unpack(tx, event, &messages_channel_cleared_schema, &m));
		t->cleared[t->n_cleared++] = ((messages_channel_cleared *)m)->channel_id;
		return STATUS_OK;
	}
	for (size_t i = 0; i < sizeof kept_types / sizeof *kept_types; i++)
		if (is_type(event, kept_types[i]))
			return read_kept(tx, event, kept_types[i], t);
	return STATUS_OK;
}

static status apply_messages(struct db_tx *tx, void *arg)
{
	const struct applying     *w = arg;
	const struct events_batch *batch = w->batch;
	struct arena              *a = db_tx_arena(tx);
	struct told                t = {
	                       .states = arena_alloc(a, batch->n * sizeof *t.states),
	                       .deleted = arena_alloc(a, batch->n * sizeof *t.deleted),
	                       .cleared = arena_alloc(a, batch->n * sizeof *t.cleared),
        };

	TRY(move(tx, w));
	for (size_t i = 0; i < batch->n; i++)
		TRY(read_message_event(tx, batch->events[i], &t));
	TRY(stats_count_put(tx, t.states, t.n_states, false));
	/* Nothing is told of a message after its end. */
	TRY(stats_count_remove(tx, t.deleted, t.n_deleted));
	for (size_t i = 0; i < t.n_cleared; i++)
		TRY(stats_channels_clear(tx, t.cleared[i]));
	return STATUS_OK;
}

static status load_messages(void *arg, struct arena *a, struct events_position *out_position)
{
	return load(arg, a, "messages", out_position);
}

static status rebuild_messages(void *arg, struct arena *a, struct events_position *out_position)
{
	struct stats *app = arg;
	int64_t       n;

	TRY(stats_recount_messages(app, a, CLOCK_NEVER, &n, out_position));
	stats_publishing_wake(app->publishing);
	return STATUS_OK;
}

static status on_messages(void *arg, struct arena *a, const struct events_batch *batch)
{
	return apply_batch(arg, a, "messages", batch, apply_messages);
}

const struct events_consumer_ops stats_follow_messages = {
        .on_load = load_messages, .on_rebuild = rebuild_messages, .on_events = on_messages};

/* ---- channels ---- */

static status read_channel(struct db_tx *tx, const events_event *event,
                           channels_channel_state **out_state)
{
	ProtobufCMessage *m;

	*out_state = NULL;
	if (is_type(event, &channels_channel_created_schema)) {
		TRY(unpack(tx, event, &channels_channel_created_schema, &m));
		*out_state = ((channels_channel_created *)m)->channel;
	} else if (is_type(event, &channels_channel_changed_schema)) {
		TRY(unpack(tx, event, &channels_channel_changed_schema, &m));
		*out_state = ((channels_channel_changed *)m)->channel;
	} else if (is_type(event, &channels_channel_deleted_schema)) {
		TRY(unpack(tx, event, &channels_channel_deleted_schema, &m));
		*out_state = ((channels_channel_deleted *)m)->channel;
	}
	return STATUS_OK;
}

static status apply_channels(struct db_tx *tx, void *arg)
{
	const struct applying   *w = arg;
	channels_channel_state **states =
	        arena_alloc(db_tx_arena(tx), w->batch->n * sizeof *states);
	size_t n = 0;

	TRY(move(tx, w));
	for (size_t i = 0; i < w->batch->n; i++) {
		TRY(read_channel(tx, w->batch->events[i], &states[n]));
		n += states[n] != NULL;
	}
	return stats_channels_put(tx, states, n, false);
}

static status load_channels(void *arg, struct arena *a, struct events_position *out_position)
{
	return load(arg, a, "channels", out_position);
}

static status rebuild_channels(void *arg, struct arena *a, struct events_position *out_position)
{
	struct stats *app = arg;
	int64_t       n;

	TRY(stats_recount_channels(app, a, CLOCK_NEVER, &n, out_position));
	stats_publishing_wake(app->publishing);
	return STATUS_OK;
}

static status on_channels(void *arg, struct arena *a, const struct events_batch *batch)
{
	return apply_batch(arg, a, "channels", batch, apply_channels);
}

const struct events_consumer_ops stats_follow_channels = {
        .on_load = load_channels, .on_rebuild = rebuild_channels, .on_events = on_channels};

/* ---- users: their names ---- */

static status load_users(void *arg, struct arena *a, struct events_position *out_position)
{
	return people_follow_load(&((struct stats *)arg)->people, a, out_position);
}

static status rebuild_users(void *arg, struct arena *a, struct events_position *out_position)
{
	return people_follow_rebuild(&((struct stats *)arg)->people, a, out_position);
}

static status on_users(void *arg, struct arena *a, const struct events_batch *batch)
{
	struct stats *app = arg;
	const status  st = people_follow_events(&app->people, a, batch);

	stats_publishing_wake(app->publishing);
	return st;
}

const struct events_consumer_ops stats_follow_users = {
        .on_load = load_users, .on_rebuild = rebuild_users, .on_events = on_users};
