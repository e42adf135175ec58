/*
 * Design notes. The ledger is written into a schema of the storm's own database, and each claim is
 * a query for what contradicts it: it must find nothing.
 */
#include "test/e2e/storm_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 200 };

/* ---- the ledger ---- */

static const char *const deeds[STORM_DEEDS] = {"not tried", "done", "refused", "open"};

/* Rows of VALUES, gathered. */
struct rows {
	struct sql *sql;
	const char *table;
	char        text[ROWS_AT_ONCE * 256];
	size_t      len, n;
};

static void write_rows(struct rows *w)
{
	static char statement[sizeof w->text + 64];

	if (w->n == 0)
		return;
	snprintf(statement, sizeof statement, "INSERT INTO ledger.%s VALUES %s;", w->table,
	         w->text);
	sql_run(w->sql, statement);
	w->len = w->n = 0;
}

__attribute__((format(printf, 2, 3))) static void add_row(struct rows *w, const char *format, ...)
{
	va_list ap;

	if (w->n)
		w->text[w->len++] = ',';
	va_start(ap, format);
	w->len += (size_t)vsnprintf(w->text + w->len, sizeof w->text - w->len, format, ap);
	va_end(ap);
	assert_true(w->len < sizeof w->text);
	if (++w->n == ROWS_AT_ONCE)
		write_rows(w);
}

static void add_message(struct rows *w, const struct storm_client *c, unsigned k)
{
	const struct storm_message *m = &c->messages[k];

	add_row(w, "('%zu.%u', %lld, %" PRId64 ", '%s', %" PRId64 ", '%s', '%s', %u, %u)",
	        c->number, k, (long long)m->id, c->account.id,
	        m->channel < 0 ? "" : storm_channels[m->channel],
	        m->channel < 0 ? c->storm->clients[m->to].account.id : 0, deeds[m->sent],
	        deeds[m->removed], m->version, m->tried);
}

static const char make_tables[] =
        "CREATE SCHEMA ledger;"
        "CREATE TABLE ledger.messages (key text, id bigint, account_id bigint, channel text,"
        "  to_account_id bigint, sent text, removed text, version int, tried int);"
        "CREATE TABLE ledger.reactions (message_id bigint, emoji text, account_id bigint,"
        "  is_there boolean, last text);";

/* What is there, by the key that its text begins with. */
static const char make_found[] =
        "CREATE TABLE ledger.found AS"
        "  SELECT split_part(m.text, ' ', 1) AS key, split_part(m.text, ' ', 2)::int AS version,"
        "         m.id, m.account_id, coalesce(c.name, '') AS channel,"
        "         coalesce(m.to_account_id, 0) AS to_account_id, m.reaction_count"
        "    FROM messages.messages AS m LEFT JOIN channels.channels AS c ON c.id = m.channel_id;"
        "CREATE INDEX ON ledger.found (key);"
        "CREATE INDEX ON ledger.found (id);"
        "CREATE INDEX ON ledger.messages (key);"
        "CREATE INDEX ON ledger.reactions (message_id, emoji, account_id);"
        "ANALYZE ledger.messages, ledger.reactions, ledger.found;";

static void write_ledger(struct storm *s)
{
	static struct rows messages, reactions;

	sql_run(&s->sql, make_tables);
	messages = (struct rows){.sql = &s->sql, .table = "messages"};
	reactions = (struct rows){.sql = &s->sql, .table = "reactions"};
	for (size_t i = 0; i < s->n_clients; i++) {
		const struct storm_client *c = &s->clients[i];

		for (unsigned k = 0; k < c->n_messages; k++)
			add_message(&messages, c, k);
		for (const struct storm_reaction *r = c->reactions;
		     r < c->reactions + c->n_reactions; r++)
			add_row(&reactions, "(%" PRId64 ", '%u', %" PRId64 ", %s, '%s')",
			        r->message_id, r->emoji, c->account.id,
			        r->is_there ? "true" : "false", deeds[r->last]);
	}
	write_rows(&messages);
	write_rows(&reactions);
	sql_run(&s->sql, make_found);
}

