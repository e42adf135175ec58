#include "canaduck/stats/v1/stats.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/stats/period.h"
#include "services/stats/stats.h"

DB_QUERY(select_top, "SELECT account_id, messages FROM stats.account_totals"
                     " WHERE messages > 0 ORDER BY messages DESC, account_id LIMIT $1");

/* clang-format off */
DB_QUERY(select_accounts,
         "SELECT n.account_id, sum(n.messages)::int8 FROM " STATS_PERIOD_COUNTED
         " GROUP BY n.account_id HAVING sum(n.messages) > 0"
         " ORDER BY 2 DESC, n.account_id LIMIT $7");
/* clang-format on */

status stats_list_messages_per_user(struct stats *app, struct rpc_call *call,
                                    const stats_list_messages_per_user_request *req,
                                    stats_list_messages_per_user_response      *out_response)
{
	const struct stats_period period = STATS_PERIOD(stats_list_messages_per_user_request, req);
	struct arena             *a = &call->arena;
	struct db_rows           *rows;
	int64_t                  *ids;
	char                    **pseudos;
	size_t                    n;

	TRY(STATS_PERIOD_READ(app->db, a, &period, &select_top, &select_accounts, &rows));
	n = db_rows_count(rows);
	ids = arena_alloc(a, (n + 1) * sizeof *ids);
	pseudos = arena_alloc(a, (n + 1) * sizeof *pseudos);
	for (size_t i = 0; i < n; i++)
		ids[i] = db_rows_i64(rows, i, 0);
	TRY(people_names(&app->people, call, ids, n, pseudos));

	out_response->users = arena_alloc(a, (n + 1) * sizeof(*out_response->users));
	out_response->n_users = n;
	for (size_t i = 0; i < n; i++) {
		stats_user_messages *user = arena_alloc(a, sizeof *user);

		stats_user_messages_init(user);
		user->user = pseudos[i];
		user->messages = db_rows_i64(rows, i, 1);
		out_response->users[i] = user;
	}
	return STATUS_OK;
}
