#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"
#include "services/channels/events.h"

DB_QUERY(insert_channel, "INSERT INTO channels.channels (name, topic, modes) VALUES ($1, $2, $3)"
                         " ON CONFLICT DO NOTHING RETURNING id");

DB_QUERY(insert_owner, "INSERT INTO channels.members (channel_id, account_id, role)"
                       " VALUES ($1, $2, 'owner')");

struct creation {
	struct channels                       *app;
	struct rpc_call                       *call;
	const channels_create_channel_request *req;
	str                                    name;
	channels_channel                      *channel;
};

static status create(struct db_tx *tx, void *arg)
{
	struct creation *c = arg;
	int64_t          owner = c->call->who.account_id, id;
	struct db_rows  *rows;
	bool             is_there;

	TRY(people_hold(tx, &c->app->people, &owner, 1, &is_there));
	if (!is_there)
		return status_error(CODE_PERMISSION_DENIED, "the session was ended");
	TRY(db_tx_query(tx, &insert_channel,
	                DB_ARGS(DB_TEXT(c->name), DB_CSTR(c->req->topic),
	                        DB_TEXT(c->req->private_ ? STR("npt") : STR("nt"))),
	                &rows));
	if (db_rows_count(rows) == 0)
		return rpc_call_refuse(c->call, CODE_ALREADY_EXISTS, "name", "is taken");
	id = db_rows_i64(rows, 0, 0);
	TRY(db_tx_query(tx, &insert_owner, DB_ARGS(DB_I64(id), DB_I64(owner)), NULL));
	TRY(channels_events_created(tx, id));
	TRY(db_tx_query(tx, channels_channel_select, DB_ARGS(DB_TEXT(c->name), DB_I64(owner)),
	                &rows));
	return channels_channel_read(c->call, rows, 0, c->channel);
}

status channels_create_channel(struct channels *app, struct rpc_call *call,
                               const channels_create_channel_request *req,
                               channels_channel                      *out_response)
{
	struct creation c = {.app = app,
	                     .call = call,
	                     .req = req,
	                     .name = channels_channel_fold(req->name, &call->arena),
	                     .channel = out_response};
	char           *owner;

	/* Whoever stands in a channel stands in people: its names are joined, never asked for. */
	TRY(people_names(&app->people, call, &call->who.account_id, 1, &owner));
	return db_tx_run(app->db, &call->arena, create, &c);
}
