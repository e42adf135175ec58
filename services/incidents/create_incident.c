#include "canaduck/incidents/v1/incidents.server.h"

#include "rpc/call.h"
#include "services/incidents/incidents.h"
#include "services/incidents/report.h"
#include "services/incidents/show.h"
#include "services/incidents/user.h"

DB_QUERY(select_type, "SELECT id FROM incidents.types WHERE id = $1");

struct reporting {
	struct rpc_call       *call;
	struct incidents_place place;
	int64_t                type_id;
	struct incidents_row   row;
	bool                   is_known;
};

/* Confirms what is known, unless it is the caller's or they did so in the past hour. */
static status confirm(struct db_tx *tx, struct reporting *r)
{
	const int64_t                    me = r->call->who.account_id;
	struct incidents_interaction_row said;
	int64_t                          wait_s;

	if (r->row.account_id == me)
		return STATUS_OK;
	TRY(incidents_interaction_wait(tx, r->row.id, me, &wait_s));
	if (wait_s > 0)
		return STATUS_OK;
	return incidents_interaction_add(tx, &r->row, me, true, &said);
}

static status report(struct db_tx *tx, void *arg)
{
	struct reporting *r = arg;

	TRY(incidents_report_hold_reporter(tx, r->call));
	TRY(incidents_report_hold_place(tx, r->place, r->type_id, &r->row, &r->is_known));
	if (r->is_known)
		return confirm(tx, r);
	return incidents_report_insert(tx, r->place, r->type_id, r->call->who.account_id, &r->row);
}

static status check_type(struct incidents *app, struct rpc_call *call, int64_t type_id)
{
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_type, DB_ARGS(DB_I64(type_id)), &rows));
	if (db_rows_count(rows) == 0)
		return rpc_call_invalid(call, "type_id", "must be one of the types");
	return STATUS_OK;
}

status incidents_create_incident(struct incidents *app, struct rpc_call *call,
                                 const incidents_create_incident_request *req,
                                 incidents_incident                      *out_response)
{
	struct reporting r = {.call = call, .place = {req->lat, req->lon}, .type_id = req->type_id};
	struct incidents_users me;

	TRY(check_type(app, call, req->type_id));
	/* Before anything is written: what is done is answered, whoever is out of reach then. */
	TRY(incidents_user_find(app, call, &(int64_t){call->who.account_id}, 1, &me));
	TRY(db_tx_run(app->db, &call->arena, report, &r));
	call->found_existing = r.is_known;
	return incidents_show_one(app, call, &r.row, req->include, out_response);
}
