#include "canaduck/users/v1/users.server.h"

#include "services/users/change.h"
#include "services/users/deletion.h"

struct deletion {
	struct rpc_call *call;
	str              pseudo;
};

static status delete_by_pseudo(struct db_tx *tx, void *arg)
{
	struct deletion     *d = arg;
	struct users_account account;

	TRY(users_account_lock_pseudo(tx, d->pseudo, &account));
	return users_deletion_run(tx, d->call, &account);
}

status users_delete_account(struct users *app, struct rpc_call *call,
                            const users_delete_account_request *req,
                            users_delete_account_response *out_response __attribute__((unused)))
{
	struct deletion d = {.call = call,
	                     .pseudo = users_account_fold(str_c(req->pseudo), &call->arena)};

	return users_change_run(app, call, delete_by_pseudo, &d);
}
