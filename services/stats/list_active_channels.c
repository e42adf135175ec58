#include "canaduck/stats/v1/stats.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/stats/period.h"
#include "services/stats/stats.h"

DB_QUERY(select_top, "SELECT c.name, t.messages FROM stats.channel_totals AS t"
                     "  JOIN stats.channels AS c"
                     "    ON c.id = t.channel_id AND NOT c.is_private AND NOT c.is_deleted"
                     " WHERE t.messages > 0 ORDER BY t.messages DESC, t.channel_id LIMIT $1");

/* clang-format off */
DB_QUERY(select_channels,
         "SELECT c.name, sum(n.messages)::int8 FROM " STATS_PERIOD_COUNTED
         " GROUP BY c.id, c.name HAVING sum(n.messages) > 0"
         " ORDER BY 2 DESC, c.id LIMIT $7");
/* clang-format on */

status stats_list_active_channels(struct stats *app, struct rpc_call *call,
                                  const stats_list_active_channels_request *req,
                                  stats_list_active_channels_response      *out_response)
{
	const struct stats_period period = STATS_PERIOD(stats_list_active_channels_request, req);
	struct arena             *a = &call->arena;
	struct db_rows           *rows;
	size_t                    n;

	TRY(STATS_PERIOD_READ(app->db, a, &period, &select_top, &select_channels, &rows));
	n = db_rows_count(rows);
	out_response->channels = arena_alloc(a, (n + 1) * sizeof(*out_response->channels));
	out_response->n_channels = n;
	for (size_t i = 0; i < n; i++) {
		stats_active_channel *channel = arena_alloc(a, sizeof *channel);

		stats_active_channel_init(channel);
		channel->channel = db_rows_cstr(rows, i, 0);
		channel->messages = db_rows_i64(rows, i, 1);
		out_response->channels[i] = channel;
	}
	return STATUS_OK;
}
