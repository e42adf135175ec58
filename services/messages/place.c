#include "services/messages/place.h"

#include "canaduck/channels/v1/channels.rpc.h"
#include "db/db.h"

#include <stdlib.h>
#include <string.h>

/* As many, and as long a name, as channels takes. */
enum { MAX_ASKED = 1000, MAX_NAME = 64 };

DB_QUERY(select_message, "SELECT " MESSAGES_ROW_COLUMNS " FROM messages.messages WHERE id = $1");

status messages_place_no_message(void)
{
	return status_error(CODE_NOT_FOUND, "no message of that number");
}

static status no_channel(void)
{
	return status_error(CODE_NOT_FOUND, "no channel of that name");
}

static int64_t viewer(const struct rpc_call *call)
{
	return call->who.kind == IDENTITY_ACCOUNT ? call->who.account_id : 0;
}

/* An administrator governs what it sees. */
static void read_access(const struct rpc_call *call, const channels_check_access_response *access,
                        struct messages_place *out_place)
{
	*out_place = (struct messages_place){
	        .channel_id = access->channel_id,
	        .channel = access->name,
	        .is_public = !access->is_private,
	        .can_write = access->can_write,
	        .can_moderate = access->can_moderate || identity_has_role(&call->who, STR("admin")),
	        .is_banned = access->is_banned,
	        .reason = access->reason,
	};
}

static status ask(struct messages *app, struct rpc_call *call, const char *name, int64_t channel_id,
                  struct messages_place *out_place)
{
	channels_check_access_request   req;
	channels_check_access_response *access;

	channels_check_access_request_init(&req);
	req.name = arena_cstr(&call->arena, str_c(name));
	req.channel_id = channel_id;
	req.account_id = viewer(call);
	TRY(channels_client_check_access(app->channels, call, &req, &access));
	if (!access->can_read)
		return no_channel();
	read_access(call, access, out_place);
	return STATUS_OK;
}

status messages_place_find(struct messages *app, struct rpc_call *call, const char *channel,
                           struct messages_place *out_place)
{
	size_t length = strlen(channel);

	/* No name at all: there is nothing to hide, and that is what is wrong. */
	if (length == 0 || length > MAX_NAME) {
		TRY(rpc_call_reveal(call));
		return no_channel();
	}
	TRY(ask(app, call, channel, 0, out_place));
	return rpc_call_reveal(call);
}

status messages_place_of(struct messages *app, struct rpc_call *call,
                         const struct messages_row *row, struct messages_place *out_place)
{
	int64_t me = viewer(call);
	status  st;

	if (row->channel_id) {
		st = ask(app, call, "", row->channel_id, out_place);
		return st.code == CODE_NOT_FOUND ? messages_place_no_message() : st;
	}
	if (me == 0 || (me != row->account_id && me != row->to_account_id))
		return messages_place_no_message();
	*out_place = (struct messages_place){
	        .conversation_id = row->conversation_id, .can_write = true, .reason = ""};
	return STATUS_OK;
}

status messages_place_find_message(struct messages *app, struct rpc_call *call, int64_t id,
                                   struct messages_row *out_row, struct messages_place *out_place)
{
	struct messages_row row;
	struct db_rows     *rows;

	if (id < 1)
		TRY(rpc_call_reveal(call));
	TRY(db_read(app->db, &call->arena, &select_message, DB_ARGS(DB_I64(id)), &rows));
	if (db_rows_count(rows) == 0)
		return messages_place_no_message();
	messages_row_read(rows, 0, 0, &row);
	TRY(messages_place_of(app, call, &row, out_place));
	TRY(rpc_call_reveal(call));
	*out_row = row;
	return STATUS_OK;
}

/* Adds what channels says of at most MAX_ASKED of them. */
static status list_access(struct messages *app, struct rpc_call *call, const int64_t *channel_ids,
                          size_t n, bool with_hidden, struct messages_place *places, size_t *count)
{
	channels_list_access_request   req;
	channels_list_access_response *answer;

	channels_list_access_request_init(&req);
	req.account_id = viewer(call);
	req.with_hidden = with_hidden;
	req.n_channel_ids = n;
	req.channel_ids = arena_alloc(&call->arena, (n + 1) * sizeof *req.channel_ids);
	memcpy(req.channel_ids, channel_ids, n * sizeof *req.channel_ids);
	TRY(channels_client_list_access(app->channels, call, &req, &answer));
	for (size_t i = 0; i < answer->n_channels && i < n; i++)
		if (answer->channels[i]->can_read || with_hidden)
			read_access(call, answer->channels[i], &places[(*count)++]);
	return STATUS_OK;
}

status messages_place_readable(struct messages *app, struct rpc_call *call,
                               const int64_t *channel_ids, size_t n,
                               struct messages_place **out_places, size_t *out_count)
{
	struct messages_place *places = arena_alloc(&call->arena, (n + 1) * sizeof *places);
	size_t                 count = 0;

	for (size_t from = 0; from < n; from += MAX_ASKED)
		TRY(list_access(app, call, channel_ids + from,
		                n - from < MAX_ASKED ? n - from : MAX_ASKED, false, places,
		                &count));
	*out_places = places;
	*out_count = count;
	return STATUS_OK;
}

status messages_place_name(struct messages *app, struct rpc_call *call,
                           const struct messages_row *rows, size_t n,
                           struct messages_place **out_places, size_t *out_count)
{
	struct messages_place *places = arena_alloc(&call->arena, (n + 1) * sizeof *places);
	int64_t               *ids = arena_alloc(&call->arena, (n + 1) * sizeof *ids);
	size_t                 n_ids = 0, count = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].channel_id)
			ids[n_ids++] = rows[i].channel_id;
	if (n_ids > 0)
		TRY(list_access(app, call, ids, n_ids, true, places, &count));
	*out_places = places;
	*out_count = count;
	return STATUS_OK;
}

static int compare(const void *key, const void *item)
{
	const int64_t *id = key, *other = &((const struct messages_place *)item)->channel_id;

	return (*id > *other) - (*id < *other);
}

const struct messages_place *messages_place_in(const struct messages_place *places, size_t n,
                                               int64_t channel_id)
{
	return n ? bsearch(&channel_id, places, n, sizeof *places, compare) : NULL;
}
