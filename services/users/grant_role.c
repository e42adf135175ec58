#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/role.h"
#include "services/users/users.h"

DB_QUERY(insert_role,
         "INSERT INTO users.roles (account_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING");

struct grant {
	str                        pseudo;
	const char                *role;
	users_grant_role_response *response;
};

static status grant(struct db_tx *tx, void *arg)
{
	struct grant *g = arg;
	int64_t       account_id;

	TRY(users_role_lock_account(tx, g->pseudo, &account_id));
	TRY(db_tx_query(tx, &insert_role, DB_ARGS(DB_I64(account_id), DB_CSTR(g->role)), NULL));
	return users_role_changed(tx, account_id, &g->response->roles, &g->response->n_roles);
}

status users_grant_role(struct users *app, struct rpc_call *call,
                        const users_grant_role_request *req,
                        users_grant_role_response      *out_response)
{
	struct grant g = {.pseudo = users_account_fold(str_c(req->pseudo), &call->arena),
	                  .role = req->role,
	                  .response = out_response};

	TRY(users_role_check(call, req->role));
	return db_tx_run(app->db, &call->arena, grant, &g);
}
