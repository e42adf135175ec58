#include "services/stats/stats.h"
#include "test/integration/services/plans.h"
#include "test/support/test.h"

static struct sql sql;

/* Enough that whoever reads all of it does so by mistake; counts fill the totals. */
static const char *const rows[] = {
        "INSERT INTO stats.channels (id, name, is_private, is_deleted, version)"
        " SELECT i, 'c' || i, i % 10 = 0, false, 1 FROM generate_series(1, 2000) AS i;",
        "INSERT INTO stats.messages (id, channel_id, account_id, created_time, reactions, text,"
        "                            version)"
        " SELECT i, 1 + i * i % 1999 * i % 1777, 1 + i * i % 2999 * i % 2777, '2026-01-01Z'::timestamptz + i * interval '7 min',"
        "        CASE WHEN i % 5 = 0 THEN i % 70 ELSE 0 END, 'x', 1"
        "   FROM generate_series(1::int8, 20000) AS i;",
        "INSERT INTO stats.counts (channel_id, account_id, hour, messages)"
        " SELECT channel_id, account_id, date_trunc('hour', created_time, 'UTC'), count(*)"
        "   FROM stats.messages GROUP BY 1, 2, 3;",
        "INSERT INTO stats.leftovers (channel_id) SELECT generate_series(1, 1000);",
        "VACUUM ANALYZE stats.channels, stats.messages, stats.counts, stats.leftovers,"
        " stats.channel_totals, stats.account_totals, stats.hour_totals;",
};

/* What is asked of a period reads what was counted in it: as much as it is long. */
static const struct plans_statement hot[] = {
        {"stats/list_active_channels.c", "select_top", "10"},
        {"stats/list_hourly_activity.c", "select_newest", "10"},
        {"stats/list_messages_per_user.c", "select_top", "10"},
        {"stats/list_top_reacted_messages.c", "select_top", "10, 100000"},
        {"stats/count.c", "remove_messages", "'{1,2,3}'"},
        {"stats/count.c", "keep_messages", "100, 200, '{101,102,103}'"},
        {"stats/count.c", "select_end", "0, 1000"},
        {"stats/count.c", "count_hours", "1767225600000000, 1767232800000000"},
        {"stats/channels.c", "keep_channels", "100, 200, '{101,102,103}'"},
        {"stats/channels.c", "lock_leftover", "7"},
        {"stats/channels.c", "remove_messages", "7, 1000"},
        {"stats/channels.c", "remove_counts", "7"},
};

static int fill(void **state __attribute__((unused)))
{
	plans_open(&sql, &stats_runtime);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		sql_run(&sql, rows[i]);
	return 0;
}

static int end(void **state __attribute__((unused)))
{
	sql_close(&sql);
	return 0;
}

TEST(no_hot_statement_of_stats_reads_a_whole_table)
{
	for (size_t i = 0; i < sizeof hot / sizeof *hot; i++)
		plans_look(&sql, &hot[i]);
}

TEST_MAIN(fill, end)
