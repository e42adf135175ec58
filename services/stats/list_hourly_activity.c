#include "canaduck/stats/v1/stats.server.h"

#include "db/db.h"
#include "pb/timestamp.h"
#include "rpc/call.h"
#include "services/stats/period.h"
#include "services/stats/stats.h"

/* clang-format off */
DB_QUERY(select_newest,
         "SELECT hour_us, messages FROM ("
         "  SELECT " DB_US("hour") " AS hour_us, messages FROM stats.hour_totals"
         "   WHERE messages > 0 ORDER BY hour DESC LIMIT $1) AS newest"
         " ORDER BY hour_us");

DB_QUERY(select_hours,
         "SELECT hour_us, messages FROM ("
         "  SELECT " DB_US("n.hour") " AS hour_us, sum(n.messages)::int8 AS messages"
         "    FROM " STATS_PERIOD_COUNTED
         "   GROUP BY n.hour HAVING sum(n.messages) > 0 ORDER BY n.hour DESC LIMIT $7) AS newest"
         " ORDER BY hour_us");
/* clang-format on */

status stats_list_hourly_activity(struct stats *app, struct rpc_call *call,
                                  const stats_list_hourly_activity_request *req,
                                  stats_list_hourly_activity_response      *out_response)
{
	const struct stats_period period = STATS_PERIOD(stats_list_hourly_activity_request, req);
	struct arena             *a = &call->arena;
	struct db_rows           *rows;
	size_t                    n;

	TRY(STATS_PERIOD_READ(app->db, a, &period, &select_newest, &select_hours, &rows));
	n = db_rows_count(rows);
	out_response->hours = arena_alloc(a, (n + 1) * sizeof(*out_response->hours));
	out_response->n_hours = n;
	for (size_t i = 0; i < n; i++) {
		stats_hourly_activity *hour = arena_alloc(a, sizeof *hour);

		stats_hourly_activity_init(hour);
		hour->hour = pb_timestamp_from_us(a, db_rows_us(rows, i, 0));
		hour->messages = db_rows_i64(rows, i, 1);
		out_response->hours[i] = hour;
	}
	return STATUS_OK;
}
