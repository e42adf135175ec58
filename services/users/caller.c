#include "services/users/caller.h"

DB_QUERY(select_caller, "SELECT EXISTS (SELECT FROM users.roles"
                        "                WHERE account_id = $1 AND role = 'admin')"
                        "  FROM users.sessions WHERE id = $2 AND account_id = $1");

status users_caller_session_ended(void)
{
	return status_error(CODE_PERMISSION_DENIED, "the session was ended");
}

static status look(struct db_tx *tx, const struct rpc_call *call, bool *out_is_admin)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_caller,
	                DB_ARGS(DB_I64(call->who.account_id), DB_I64(call->who.session_id)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return users_caller_session_ended();
	*out_is_admin = db_rows_bool(rows, 0, 0);
	return STATUS_OK;
}

status users_caller_check(struct db_tx *tx, const struct rpc_call *call)
{
	bool is_admin;

	return look(tx, call, &is_admin);
}

status users_caller_lock(struct db_tx *tx, const struct rpc_call *call,
                         struct users_account *out_account)
{
	status st = users_account_lock(tx, call->who.account_id, out_account);

	/* The session went with its account. */
	if (st.code == CODE_NOT_FOUND)
		return users_caller_session_ended();
	TRY(st);
	return users_caller_check(tx, call);
}

status users_caller_check_admin(struct db_tx *tx, const struct rpc_call *call)
{
	bool is_admin;

	TRY(look(tx, call, &is_admin));
	if (!is_admin)
		return status_error(CODE_PERMISSION_DENIED, "only an admin may do this");
	return STATUS_OK;
}
