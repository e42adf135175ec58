/*
 * Design notes. Two reports of one spot lock a cell in common (incidents/place.h), so the second
 * looks for what the first wrote. Rows of cells and reporters are made and locked by one statement,
 * in order, whether they are new or not.
 */
#include "services/incidents/report.h"

#include "services/incidents/events.h"

#define SAME_SPOT_M 100

#define TEXT_OF(x)  TEXT_OF_(x)
#define TEXT_OF_(x) #x

/* clang-format off */
DB_QUERY(hold_reporter,
         "INSERT INTO incidents.reporters AS r (account_id, reported_time) VALUES ($1, 'epoch')"
         " ON CONFLICT (account_id) DO UPDATE SET reported_time = r.reported_time"
         " RETURNING greatest(0, ceil(extract(epoch FROM"
         "             r.reported_time + interval '60 s' - clock_timestamp())))::int8");

DB_QUERY(hold_cells,
         "INSERT INTO incidents.cells AS c (id) SELECT x FROM unnest($1::int8[]) AS x ORDER BY x"
         " ON CONFLICT (id) DO UPDATE SET id = c.id");

DB_QUERY(lock_nearest,
         "SELECT " INCIDENTS_ROW_COLUMNS
         "  FROM incidents.incidents AS i JOIN incidents.types AS t ON t.id = i.type_id"
         " WHERE i.deleted_time IS NULL AND i.type_id = $3"
         "   AND ST_DWithin(i.place, " INCIDENTS_ROW_PLACE("$1", "$2") ", " TEXT_OF(SAME_SPOT_M) ")"
         " ORDER BY ST_Distance(i.place, " INCIDENTS_ROW_PLACE("$1", "$2") "), i.id"
         " LIMIT 1 FOR UPDATE OF i");

DB_QUERY(insert_incident,
         "WITH i AS ("
         "  INSERT INTO incidents.incidents (type_id, account_id, place, created_time, updated_time)"
         "  SELECT $3::int8, $4::int8, " INCIDENTS_ROW_PLACE("$1", "$2") ", now, now"
         "    FROM clock_timestamp() AS now"
         "  RETURNING " INCIDENTS_ROW_RAW ")"
         " SELECT " INCIDENTS_ROW_COLUMNS " FROM i JOIN incidents.types AS t ON t.id = i.type_id");

DB_QUERY(note_report,
         "UPDATE incidents.reporters SET reported_time = clock_timestamp() WHERE account_id = $1");

DB_QUERY(delete_reporters,
         "DELETE FROM incidents.reporters WHERE account_id = ANY($1::int8[])");
/* clang-format on */

status incidents_report_hold_reporter(struct db_tx *tx, struct rpc_call *call)
{
	struct db_rows *rows;
	int64_t         wait_s;

	TRY(db_tx_query(tx, &hold_reporter, DB_ARGS(DB_I64(call->who.account_id)), &rows));
	wait_s = db_rows_i64(rows, 0, 0);
	if (wait_s > 0)
		return rpc_call_too_often(call, 1, (uint32_t)wait_s,
		                          "you reported an incident within the past minute");
	return STATUS_OK;
}

status incidents_report_hold_place(struct db_tx *tx, struct incidents_place place, int64_t type_id,
                                   struct incidents_row *out_row, bool *out_found)
{
	int64_t         cells[INCIDENTS_PLACE_CELLS];
	size_t          n = incidents_place_cells(place, SAME_SPOT_M, cells);
	struct db_rows *rows;

	TRY(db_tx_query(tx, &hold_cells, DB_ARGS(DB_I64S(cells, n)), NULL));
	TRY(db_tx_query(tx, &lock_nearest,
	                DB_ARGS(DB_DOUBLE(place.lat), DB_DOUBLE(place.lon), DB_I64(type_id)),
	                &rows));
	*out_found = db_rows_count(rows) > 0;
	if (*out_found)
		incidents_row_read(rows, 0, out_row);
	return STATUS_OK;
}

status incidents_report_insert(struct db_tx *tx, struct incidents_place place, int64_t type_id,
                               int64_t account_id, struct incidents_row *out_row)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &insert_incident,
	                DB_ARGS(DB_DOUBLE(place.lat), DB_DOUBLE(place.lon), DB_I64(type_id),
	                        DB_I64(account_id)),
	                &rows));
	incidents_row_read(rows, 0, out_row);
	TRY(db_tx_query(tx, &note_report, DB_ARGS(DB_I64(account_id)), NULL));
	return incidents_events_created(tx, out_row);
}

status incidents_report_forget(struct db_tx *tx, const int64_t *account_ids, size_t n)
{
	return db_tx_query(tx, &delete_reporters, DB_ARGS(DB_I64S(account_ids, n)), NULL);
}
