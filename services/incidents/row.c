#include "services/incidents/row.h"

#include "pb/timestamp.h"

enum { ID = INCIDENTS_TYPE_N_COLUMNS, ACCOUNT_ID, LAT, LON, CREATED, UPDATED, CERTIFIED, DELETED };

void incidents_row_read(const struct db_rows *rows, size_t row, struct incidents_row *out_row)
{
	*out_row = (struct incidents_row){
	        .id = db_rows_i64(rows, row, ID),
	        .account_id = db_rows_i64(rows, row, ACCOUNT_ID),
	        .place = {db_rows_double(rows, row, LAT), db_rows_double(rows, row, LON)},
	        .created_us = db_rows_us(rows, row, CREATED),
	        .updated_us = db_rows_us(rows, row, UPDATED),
	        .certified_us = db_rows_us(rows, row, CERTIFIED),
	        .deleted_us = db_rows_us(rows, row, DELETED),
	};
	incidents_type_init(&out_row->type);
	incidents_type_read(rows, row, 0, &out_row->type);
}

struct incidents_row *incidents_row_read_all(const struct db_rows *rows, struct arena *a,
                                             size_t *out_count)
{
	size_t                n = db_rows_count(rows);
	struct incidents_row *all = arena_alloc(a, (n + 1) * sizeof *all);

	for (size_t i = 0; i < n; i++)
		incidents_row_read(rows, i, &all[i]);
	*out_count = n;
	return all;
}

incidents_incident_state *incidents_row_state(struct incidents_row *row, struct arena *a)
{
	incidents_incident_state *state = arena_alloc(a, sizeof *state);

	incidents_incident_state_init(state);
	state->id = row->id;
	state->user_id = row->account_id;
	state->type = &row->type;
	state->lat = row->place.lat;
	state->lon = row->place.lon;
	state->created_at = pb_timestamp_from_us(a, row->created_us);
	state->updated_at = pb_timestamp_from_us(a, row->updated_us);
	if (row->certified_us)
		state->certified_at = pb_timestamp_from_us(a, row->certified_us);
	if (row->deleted_us)
		state->deleted_at = pb_timestamp_from_us(a, row->deleted_us);
	return state;
}
