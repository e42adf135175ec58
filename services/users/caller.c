#include "services/users/caller.h"

DB_QUERY(select_caller, "SELECT EXISTS (SELECT FROM users.roles"
                        "                WHERE account_id = $1 AND role = 'admin')"
                        "  FROM users.sessions WHERE id = $2 AND account_id = $1");

status users_caller_session_ended(void)
{
	return status_error(CODE_PERMISSION_DENIED, "the session was ended");
}

static struct db_args who(const struct rpc_call *call, struct db_arg args[static 2])
{
	args[0] = DB_I64(call->who.account_id);
	args[1] = DB_I64(call->who.session_id);
	return (struct db_args){args, 2};
}

static status judge(const struct db_rows *rows, bool must_be_admin)
{
	if (db_rows_count(rows) == 0)
		return users_caller_session_ended();
	if (must_be_admin && !db_rows_bool(rows, 0, 0))
		return status_error(CODE_PERMISSION_DENIED, "only an admin may do this");
	return STATUS_OK;
}

static status look(struct db_tx *tx, const struct rpc_call *call, bool must_be_admin)
{
	struct db_arg   args[2];
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_caller, who(call, args), &rows));
	return judge(rows, must_be_admin);
}

status users_caller_check(struct db_tx *tx, const struct rpc_call *call)
{
	return look(tx, call, false);
}

status users_caller_check_admin(struct db_tx *tx, const struct rpc_call *call)
{
	return look(tx, call, true);
}

status users_caller_read_admin(struct users *app, struct rpc_call *call)
{
	struct db_arg   args[2];
	struct db_rows *rows;

	TRY(db_read(app->db, &call->arena, &select_caller, who(call, args), &rows));
	return judge(rows, true);
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
