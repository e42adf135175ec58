#include "canaduck/incidents/v1/incidents.server.h"

#include "rpc/call.h"
#include "services/incidents/events.h"
#include "services/incidents/incidents.h"

/* clang-format off */
DB_QUERY(delete_incident,
         "UPDATE incidents.incidents AS i SET deleted_time = clock_timestamp()"
         "  FROM incidents.types AS t"
         " WHERE i.id = $1 AND i.deleted_time IS NULL AND t.id = i.type_id"
         " RETURNING " INCIDENTS_ROW_COLUMNS);
/* clang-format on */

static status delete_it(struct db_tx *tx, void *arg)
{
	const incidents_delete_incident_request *req = arg;
	struct incidents_row                     row;
	struct db_rows                          *rows;

	TRY(db_tx_query(tx, &delete_incident, DB_ARGS(DB_I64(req->id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no incident of that number, or it is gone");
	incidents_row_read(rows, 0, &row);
	return incidents_events_deleted(tx, &row);
}

status incidents_delete_incident(struct incidents *app, struct rpc_call *call,
                                 const incidents_delete_incident_request *req,
                                 incidents_delete_incident_response      *out_response
                                 __attribute__((unused)))
{
	incidents_delete_incident_request wanted = *req;

	return db_tx_run(app->db, &call->arena, delete_it, &wanted);
}
