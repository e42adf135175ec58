#include "canaduck/users/v1/users.server.h"

#include "rpc/call.h"
#include "services/users/caller.h"
#include "services/users/change.h"
#include "services/users/revocation.h"
#include "services/users/session.h"
#include "services/users/users.h"

DB_QUERY(select_session, "SELECT FROM users.sessions WHERE refresh_hash = $1 AND account_id = $2");

struct logout {
	struct rpc_call *call;
	str              token;
};

static status logout(struct db_tx *tx, void *arg)
{
	struct logout       *l = arg;
	int64_t              account_id = l->call->who.account_id;
	struct users_account account;
	struct db_rows      *rows;

	TRY(users_caller_lock(tx, l->call, &account));
	TRY(db_tx_query(tx, &select_session,
	                DB_ARGS(DB_BYTES(users_session_hash(l->token, &l->call->arena)),
	                        DB_I64(account_id)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_PERMISSION_DENIED,
		                    "the refresh token is not one of this account");
	return users_revocation_end_all(tx, l->call, account_id, 0);
}

status users_logout(struct users *app, struct rpc_call *call, const users_logout_request *req,
                    users_logout_response *out_response __attribute__((unused)))
{
	struct logout l = {.call = call, .token = str_c(req->token)};

	return users_change_run(app, call, logout, &l);
}
