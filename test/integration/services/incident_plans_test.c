#include "services/incidents/incidents.h"
#include "test/integration/services/plans.h"
#include "test/support/test.h"

static struct sql sql;

/* Enough that whoever reads all of it does so by mistake. */
static const char *const rows[] = {
        "INSERT INTO incidents.types SELECT i, 't' || i, '', false, 60, 60, 5, 5"
        "  FROM generate_series(6, 2000) AS i;",
        "INSERT INTO incidents.incidents (type_id, account_id, place, deleted_time)"
        " SELECT 1 + i % 5, 1 + i % 200,"
        "        ST_MakePoint((i * 7919) % 36000 / 100.0 - 180, (i * 10473) % 18000 / 100.0 - 90)"
        "          ::geography, CASE WHEN i % 4 = 0 THEN now() END"
        "   FROM generate_series(1, 40000) AS i;",
        /* A crowd, within 5 km or so of one spot. */
        "INSERT INTO incidents.incidents (type_id, account_id, place)"
        " SELECT 1 + i % 5, 1 + i % 200, ST_Project(ST_MakePoint(2.35, 48.86)::geography,"
        "        5000 * sqrt(i / 20000.0), i * 2.4) FROM generate_series(1, 20000) AS i;",
        "INSERT INTO incidents.interactions (incident_id, account_id, is_still_present)"
        " SELECT 1 + i % 20000, 1 + i % 199, i % 3 > 0 FROM generate_series(1, 60000) AS i;",
        "INSERT INTO incidents.interactions (incident_id, account_id, is_still_present)"
        " SELECT 20001 + i / 5001, i, i <= 10000 FROM generate_series(1, 10001) AS i;",
        "UPDATE incidents.incidents SET certified_time = now() WHERE id IN (20001, 20002);",
        "INSERT INTO incidents.reporters (account_id, reported_time)"
        " SELECT i, now() FROM generate_series(1, 2000) AS i;",
        "INSERT INTO incidents.people (account_id, pseudo, is_admin, deleted, version)"
        " SELECT i, 'p' || i, false, false, 1 FROM generate_series(1, 2000) AS i;",
        "VACUUM ANALYZE incidents.incidents, incidents.interactions, incidents.reporters,"
        " incidents.people, incidents.types;",
};

static int fill(void **state __attribute__((unused)))
{
	plans_open(&sql, &incidents_runtime);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		sql_run(&sql, rows[i]);
	return 0;
}

static int end(void **state __attribute__((unused)))
{
	sql_close(&sql);
	return 0;
}

static const struct plans_statement hot[] = {
        {"incidents/list_incidents.c", "select_nearest", "48.85, 2.35, 5000, NULL, 1000"},
        {"incidents/list_incidents.c", "select_nearest", "48.85, 2.35, 5000, 3, 10"},
        {"incidents/list_history.c", "select_last", "7, NULL, NULL, 50, 0"},
        {"incidents/list_history.c", "select_next", "7, NULL, 207, 50, 0"},
        {"incidents/included.c", "select_interactions", "'{1,2,3,4,5}', 10001"},
        {"incidents/included.c", "select_summaries", "'{1,2,3,4,5}'"},
        {"incidents/report.c", "lock_nearest", "48.85, 2.35, 3"},
        {"incidents/report.c", "note_report", "7"},
        {"incidents/report.c", "delete_reporters", "'{1,2,3}'"},
        {"incidents/interaction.c", "select_wait", "7, 8"},
        {"incidents/interaction.c", "update_incident", "7"},
        {"incidents/create_interaction.c", "lock_incident", "7"},
        {"incidents/delete_incident.c", "delete_incident", "7"},
};

TEST(no_hot_statement_reads_a_whole_table)
{
	for (size_t i = 0; i < sizeof hot / sizeof *hot; i++)
		plans_look(&sql, &hot[i]);
}

/* The row is held meanwhile: who comes later must not wait longer. */
static void bound_opinion(const char *interaction_id)
{
	const struct plans_statement update = {"incidents/interaction.c", "update_incident",
	                                       interaction_id};

	plans_bound(&sql, &update, 10);
}

TEST(one_more_opinion_costs_no_more_when_thousands_said_the_same)
{
	bound_opinion("65000");
}

TEST(another_opinion_costs_no_more_when_thousands_said_the_opposite)
{
	bound_opinion("70001");
}

/* However badly PostgreSQL guesses how many they are. */
TEST(of_a_crowd_no_more_are_read_than_are_wanted)
{
	static const struct plans_statement around[] = {
	        {"incidents/list_incidents.c", "select_nearest", "48.86, 2.35, 500, NULL, 100"},
	        {"incidents/list_incidents.c", "select_nearest", "48.86, 2.35, 40000, NULL, 100"},
	        {"incidents/list_incidents.c", "select_nearest", "48.86, 2.35, 40000, 3, 100"},
	};

	for (size_t i = 0; i < sizeof around / sizeof *around; i++)
		plans_bound(&sql, &around[i], 1000);
}

TEST(of_thousands_of_opinions_as_many_are_looked_at_as_are_shown)
{
	const struct plans_statement select = {"incidents/included.c", "select_interactions",
	                                       "'{20001, 20002}', 10001"};

	plans_bound(&sql, &select, 2001);
}

TEST_MAIN(fill, end)
