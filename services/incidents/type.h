/*
 * incidents/type.h - a type's row as the message that shows it.
 */
#ifndef SERVICES_INCIDENTS_TYPE_H
#define SERVICES_INCIDENTS_TYPE_H

#include "base/arena.h"
#include "canaduck/incidents/v1/incidents.schema.h"
#include "db/query.h"

/* Columns of incidents.types AS t, in the order that incidents_type_read() wants. */
#define INCIDENTS_TYPE_COLUMNS "t.id, t.name, t.description, t.need_recalculation"

enum { INCIDENTS_TYPE_N_COLUMNS = 4 };

/* Fills the message, which was initialised, from a row whose first column is the one given; it
 * lives as long as the rows. */
void incidents_type_read(const struct db_rows *rows, size_t row, unsigned first_column,
                         incidents_type *out_type);

#endif
