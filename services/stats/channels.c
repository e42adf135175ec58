#include "services/stats/channels.h"

enum { ROWS_AT_ONCE = 1000 };

/* Deleted stays deleted: numbers of channels are never given again. */
DB_QUERY(put_channels,
         "WITH told AS ("
         "  SELECT DISTINCT ON (id) id, name, is_private <> 0 AS is_private,"
         "         is_deleted <> 0 AS is_deleted, version"
         "    FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::int8[])"
         "      AS t(id, name, is_private, is_deleted, version)"
         "   ORDER BY id, version DESC"
         "), left_over AS ("
         "  INSERT INTO stats.leftovers (channel_id) SELECT id FROM told WHERE is_deleted"
         "  ON CONFLICT (channel_id) DO NOTHING"
         ")"
         " INSERT INTO stats.channels AS c (id, name, is_private, is_deleted, version)"
         " SELECT id, name, is_private, is_deleted, version FROM told"
         " ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_private = excluded.is_private,"
         "   is_deleted = excluded.is_deleted, version = excluded.version"
         "   WHERE CASE WHEN $6 THEN (c.name, c.is_private, c.is_deleted, c.version)"
         "              IS DISTINCT FROM (excluded.name, excluded.is_private,"
         "                excluded.is_deleted, excluded.version)"
         "         ELSE NOT c.is_deleted AND c.version < excluded.version END");

DB_QUERY(keep_channels, "DELETE FROM stats.channels"
                        " WHERE id > $1 AND id <= $2 AND NOT id = ANY($3::int8[])");

DB_QUERY(clear_channel,
         "WITH left_over AS ("
         "  INSERT INTO stats.leftovers (channel_id) VALUES ($1) ON CONFLICT DO NOTHING"
         ")"
         " INSERT INTO stats.channels AS c (id, name, is_private, is_deleted, version)"
         " VALUES ($1, '', true, true, 0)"
         " ON CONFLICT (id) DO UPDATE SET is_deleted = true");

DB_QUERY(select_leftover, "SELECT channel_id FROM stats.leftovers ORDER BY channel_id LIMIT 1");

DB_QUERY(lock_leftover,
         "SELECT channel_id FROM stats.leftovers WHERE channel_id = $1 FOR UPDATE SKIP LOCKED");
DB_QUERY(remove_messages, "DELETE FROM stats.messages WHERE id IN ("
                          "  SELECT id FROM stats.messages WHERE channel_id = $1 LIMIT $2)");
DB_QUERY(remove_counts, "DELETE FROM stats.counts WHERE channel_id = $1");
DB_QUERY(remove_leftover, "DELETE FROM stats.leftovers WHERE channel_id = $1");

status stats_channels_put(struct db_tx *tx, channels_channel_state *const *states, size_t n,
                          bool is_source)
{
	struct arena *a = db_tx_arena(tx);
	int64_t      *ids = arena_alloc(a, (n + 1) * sizeof *ids);
	int64_t      *private_ones = arena_alloc(a, (n + 1) * sizeof *private_ones);
	int64_t      *deleted_ones = arena_alloc(a, (n + 1) * sizeof *deleted_ones);
	int64_t      *versions = arena_alloc(a, (n + 1) * sizeof *versions);
	str          *names = arena_alloc(a, (n + 1) * sizeof *names);

	if (n == 0)
		return STATUS_OK;
	for (size_t i = 0; i < n; i++) {
		ids[i] = states[i]->channel_id;
		names[i] = str_c(states[i]->name);
		private_ones[i] = states[i]->private_;
		deleted_ones[i] = states[i]->deleted;
		versions[i] = states[i]->version;
	}
	return db_tx_query(tx, &put_channels,
	                   DB_ARGS(DB_I64S(ids, n), DB_TEXTS(names, n), DB_I64S(private_ones, n),
	                           DB_I64S(deleted_ones, n), DB_I64S(versions, n),
	                           DB_BOOL(is_source)),
	                   NULL);
}

status stats_channels_keep(struct db_tx *tx, int64_t after, int64_t last, const int64_t *ids,
                           size_t n)
{
	return db_tx_query(tx, &keep_channels,
	                   DB_ARGS(DB_I64(after), DB_I64(last), DB_I64S(ids, n)), NULL);
}

status stats_channels_clear(struct db_tx *tx, int64_t channel_id)
{
	return db_tx_query(tx, &clear_channel, DB_ARGS(DB_I64(channel_id)), NULL);
}

/* ---- what deleted channels leave ---- */

struct sweeping {
	int64_t channel_id;
	bool    is_done;
};

/* What is counted of a deleted channel is never shown: the counts need not fit meanwhile. */
static status sweep_one(struct db_tx *tx, void *arg)
{
	struct sweeping *s = arg;
	struct db_rows  *rows;

	TRY(db_tx_query(tx, &lock_leftover, DB_ARGS(DB_I64(s->channel_id)), &rows));
	if (db_rows_count(rows) == 0)
		return STATUS_OK;
	TRY(db_tx_query(tx, &remove_messages, DB_ARGS(DB_I64(s->channel_id), DB_I64(ROWS_AT_ONCE)),
	                &rows));
	s->is_done = db_rows_count(rows) < ROWS_AT_ONCE;
	if (!s->is_done)
		return STATUS_OK;
	TRY(db_tx_query(tx, &remove_counts, DB_ARGS(DB_I64(s->channel_id)), NULL));
	return db_tx_query(tx, &remove_leftover, DB_ARGS(DB_I64(s->channel_id)), NULL);
}

status stats_channels_sweep(struct db *db, struct arena *a, bool *out_has_more)
{
	struct sweeping s = {0};
	struct db_rows *rows;

	*out_has_more = false;
	TRY(db_read(db, a, &select_leftover, DB_NO_ARGS, &rows));
	if (db_rows_count(rows) == 0)
		return STATUS_OK;
	s.channel_id = db_rows_i64(rows, 0, 0);
	TRY(db_tx_run(db, a, sweep_one, &s));
	*out_has_more = true;
	return STATUS_OK;
}
