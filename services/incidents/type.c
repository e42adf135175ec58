#include "services/incidents/type.h"

void incidents_type_read(const struct db_rows *rows, size_t row, unsigned first_column,
                         incidents_type *out_type)
{
	out_type->id = db_rows_i64(rows, row, first_column);
	out_type->name = db_rows_cstr(rows, row, first_column + 1);
	out_type->description = db_rows_cstr(rows, row, first_column + 2);
	out_type->need_recalculation = db_rows_bool(rows, row, first_column + 3);
}
