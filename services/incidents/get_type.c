#include "canaduck/incidents/v1/incidents.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/incidents/incidents.h"
#include "services/incidents/type.h"

/* clang-format off */
DB_QUERY(select_type,
         "SELECT " INCIDENTS_TYPE_COLUMNS " FROM incidents.types AS t WHERE t.id = $1");
/* clang-format on */

status incidents_get_type(struct incidents *app, struct rpc_call *call,
                          const incidents_get_type_request *req, incidents_type *out_response)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_type, DB_ARGS(DB_I64(req->id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no type of that number");
	incidents_type_read(rows, 0, 0, out_response);
	return STATUS_OK;
}
