#include "services/users/role.h"

#include "db/db.h"

#include <string.h>

DB_QUERY(lock_account, "SELECT id FROM users.accounts WHERE pseudo = $1 FOR UPDATE");

DB_QUERY(bump_account, "UPDATE users.accounts SET version = version + 1, updated_time = now()"
                       " WHERE id = $1"
                       " RETURNING ARRAY(SELECT role FROM users.roles WHERE account_id = $1"
                       "                  ORDER BY role <> 'user', role)");

status users_role_check(struct rpc_call *call, const char *role)
{
	size_t len = strlen(role);

	if (len < 1 || len > 32 || strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789_-") != len)
		return rpc_call_invalid(call, "role", "must be 1 to 32 of a-z 0-9 _ -");
	return STATUS_OK;
}

status users_role_lock_account(struct db_tx *tx, str pseudo, int64_t *out_account_id)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &lock_account, DB_ARGS(DB_TEXT(pseudo)), &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no account of that name");
	*out_account_id = db_rows_i64(rows, 0, 0);
	return STATUS_OK;
}

status users_role_changed(struct db_tx *tx, int64_t account_id, char ***out_roles,
                          size_t *out_count)
{
	struct arena   *a = db_tx_arena(tx);
	struct db_rows *rows;
	const str      *names;
	size_t          count;
	char          **roles;

	TRY(db_tx_query(tx, &bump_account, DB_ARGS(DB_I64(account_id)), &rows));
	names = db_rows_texts(rows, 0, 0, &count);
	roles = arena_alloc(a, (count + 1) * sizeof *roles);
	for (size_t i = 0; i < count; i++)
		roles[i] = arena_cstr(a, names[i]);
	*out_roles = roles;
	*out_count = count;
	return STATUS_OK;
}
