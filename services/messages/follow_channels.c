#include "services/messages/follow_channels.h"

#include "base/clock.h"
#include "canaduck/channels/v1/channels.rpc.h"
#include "canaduck/channels/v1/events.schema.h"
#include "db/db.h"
#include "outbox/bookmark.h"
#include "pb/message.h"
#include "services/messages/clearing.h"

/*
 * Design notes. Clearing a channel takes many transactions and may be done again, so the bookmark
 * moves behind it, in one of its own: what was not finished is begun anew.
 */

enum { TIMEOUT_MS = 5000 };

static const char stream[] = "channels";

static status on_load(void *arg, struct arena *a, struct events_position *out_position)
{
	const struct messages *app = arg;

	return outbox_bookmark_load(app->db, a, app->people.bookmarks, stream, out_position);
}

/* ---- events ---- */

struct moving {
	const struct messages *app;
	struct events_position from, to;
};

static status move(struct db_tx *tx, void *arg)
{
	const struct moving *m = arg;

	return outbox_bookmark_move(tx, m->app->people.bookmarks, stream, m->from, m->to);
}

static status apply(struct messages *app, struct arena *a, const events_event *event)
{
	const str         packed = {(const char *)event->payload.data, event->payload.len};
	ProtobufCMessage *m;

	if (!str_eq(str_c(event->type), STR("canaduck.channels.v1.ChannelDeleted")))
		return STATUS_OK;
	TRY(pb_unpack(a, channels_channel_deleted_schema.descriptor, packed, &m));
	return messages_clearing_run(app, a,
	                             ((const channels_channel_deleted *)m)->channel->channel_id);
}

static status on_events(void *arg, struct arena *a, const struct events_batch *batch)
{
	struct messages *app = arg;
	struct moving    m = {app, batch->from, batch->to};

	for (size_t i = 0; i < batch->n; i++)
		TRY(apply(app, a, batch->events[i]));
	return db_tx_run(app->db, a, move, &m);
}

/* ---- afresh ---- */

static status clear_deleted(struct messages *app, struct arena *a,
                            const channels_list_states_response *page)
{
	for (size_t i = 0; i < page->n_channels; i++)
		if (page->channels[i]->deleted)
			TRY(messages_clearing_run(app, a, page->channels[i]->channel_id));
	return STATUS_OK;
}

/* Events after the position of the first page tell what changes meanwhile. */
static status look_at_all(struct messages *app, struct rpc_call *call,
                          struct events_position *out_position)
{
	channels_list_states_request   req;
	channels_list_states_response *page;
	struct events_position         first = {0};
	int64_t                        after = 0;

	do {
		rpc_call_reuse(call);
		call->deadline_ns = clock_after_ms(TIMEOUT_MS);
		channels_list_states_request_init(&req);
		req.after = after;
		TRY(channels_client_list_states(app->channels, call, &req, &page));
		if (after == 0)
			first = (struct events_position){page->epoch, page->last_position};
		TRY(clear_deleted(app, &call->arena, page));
		after = page->next_after;
	} while (after != 0);
	*out_position = first;
	return STATUS_OK;
}

static status put(struct db_tx *tx, void *arg)
{
	const struct moving *m = arg;

	return outbox_bookmark_put(tx, m->app->people.bookmarks, stream, m->to);
}

static status on_rebuild(void *arg, struct arena *a, struct events_position *out_position)
{
	struct messages *app = arg;
	struct moving    m = {.app = app};
	struct rpc_call  call;
	status           st;

	rpc_call_init(&call, clock_after_ms(TIMEOUT_MS));
	st = look_at_all(app, &call, &m.to);
	if (st.code == CODE_OK)
		st = db_tx_run(app->db, a, put, &m);
	if (st.code == CODE_OK)
		*out_position = m.to;
	else
		st.msg = arena_cstr(a, str_c(st.msg));
	rpc_call_fini(&call);
	return st;
}

const struct events_consumer_ops messages_follow_channels = {
        .on_load = on_load,
        .on_rebuild = on_rebuild,
        .on_events = on_events,
};
