#include "services/incidents/due.h"

#include "services/incidents/events.h"

/*
 * how many. Type by type, as the indexes have them: the longest ago first. It is looked at again
 * once a row is held, so that what was confirmed in the meantime stays. statement_timestamp() does
 * not change within the statement: an index is searched by it.
 */
/* clang-format off */
#define DELETE_DUE(time, seconds)                                                                  \
	"UPDATE incidents.incidents AS i SET deleted_time = clock_timestamp()"                     \
	"  FROM incidents.types AS t, ("                                                           \
	"    SELECT past.id FROM incidents.types AS each CROSS JOIN LATERAL ("                     \
	"      SELECT id FROM incidents.incidents"                                                 \
	"       WHERE type_id = each.id AND deleted_time IS NULL"                                  \
	"         AND " time " < statement_timestamp() - make_interval(secs => each." seconds ")"  \
	"       ORDER BY " time " LIMIT $1 FOR UPDATE SKIP LOCKED) AS past"                        \
	"     LIMIT $1) AS due"                                                                    \
	" WHERE i.id = due.id AND t.id = i.type_id RETURNING " INCIDENTS_ROW_COLUMNS

DB_QUERY(delete_unconfirmed, DELETE_DUE("updated_time", "unconfirmed_seconds"));
DB_QUERY(delete_old, DELETE_DUE("created_time", "lifetime_seconds"));
/* clang-format on */

status incidents_due_delete(struct db_tx *tx, enum incidents_due_why why, size_t most,
                            size_t *out_count)
{
	static const struct db_query *const queries[] = {
	        [INCIDENTS_DUE_UNCONFIRMED] = &delete_unconfirmed,
	        [INCIDENTS_DUE_LIFETIME] = &delete_old,
	};
	struct db_rows *rows;
	size_t          n;

	TRY(db_tx_query(tx, queries[why], DB_ARGS(DB_I64((int64_t)most)), &rows));
	n = db_rows_count(rows);
	for (size_t i = 0; i < n; i++) {
		struct incidents_row row;

		incidents_row_read(rows, i, &row);
		TRY(incidents_events_deleted(tx, &row));
	}
	*out_count = n;
	return STATUS_OK;
}
