#include "canaduck/users/v1/users.server.h"

#include "rpc/call.h"
#include "services/users/caller.h"
#include "services/users/change.h"
#include "services/users/revocation.h"
#include "services/users/users.h"

struct ending {
	struct rpc_call *call;
	int64_t          session_id;
};

static status end_session(struct db_tx *tx, void *arg)
{
	struct ending       *e = arg;
	int64_t              account_id = e->call->who.account_id;
	struct users_account account;

	TRY(users_caller_lock(tx, e->call, &account));
	return users_revocation_end(tx, e->call, account_id, e->session_id);
}

status users_end_session(struct users *app, struct rpc_call *call,
                         const users_end_session_request *req,
                         users_end_session_response      *out_response __attribute__((unused)))
{
	struct ending e = {.call = call, .session_id = req->id};

	return users_change_run(app, call, end_session, &e);
}
