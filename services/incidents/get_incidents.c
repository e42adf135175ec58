#include "canaduck/incidents/v1/incidents.server.h"

#include "services/incidents/incidents.h"
#include "services/incidents/show.h"

DB_QUERY(select_incidents, "SELECT " INCIDENTS_ROW_COLUMNS "  FROM incidents.incidents AS i"
                           "  JOIN incidents.types AS t ON t.id = i.type_id"
                           " WHERE i.id = ANY($1::int8[]) ORDER BY i.id");

status incidents_get_incidents(struct incidents *app, struct rpc_call *call,
                               const incidents_get_incidents_request *req,
                               incidents_get_incidents_response      *out_response)
{
	struct incidents_row *incidents;
	struct db_rows       *rows;
	size_t                n;

	TRY(db_read(app->db, &call->arena, &select_incidents,
	            DB_ARGS(DB_I64S(req->incident_ids, req->n_incident_ids)), &rows));
	incidents = incidents_row_read_all(rows, &call->arena, &n);
	return incidents_show(app, call, incidents, n, NULL, "", &out_response->incidents,
	                      &out_response->n_incidents);
}
