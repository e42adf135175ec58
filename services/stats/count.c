#include "services/stats/count.h"

#include "services/stats/period.h"

/* How many of them a transaction counts anew, about: it ends with an hour. */
enum { MESSAGES_AT_ONCE = 20000 };

/* clang-format off */
#define KEY "channel_id, account_id, date_trunc('hour', created_time, 'UTC')"

/* Both read what was known before the statement: what is new counts once. */
DB_QUERY(put_messages,
         "WITH told AS ("
         "  SELECT DISTINCT ON (id) id, channel_id, account_id, " STATS_PERIOD_TIME("created_us")
         "      AS created_time, reactions, CASE WHEN reactions > 0 THEN text END AS text, version"
         "    FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::text[],"
         "                $7::int8[])"
         "      AS t(id, channel_id, account_id, created_us, reactions, text, version)"
         "   ORDER BY id, version DESC"
         "), counted AS ("
         "  INSERT INTO stats.counts AS k (channel_id, account_id, hour, messages)"
         "  SELECT " KEY ", count(*) FROM told"
         "   WHERE NOT EXISTS (SELECT FROM stats.messages AS m WHERE m.id = told.id)"
         "   GROUP BY 1, 2, 3"
         "  ON CONFLICT (channel_id, account_id, hour)"
         "  DO UPDATE SET messages = k.messages + excluded.messages"
         ")"
         " INSERT INTO stats.messages AS m"
         "   (id, channel_id, account_id, created_time, reactions, text, version)"
         " SELECT id, channel_id, account_id, created_time, reactions, text, version FROM told"
         " ON CONFLICT (id) DO UPDATE SET channel_id = excluded.channel_id,"
         "   account_id = excluded.account_id, created_time = excluded.created_time,"
         "   reactions = excluded.reactions, text = excluded.text, version = excluded.version"
         "   WHERE CASE WHEN $8 THEN (m.channel_id, m.account_id, m.created_time, m.reactions,"
         "                            m.text, m.version)"
         "              IS DISTINCT FROM (excluded.channel_id, excluded.account_id,"
         "                excluded.created_time, excluded.reactions, excluded.text,"
         "                excluded.version)"
         "         ELSE m.version < excluded.version END");

#define UNCOUNT                                                                                    \
	" INSERT INTO stats.counts AS k (channel_id, account_id, hour, messages)"                  \
	" SELECT " KEY ", -count(*) FROM gone GROUP BY 1, 2, 3"                                    \
	" ON CONFLICT (channel_id, account_id, hour)"                                              \
	" DO UPDATE SET messages = k.messages + excluded.messages"

DB_QUERY(remove_messages,
         "WITH gone AS ("
         "  DELETE FROM stats.messages WHERE id = ANY($1::int8[])"
         "  RETURNING channel_id, account_id, created_time"
         ")" UNCOUNT);

DB_QUERY(keep_messages,
         "WITH gone AS ("
         "  DELETE FROM stats.messages WHERE id > $1 AND id <= $2 AND NOT id = ANY($3::int8[])"
         "  RETURNING channel_id, account_id, created_time"
         ")" UNCOUNT);

/* hour, messages: the first hour behind that and as many messages; NULL: there are no more. */
DB_QUERY(select_end,
         "SELECT (SELECT " DB_US("date_trunc('hour', created_time, 'UTC') + interval '1 hour'")
         "          FROM stats.messages WHERE created_time >= " STATS_PERIOD_TIME("$1")
         "         ORDER BY created_time OFFSET $2 LIMIT 1)");

/* from, to: hours. What is counted right stays as it is; of what is gone, 0 is left. */
DB_QUERY(count_hours,
         "INSERT INTO stats.counts (channel_id, account_id, hour, messages)"
         " SELECT channel_id, account_id, hour, sum(there) FROM ("
         "   SELECT " KEY " AS hour, 1 AS there, 0 AS counted FROM stats.messages AS m"
         "    WHERE " STATS_PERIOD_WITHIN("$1", "$2")
         "   UNION ALL"
         "   SELECT channel_id, account_id, hour, 0, messages FROM stats.counts AS k"
         "    WHERE k.hour >= " STATS_PERIOD_TIME("$1") " AND k.hour < " STATS_PERIOD_TIME("$2")
         "  ) AS compared"
         "  GROUP BY 1, 2, 3 HAVING sum(there) <> sum(counted)"
         " ON CONFLICT (channel_id, account_id, hour) DO UPDATE SET messages = excluded.messages");

DB_QUERY(hold_totals, "SELECT FROM stats.totals_lock FOR UPDATE");

