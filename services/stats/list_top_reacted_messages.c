#include "canaduck/stats/v1/stats.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/stats/period.h"
#include "services/stats/stats.h"

enum { ID, CHANNEL, ACCOUNT_ID, TEXT, REACTIONS };

/* A page fits a message of the transport; one row always does. */
enum { MAX_TEXT_BYTES = 4 * 1024 * 1024 };

/* clang-format off */
/* limit, bytes; then what a condition takes */
#define SELECT_TOP(condition)                                                                      \
	"SELECT id, name, account_id, text, reactions FROM ("                                      \
	"  SELECT top.*, sum(octet_length(text)) OVER (ORDER BY reactions DESC, id DESC)"          \
	"                  - octet_length(text) AS bytes_before"                                   \
	"    FROM (SELECT m.id, c.name, m.account_id, m.text, m.reactions::int8"                   \
	"            FROM stats.messages AS m"                                                     \
	"            JOIN stats.channels AS c"                                                     \
	"              ON c.id = m.channel_id AND NOT c.is_private AND NOT c.is_deleted"           \
	"           WHERE m.reactions > 0" condition                                               \
	"           ORDER BY m.reactions DESC, m.id DESC LIMIT $1) AS top) AS counted"             \
	" WHERE bytes_before <= $2 ORDER BY reactions DESC, id DESC"

/* Two, since they are answered along different indexes, whatever the period is. */
DB_QUERY(select_top, SELECT_TOP(""));
DB_QUERY(select_top_of_period, SELECT_TOP(" AND " STATS_PERIOD_WITHIN("$3", "$4")));
/* clang-format on */

static status select_rows(struct stats *app, struct arena *a, const struct stats_period *p,
                          struct db_rows **out_rows)
{
	if (p->is_all)
		return db_read(app->db, a, &select_top,
		               DB_ARGS(DB_I64(p->limit), DB_I64(MAX_TEXT_BYTES)), out_rows);
	return db_read_slow(app->db, a, &select_top_of_period,
	                    DB_ARGS(DB_I64(p->limit), DB_I64(MAX_TEXT_BYTES), DB_I64(p->since),
	                            DB_I64(p->until)),
	                    out_rows);
}

status stats_list_top_reacted_messages(struct stats *app, struct rpc_call *call,
                                       const stats_list_top_reacted_messages_request *req,
                                       stats_list_top_reacted_messages_response      *out_response)
{
	const struct stats_period period =
	        STATS_PERIOD(stats_list_top_reacted_messages_request, req);
	struct arena   *a = &call->arena;
	struct db_rows *rows;
	int64_t        *ids;
	char          **pseudos;
	size_t          n;

	TRY(select_rows(app, a, &period, &rows));
	n = db_rows_count(rows);
	ids = arena_alloc(a, (n + 1) * sizeof *ids);
	pseudos = arena_alloc(a, (n + 1) * sizeof *pseudos);
	for (size_t i = 0; i < n; i++)
		ids[i] = db_rows_i64(rows, i, ACCOUNT_ID);
	TRY(people_names(&app->people, call, ids, n, pseudos));

	out_response->messages = arena_alloc(a, (n + 1) * sizeof(*out_response->messages));
	out_response->n_messages = n;
	for (size_t i = 0; i < n; i++) {
		stats_reacted_message *message = arena_alloc(a, sizeof *message);

		stats_reacted_message_init(message);
		message->id = db_rows_i64(rows, i, ID);
		message->channel = db_rows_cstr(rows, i, CHANNEL);
		message->from = pseudos[i];
		message->text = db_rows_cstr(rows, i, TEXT);
		message->reactions = db_rows_i64(rows, i, REACTIONS);
		out_response->messages[i] = message;
	}
	return STATUS_OK;
}
