/*
 * Design notes. Whoever adds an interaction holds the incident's row: one comes after the other,
 * and each sees those before it. So the one that completes a row of the same opinion knows that it
 * does, and the next finds the incident gone or certified.
 */
#include "services/incidents/interaction.h"

#include "services/incidents/events.h"

/* clang-format off */
DB_QUERY(select_wait,
         "SELECT greatest(0, ceil(extract(epoch FROM"
         "         created_time + interval '1 hour' - clock_timestamp())))::int8"
         "  FROM incidents.interactions WHERE incident_id = $1 AND account_id = $2"
         " ORDER BY id DESC LIMIT 1");

DB_QUERY(insert_interaction,
         "INSERT INTO incidents.interactions"
         "   (incident_id, account_id, is_still_present, created_time)"
         " VALUES ($1, $2, $3, clock_timestamp())"
         " RETURNING id, account_id, is_still_present, " DB_US("created_time"));

/*
 * The row of opinions that ends with the interaction; positive ones certify once, and are not
 * counted after that: there may be thousands.
 */
DB_QUERY(update_incident,
         "WITH last AS (SELECT s.id, s.incident_id, s.is_still_present, s.created_time,"
         "                     i.certified_time IS NULL OR NOT s.is_still_present AS counts"
         "                FROM incidents.interactions AS s"
         "                JOIN incidents.incidents AS i ON i.id = s.incident_id WHERE s.id = $1),"
         " streak AS (SELECT count(DISTINCT s.account_id) AS people FROM last"
         "              JOIN incidents.interactions AS s ON s.incident_id = last.incident_id"
         "               AND s.is_still_present = last.is_still_present AND last.counts"
         "               AND s.id > coalesce("
         "                 (SELECT max(other.id) FROM incidents.interactions AS other"
         "                   WHERE other.incident_id = last.incident_id"
         "                     AND other.is_still_present = NOT last.is_still_present), 0))"
         " UPDATE incidents.incidents AS i"
         "    SET updated_time = last.created_time,"
         "        deleted_time = CASE WHEN NOT last.is_still_present"
         "                             AND streak.people >= t.negatives_to_delete"
         "                       THEN last.created_time END,"
         "        certified_time = CASE WHEN i.certified_time IS NULL AND last.is_still_present"
         "                               AND streak.people >= t.positives_to_certify"
         "                         THEN last.created_time ELSE i.certified_time END"
         "   FROM last, streak, incidents.types AS t"
         "  WHERE i.id = last.incident_id AND t.id = i.type_id"
         " RETURNING " INCIDENTS_ROW_COLUMNS);
/* clang-format on */

status incidents_interaction_wait(struct db_tx *tx, int64_t incident_id, int64_t account_id,
                                  int64_t *out_seconds)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_wait, DB_ARGS(DB_I64(incident_id), DB_I64(account_id)), &rows));
	*out_seconds = db_rows_count(rows) ? db_rows_i64(rows, 0, 0) : 0;
	return STATUS_OK;
}

status incidents_interaction_add(struct db_tx *tx, struct incidents_row *row, int64_t account_id,
                                 bool is_still_present, struct incidents_interaction_row *out_said)
{
	const bool      was_certified = row->certified_us != 0;
	struct db_rows *rows;

	TRY(db_tx_query(tx, &insert_interaction,
	                DB_ARGS(DB_I64(row->id), DB_I64(account_id), DB_BOOL(is_still_present)),
	                &rows));
	*out_said = (struct incidents_interaction_row){
	        .id = db_rows_i64(rows, 0, 0),
	        .account_id = db_rows_i64(rows, 0, 1),
	        .is_still_present = db_rows_bool(rows, 0, 2),
	        .created_us = db_rows_us(rows, 0, 3),
	};
	TRY(db_tx_query(tx, &update_incident, DB_ARGS(DB_I64(out_said->id)), &rows));
	incidents_row_read(rows, 0, row);
	if (row->deleted_us)
		return incidents_events_deleted(tx, row);
	if (row->certified_us && !was_certified)
		return incidents_events_certified(tx, row);
	return STATUS_OK;
}