static const struct {
	const char *what, *query;
} contradictions[] = {
        {"acknowledged, but not there as it was acknowledged last",
         "SELECT l.* FROM ledger.messages AS l WHERE sent = 'done' AND removed <> 'done'"
         "   AND (removed <> 'open' OR EXISTS (SELECT FROM ledger.found AS f WHERE f.id = l.id))"
         "   AND NOT EXISTS (SELECT FROM ledger.found AS f WHERE f.key = l.key AND f.id = l.id"
         "     AND f.account_id = l.account_id AND f.channel = l.channel"
         "     AND f.to_account_id = l.to_account_id AND f.version IN (l.version, l.tried))"},
        {"refused, or deleted, but there",
         "SELECT * FROM ledger.messages AS l JOIN ledger.found USING (key)"
         " WHERE sent = 'refused' OR removed = 'done'"},
        {"there more than once", "SELECT key FROM ledger.found GROUP BY key HAVING count(*) > 1"},
        {"never sent, but there",
         "SELECT * FROM ledger.found WHERE key NOT IN (SELECT key FROM ledger.messages)"},
        {"an acknowledged reaction is not there, or one that was taken back is",
         "SELECT r.* FROM ledger.reactions AS r JOIN ledger.found AS f ON f.id = r.message_id"
         " WHERE r.last <> 'open' AND r.is_there <> EXISTS ("
         "   SELECT FROM messages.reactions AS x WHERE x.message_id = r.message_id"
         "      AND x.emoji = r.emoji AND x.account_id = r.account_id)"},
        {"a reaction that nobody asked for",
         "SELECT * FROM messages.reactions AS x WHERE NOT EXISTS ("
         "  SELECT FROM ledger.reactions AS r WHERE r.message_id = x.message_id"
         "     AND r.emoji = x.emoji AND r.account_id = x.account_id)"},
        {"reactions are not counted right",
         "SELECT * FROM ledger.found AS f WHERE reaction_count <> ("
         "  SELECT count(*) FROM messages.reactions AS x WHERE x.message_id = f.id)"},
        {"a conversation has another last message, or counts what is unread wrong",
         "SELECT * FROM messages.conversations AS c"
         " WHERE (coalesce(last_message_id, 0), low_unread_count, high_unread_count) <> ("
         "   SELECT coalesce(max(id), 0),"
         "          count(*) FILTER (WHERE to_account_id = low_account_id AND id > low_read_id),"
         "          count(*) FILTER (WHERE to_account_id = high_account_id AND id > high_read_id)"
         "     FROM messages.messages AS m WHERE m.conversation_id = c.id)"},
        {"a conversation was read up to where nobody read it",
         "SELECT * FROM messages.conversations AS c WHERE (low_read_id, high_read_id) <> ("
         "  SELECT coalesce(max(last_message_id) FILTER (WHERE account_id = low_account_id), 0),"
         "         coalesce(max(last_message_id) FILTER (WHERE account_id = high_account_id), 0)"
         "    FROM messages.reads AS r WHERE r.conversation_id = c.id)"},
};

void storm_check_ledger(struct storm *s)
{
	/* The database ends what the dead left open. */
	assert_soon(sql_number(&s->sql,
	                       "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
	                       " AND datname = current_database();") == 1);
	write_ledger(s);
	for (size_t i = 0; i < s->n_clients; i++)
		if (s->clients[i].unexpected)
			fail_msg("a client was told %ld", s->clients[i].unexpected);
	for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions; i++) {
		char        statement[1024];
		const char *rows;

		snprintf(statement, sizeof statement, "%s LIMIT 10;", contradictions[i].query);
		rows = sql_run(&s->sql, statement);
		if (*rows)
			fail_msg("%s:\n%s", contradictions[i].what, rows);
	}
}

/* ---- statistics ---- */

/* What is kept here and is not there, or the other way round. */
#define DIFFERENCE(a, b)                                                                           \
	"(SELECT count(*) FROM ((" a " EXCEPT " b ") UNION ALL (" b " EXCEPT " a ")) AS d)"