#define TOTAL(table, key)                                                                          \
	"INSERT INTO stats." table " (" key ", messages)"                                          \
	" SELECT " key ", sum(there) FROM ("                                                       \
	"   SELECT k." key ", k.messages AS there, 0 AS counted FROM stats.counts AS k"            \
	"     JOIN stats.channels AS c"                                                            \
	"       ON c.id = k.channel_id AND NOT c.is_private AND NOT c.is_deleted"                  \
	"   UNION ALL SELECT " key ", 0, messages FROM stats." table ") AS compared"               \
	"  GROUP BY 1 HAVING sum(there) <> sum(counted)"                                           \
	" ON CONFLICT (" key ") DO UPDATE SET messages = excluded.messages"

DB_QUERY(total_channels, TOTAL("channel_totals", "channel_id"));
DB_QUERY(total_accounts, TOTAL("account_totals", "account_id"));
DB_QUERY(total_hours, TOTAL("hour_totals", "hour"));
/* clang-format on */

struct columns {
	int64_t *ids, *channel_ids, *account_ids, *created_us, *reactions, *versions;
	str     *texts;
};

static struct columns columns_of(struct arena *a, messages_message_state *const *states, size_t n)
{
	struct columns c = {
	        .ids = arena_alloc(a, (n + 1) * sizeof *c.ids),
	        .channel_ids = arena_alloc(a, (n + 1) * sizeof *c.channel_ids),
	        .account_ids = arena_alloc(a, (n + 1) * sizeof *c.account_ids),
	        .created_us = arena_alloc(a, (n + 1) * sizeof *c.created_us),
	        .reactions = arena_alloc(a, (n + 1) * sizeof *c.reactions),
	        .versions = arena_alloc(a, (n + 1) * sizeof *c.versions),
	        .texts = arena_alloc(a, (n + 1) * sizeof *c.texts),
	};

	for (size_t i = 0; i < n; i++) {
		const messages_message_state *s = states[i];

		c.ids[i] = s->message_id;
		c.channel_ids[i] = s->channel_id;
		c.account_ids[i] = s->account_id;
		c.created_us[i] = s->created_time ? stats_period_us(s->created_time) : 0;
		c.reactions[i] = s->reaction_count;
		c.versions[i] = s->version;
		c.texts[i] = s->reaction_count > 0 ? str_c(s->text) : STR("");
	}
	return c;
}

status stats_count_put(struct db_tx *tx, messages_message_state *const *states, size_t n,
                       bool is_source)
{
	const struct columns c = columns_of(db_tx_arena(tx), states, n);

	if (n == 0)
		return STATUS_OK;
	return db_tx_query(tx, &put_messages,
	                   DB_ARGS(DB_I64S(c.ids, n), DB_I64S(c.channel_ids, n),
	                           DB_I64S(c.account_ids, n), DB_I64S(c.created_us, n),
	                           DB_I64S(c.reactions, n), DB_TEXTS(c.texts, n),
	                           DB_I64S(c.versions, n), DB_BOOL(is_source)),
	                   NULL);
}

status stats_count_remove(struct db_tx *tx, const int64_t *ids, size_t n)
{
	if (n == 0)
		return STATUS_OK;
	return db_tx_query(tx, &remove_messages, DB_ARGS(DB_I64S(ids, n)), NULL);
}

status stats_count_keep(struct db_tx *tx, int64_t after, int64_t last, const int64_t *ids, size_t n)
{
	return db_tx_query(tx, &keep_messages,
	                   DB_ARGS(DB_I64(after), DB_I64(last), DB_I64S(ids, n)), NULL);
}

status stats_count_hours(struct db_tx *tx, int64_t from_us, int64_t *out_next_us)
{
	struct db_rows *rows;
	bool            is_last;
	int64_t         to_us;

	TRY(db_tx_query(tx, &select_end, DB_ARGS(DB_I64(from_us), DB_I64(MESSAGES_AT_ONCE)),
	                &rows));
	is_last = db_rows_is_null(rows, 0, 0);
	to_us = is_last ? STATS_PERIOD_MAX_US : db_rows_us(rows, 0, 0);
	TRY(db_tx_query(tx, &count_hours, DB_ARGS(DB_I64(from_us), DB_I64(to_us)), NULL));
	*out_next_us = is_last ? 0 : to_us;
	return STATUS_OK;
}

status stats_count_totals(struct db_tx *tx)
{
	TRY(db_tx_query(tx, &hold_totals, DB_NO_ARGS, NULL));
	TRY(db_tx_query(tx, &total_channels, DB_NO_ARGS, NULL));
	TRY(db_tx_query(tx, &total_accounts, DB_NO_ARGS, NULL));
	return db_tx_query(tx, &total_hours, DB_NO_ARGS, NULL);
}
