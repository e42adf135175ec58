#include "canaduck/users/v1/users.server.h"

#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/role.h"
#include "services/users/users.h"

/* Whoever takes an admin's role holds all of these rows: two cannot take the last two at once. */
DB_QUERY(lock_admins, "SELECT account_id FROM users.roles WHERE role = 'admin'"
                      " ORDER BY account_id FOR UPDATE");

DB_QUERY(delete_role, "DELETE FROM users.roles WHERE account_id = $1 AND role = $2");

struct revocation {
	str                         pseudo;
	const char                 *role;
	users_revoke_role_response *response;
};

static status check_last_admin(struct db_tx *tx, int64_t account_id)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &lock_admins, DB_NO_ARGS, &rows));
	if (db_rows_count(rows) == 1 && db_rows_i64(rows, 0, 0) == account_id)
		return status_error(CODE_FAILED_PRECONDITION, "the last admin stays");
	return STATUS_OK;
}

static status revoke(struct db_tx *tx, void *arg)
{
	struct revocation *r = arg;
	int64_t            account_id;

	TRY(users_role_lock_account(tx, r->pseudo, &account_id));
	if (str_eq(str_c(r->role), STR("admin")))
		TRY(check_last_admin(tx, account_id));
	TRY(db_tx_query(tx, &delete_role, DB_ARGS(DB_I64(account_id), DB_CSTR(r->role)), NULL));
	return users_role_changed(tx, account_id, &r->response->roles, &r->response->n_roles);
}

status users_revoke_role(struct users *app, struct rpc_call *call,
                         const users_revoke_role_request *req,
                         users_revoke_role_response      *out_response)
{
	struct revocation r = {.pseudo = users_account_fold(str_c(req->pseudo), &call->arena),
	                       .role = req->role,
	                       .response = out_response};

	TRY(users_role_check(call, req->role));
	if (str_eq(str_c(req->role), STR("user")))
		return status_error(CODE_FAILED_PRECONDITION, "the role user cannot be removed");
	return db_tx_run(app->db, &call->arena, revoke, &r);
}
