#include "canaduck/channels/v1/channels.server.h"

#include "db/db.h"
#include "services/channels/channel.h"
#include "services/channels/channels.h"

/*
 * The channel's row is held first, so that no ban or change of mode slips in between. Who stands
 * where is asked after that: a statement that waited for the lock sees other tables as they were
 * when it began.
 */
DB_QUERY(lock_channel, "SELECT id FROM channels.channels WHERE name = $1 FOR NO KEY UPDATE");

DB_QUERY(select_standing, "SELECT c.modes LIKE '%p%',"
                          " EXISTS (SELECT FROM channels.members AS x"
                          "          WHERE x.channel_id = c.id AND x.account_id = $2),"
                          " EXISTS (SELECT FROM channels.invitations AS x"
                          "          WHERE x.channel_id = c.id AND x.account_id = $2),"
                          " EXISTS (SELECT FROM channels.bans AS x"
                          "          WHERE x.channel_id = c.id AND x.account_id = $2)"
                          " FROM channels.channels AS c WHERE c.id = $1");

DB_QUERY(insert_member,
         "WITH used AS ("
         "  DELETE FROM channels.invitations WHERE channel_id = $1 AND account_id = $2"
         ")"
         "INSERT INTO channels.members (channel_id, account_id) VALUES ($1, $2)"
         " ON CONFLICT DO NOTHING");

struct joining {
	struct rpc_call  *call;
	str               name;
	channels_channel *channel;
};

static status check(const struct rpc_call *call, const struct db_rows *rows)
{
	bool is_private = db_rows_bool(rows, 0, 0), is_member = db_rows_bool(rows, 0, 1);
	bool is_invited = db_rows_bool(rows, 0, 2), is_banned = db_rows_bool(rows, 0, 3);

	if (is_member)
		return STATUS_OK;
	if (is_private && !is_invited) {
		/* An admin may see and govern it; entering takes an invitation all the same. */
		if (identity_has_role(&call->who, STR("admin")))
			return status_error(CODE_PERMISSION_DENIED, "the channel is by invitation");
		return channels_channel_not_found();
	}
	if (is_banned)
		return status_error(CODE_PERMISSION_DENIED, "banned from the channel");
	return STATUS_OK;
}

static status join(struct db_tx *tx, void *arg)
{
	struct joining *j = arg;
	int64_t         account_id = j->call->who.account_id, channel_id;
	struct db_rows *rows;

	TRY(db_tx_query(tx, &lock_channel, DB_ARGS(DB_TEXT(j->name)), &rows));
	if (db_rows_count(rows) == 0)
		return channels_channel_not_found();
	channel_id = db_rows_i64(rows, 0, 0);
	TRY(db_tx_query(tx, &select_standing, DB_ARGS(DB_I64(channel_id), DB_I64(account_id)),
	                &rows));
	TRY(check(j->call, rows));
	TRY(db_tx_query(tx, &insert_member, DB_ARGS(DB_I64(channel_id), DB_I64(account_id)), NULL));
	TRY(db_tx_query(tx, channels_channel_select, DB_ARGS(DB_TEXT(j->name), DB_I64(account_id)),
	                &rows));
	return channels_channel_read(j->call, rows, j->channel);
}

status channels_join(struct channels *app, struct rpc_call *call, const channels_join_request *req,
                     channels_channel *out_response)
{
	struct joining j = {.call = call,
	                    .name = channels_channel_fold(req->name, &call->arena),
	                    .channel = out_response};
	char          *name;

	TRY(people_names(&app->people, call, &call->who.account_id, 1, &name));
	return db_tx_run(app->db, &call->arena, join, &j);
}