/* clang-format off */
static const char differences[] =
        "SELECT " DIFFERENCE(
                "SELECT id, channel_id, account_id, created_time, reaction_count"
                "  FROM messages.messages WHERE channel_id IS NOT NULL",
                "SELECT id, channel_id, account_id, created_time, reactions FROM stats.messages")
        " + " DIFFERENCE(
                "SELECT channel_id, account_id, date_trunc('hour', created_time, 'UTC'), count(*)"
                "  FROM messages.messages WHERE channel_id IS NOT NULL GROUP BY 1, 2, 3",
                "SELECT channel_id, account_id, hour, messages FROM stats.counts"
                " WHERE messages <> 0")
        " + " DIFFERENCE(
                "SELECT id, name, modes LIKE '%p%' FROM channels.channels",
                "SELECT id, name, is_private FROM stats.channels WHERE NOT is_deleted")
        ";";

#define PUBLIC                                                                                     \
	" FROM messages.messages AS m JOIN channels.channels AS c"                                 \
	"   ON c.id = m.channel_id AND c.modes NOT LIKE '%p%'"                                     \
	" JOIN users.accounts AS u ON u.id = m.account_id "

static const struct {
	const char *path, *recount; /* the answer, in its order */
} shown[] = {
        {"/stats/active-channels",
         "SELECT jsonb_agg(jsonb_build_object('channel', name, 'messages', n)"
         "                 ORDER BY n DESC, id)"
         "  FROM (SELECT c.id, c.name, count(*) AS n" PUBLIC "GROUP BY c.id) AS x"},
        {"/stats/hourly-activity",
         "SELECT jsonb_agg(jsonb_build_object('hour',"
         "                   to_char(hour, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), 'messages', n)"
         "                 ORDER BY hour)"
         "  FROM (SELECT date_trunc('hour', m.created_time AT TIME ZONE 'UTC') AS hour,"
         "               count(*) AS n" PUBLIC "GROUP BY 1) AS x"},
        {"/stats/messages-per-user",
         "SELECT jsonb_agg(jsonb_build_object('user', pseudo, 'messages', n)"
         "                 ORDER BY n DESC, id)"
         "  FROM (SELECT u.id, u.pseudo, count(*) AS n" PUBLIC "GROUP BY u.id) AS x"},
        {"/stats/top-reacted-messages",
         "SELECT jsonb_agg(jsonb_build_object('id', id, 'channel', name, 'from', pseudo,"
         "                                    'text', text, 'reactions', n)"
         "                 ORDER BY n DESC, id DESC)"
         "  FROM (SELECT m.id, c.name, u.pseudo, m.text, r.n" PUBLIC
         "         JOIN (SELECT message_id, count(*) AS n FROM messages.reactions GROUP BY 1) AS r"
         "           ON r.message_id = m.id"
         "         ORDER BY r.n DESC, m.id DESC LIMIT 1000) AS x"},
};
/* clang-format on */

static void check_shown(struct storm *s, const char *path, const char *recount)
{
	char                 query[128];
	struct http_response r;
	char                *answer, *statement;

	snprintf(query, sizeof query, "%s?limit=1000", path);
	r = http_get(s->server.port, query, NULL);
	assert_http(r, 200);
	assert_true(json_array_size(http_json(&r, "result")) > 0);
	answer = json_dumps(http_json(&r, "result"), JSON_COMPACT);
	assert_true(asprintf(&statement, "SELECT '%s'::jsonb = (%s);", answer, recount) > 0);
	if (strcmp(sql_run(&s->sql, statement), "t\n") != 0)
		fail_msg("%s is no recount: %.2000s", path, answer);
	free(statement);
	free(answer);
	http_response_free(&r);
}

void storm_check_statistics(struct storm *s)
{
	assert_soon(sql_number(&s->sql, differences) == 0);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		check_shown(s, shown[i].path, shown[i].recount);
}
