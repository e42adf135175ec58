#include "services/channels/departure.h"

#include "services/channels/events.h"
#include "services/channels/ownership.h"

/* In the order of their numbers: several of these at once do not wait for each other in a ring. */
DB_QUERY(lock_channels, "SELECT id FROM channels.channels WHERE id IN ("
                        "  SELECT channel_id FROM channels.members"
                        "   WHERE account_id = ANY($1::int8[])"
                        "  UNION ALL SELECT channel_id FROM channels.invitations"
                        "   WHERE account_id = ANY($1::int8[])"
                        "  UNION ALL SELECT channel_id FROM channels.bans"
                        "   WHERE account_id = ANY($1::int8[]))"
                        " ORDER BY id FOR NO KEY UPDATE");

DB_QUERY(select_heirs,
         "SELECT o.channel_id, o.account_id,"
         " (SELECT m.account_id FROM channels.members AS m"
         "   WHERE m.channel_id = o.channel_id AND m.account_id <> ALL($1::int8[])"
         "   ORDER BY m.role <> 'moderator',"
         "     CASE WHEN m.role = 'moderator' THEN m.role_time ELSE m.joined_time END,"
         "     m.account_id LIMIT 1)"
         " FROM channels.members AS o"
         " WHERE o.account_id = ANY($1::int8[]) AND o.role = 'owner' ORDER BY o.channel_id");

DB_QUERY(delete_channel, "DELETE FROM channels.channels WHERE id = $1");
DB_QUERY(delete_members, "DELETE FROM channels.members WHERE account_id = ANY($1::int8[])"
                         " RETURNING channel_id, account_id");
DB_QUERY(delete_invitations, "DELETE FROM channels.invitations WHERE account_id = ANY($1::int8[])"
                             " RETURNING channel_id, account_id");
DB_QUERY(delete_bans, "DELETE FROM channels.bans WHERE account_id = ANY($1::int8[])"
                      " RETURNING channel_id, account_id");

static status inherit(struct db_tx *tx, struct db_args ids)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_heirs, ids, &rows));
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		const int64_t channel_id = db_rows_i64(rows, i, 0);

		if (!db_rows_is_null(rows, i, 2)) {
			TRY(channels_ownership_pass(tx, channel_id, db_rows_i64(rows, i, 1),
			                            db_rows_i64(rows, i, 2)));
			continue;
		}
		TRY(channels_events_deleted(tx, channel_id));
		TRY(db_tx_query(tx, &delete_channel, DB_ARGS(DB_I64(channel_id)), NULL));
	}
	return STATUS_OK;
}

static status forget(struct db_tx *tx, const struct db_query *q, struct db_args ids,
                     status (*tell)(struct db_tx *tx, int64_t channel_id, int64_t account_id))
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, q, ids, &rows));
	for (size_t i = 0; i < db_rows_count(rows); i++)
		TRY(tell(tx, db_rows_i64(rows, i, 0), db_rows_i64(rows, i, 1)));
	return STATUS_OK;
}

status channels_departure_run(struct db_tx *tx, const int64_t *account_ids, size_t n)
{
	const struct db_args ids = DB_ARGS(DB_I64S(account_ids, n));

	TRY(db_tx_query(tx, &lock_channels, ids, NULL));
	TRY(inherit(tx, ids));
	TRY(forget(tx, &delete_members, ids, channels_events_left));
	TRY(forget(tx, &delete_invitations, ids, channels_events_uninvited));
	return forget(tx, &delete_bans, ids, channels_events_unbanned);
}
