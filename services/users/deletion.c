#include "services/users/deletion.h"

#include "services/users/caller.h"
#include "services/users/events.h"
#include "services/users/revocation.h"
#include "services/users/role.h"

DB_QUERY(delete_account, "DELETE FROM users.accounts WHERE id = $1");

static status check_caller(struct db_tx *tx, const struct rpc_call *call,
                           const struct users_account *account)
{
	if (account->id == call->who.account_id)
		return users_caller_check(tx, call);
	return users_caller_check_admin(tx, call);
}

status users_deletion_run(struct db_tx *tx, struct rpc_call *call,
                          const struct users_account *account)
{
	TRY(check_caller(tx, call, account));
	TRY(users_role_check_not_last_admin(tx, account));
	TRY(users_revocation_end_all(tx, call, account->id, 0));
	TRY(db_tx_query(tx, &delete_account, DB_ARGS(DB_I64(account->id)), NULL));
	return users_events_account_deleted(tx, account);
}
