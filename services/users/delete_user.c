#include "canaduck/users/v1/users.server.h"

#include "services/users/change.h"
#include "services/users/deletion.h"

struct deletion {
	struct rpc_call *call;
	int64_t          account_id;
};

static status delete_by_id(struct db_tx *tx, void *arg)
{
	struct deletion     *d = arg;
	struct users_account account;

	TRY(users_account_lock(tx, d->account_id, &account));
	return users_deletion_run(tx, d->call, &account);
}

status users_delete_user(struct users *app, struct rpc_call *call,
                         const users_delete_user_request *req,
                         users_delete_user_response      *out_response __attribute__((unused)))
{
	struct deletion d = {.call = call, .account_id = req->id};

	return users_change_run(app, call, delete_by_id, &d);
}
