#include "canaduck/incidents/v1/incidents.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/incidents/incidents.h"
#include "services/incidents/type.h"

/* clang-format off */
DB_QUERY(select_types,
         "SELECT " INCIDENTS_TYPE_COLUMNS " FROM incidents.types AS t ORDER BY t.id");
/* clang-format on */

status incidents_list_types(struct incidents *app, struct rpc_call *call,
                            const incidents_list_types_request *req __attribute__((unused)),
                            incidents_list_types_response      *out_response)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_types, DB_NO_ARGS, &rows));
	out_response->n_types = db_rows_count(rows);
	out_response->types = arena_alloc(&call->arena, (out_response->n_types + 1) *
	                                                        sizeof *out_response->types);
	for (size_t i = 0; i < out_response->n_types; i++) {
		out_response->types[i] = arena_alloc(&call->arena, sizeof **out_response->types);
		incidents_type_init(out_response->types[i]);
		incidents_type_read(rows, i, 0, out_response->types[i]);
	}
	return STATUS_OK;
}
