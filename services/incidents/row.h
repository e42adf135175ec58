/*
 * incidents/row.h - a row of incidents, by numbers; incidents/show.h makes of it what people see.
 */
#ifndef SERVICES_INCIDENTS_ROW_H
#define SERVICES_INCIDENTS_ROW_H

#include "services/incidents/place.h"
#include "services/incidents/type.h"

/*
 * Columns of incidents.incidents AS i and incidents.types AS t, in the order that
 * incidents_row_read() wants; further columns follow them.
 */
/* Broken by hand: the formatter splits literals between macros letter by letter. */
/* clang-format off */
#define INCIDENTS_ROW_COLUMNS                                                                      \
	INCIDENTS_TYPE_COLUMNS ", i.id, i.account_id,"                                             \
	" ST_Y(i.place::geometry), ST_X(i.place::geometry), "                                      \
	DB_US("i.created_time") ", " DB_US("i.updated_time") ","                                   \
	" coalesce(" DB_US("i.certified_time") ", 0), coalesce(" DB_US("i.deleted_time") ", 0)"
/* clang-format on */

/* What of a row they need, for a subselect AS i. */
#define INCIDENTS_ROW_RAW                                                                          \
	"id, type_id, account_id, place, created_time, updated_time, certified_time, deleted_time"

enum { INCIDENTS_ROW_N_COLUMNS = INCIDENTS_TYPE_N_COLUMNS + 8 };

/* SQL: a place of parameters that hold latitude and longitude. */
#define INCIDENTS_ROW_PLACE(lat, lon) "ST_MakePoint(" lon "::float8, " lat "::float8)::geography"

struct incidents_row {
	incidents_type         type;
	int64_t                id, account_id;
	struct incidents_place place;
	int64_t                created_us, updated_us;
	int64_t                certified_us, deleted_us; /* 0: not yet */
};

/* Reads a row; text lives as long as the rows. */
void incidents_row_read(const struct db_rows *rows, size_t row, struct incidents_row *out_row);

/* All rows that came; in the arena. */
struct incidents_row *incidents_row_read_all(const struct db_rows *rows, struct arena *a,
                                             size_t *out_count);

/* What services get to see of it. The type is the row's. */
incidents_incident_state *incidents_row_state(struct incidents_row *row, struct arena *a);

#endif
