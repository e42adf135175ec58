#include "services/people/people.h"

#include "db/db.h"

status people_pictures(const struct people *p, struct rpc_call *call, const int64_t *ids, size_t n,
                       bool with_data, char **out_pictures)
{
	struct db_rows *rows;

	TRY(db_read(p->db, &call->arena, p->queries->pictures,
	            DB_ARGS(DB_I64S(ids, n), DB_BOOL(with_data)), &rows));
	for (size_t i = 0; i < n; i++) {
		out_pictures[i] = NULL;
		for (size_t row = 0; row < db_rows_count(rows) && !out_pictures[i]; row++)
			if (db_rows_i64(rows, row, 0) == ids[i])
				out_pictures[i] = db_rows_cstr(rows, row, 1);
	}
	return STATUS_OK;
}
