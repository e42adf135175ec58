#include "canaduck/incidents/v1/incidents.server.h"

#include "rpc/call.h"
#include "services/incidents/incidents.h"
#include "services/incidents/show.h"
#include "services/incidents/user.h"

/* clang-format off */
DB_QUERY(lock_incident,
         "SELECT " INCIDENTS_ROW_COLUMNS
         "  FROM incidents.incidents AS i JOIN incidents.types AS t ON t.id = i.type_id"
         " WHERE i.id = $1 AND i.deleted_time IS NULL FOR UPDATE OF i");
/* clang-format on */

struct saying {
	struct rpc_call                            *call;
	const incidents_create_interaction_request *req;
	struct incidents_row                        row;
	struct incidents_interaction_row            said;
};

static status say(struct db_tx *tx, void *arg)
{
	struct saying  *s = arg;
	const int64_t   me = s->call->who.account_id;
	struct db_rows *rows;
	int64_t         wait_s;

	TRY(db_tx_query(tx, &lock_incident, DB_ARGS(DB_I64(s->req->incident_id)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no incident of that number, or it is gone");
	incidents_row_read(rows, 0, &s->row);
	if (s->row.account_id == me)
		return status_error(CODE_PERMISSION_DENIED, "the incident is your own");
	TRY(incidents_interaction_wait(tx, s->row.id, me, &wait_s));
	if (wait_s > 0)
		return rpc_call_too_often(s->call, 1, (uint32_t)wait_s,
		                          "you said something of this incident in the past hour");
	return incidents_interaction_add(tx, &s->row, me, s->req->is_still_present, &s->said);
}

status incidents_create_interaction(struct incidents *app, struct rpc_call *call,
                                    const incidents_create_interaction_request *req,
                                    incidents_interaction                      *out_response)
{
	struct saying          s = {.call = call, .req = req};
	struct incidents_users me;

	/* Before anything is written: what is done is answered, whoever is out of reach then. */
	TRY(incidents_user_find(app, call, &(int64_t){call->who.account_id}, 1, &me));
	TRY(db_tx_run(app->db, &call->arena, say, &s));
	return incidents_show_interaction(app, call, &s.said, &s.row, req->include, out_response);
}
