#include "services/users/role.h"

#include "services/users/caller.h"
#include "services/users/change.h"
#include "services/users/events.h"
#include "services/users/revocation.h"

#include <string.h>

/* Access tokens hold them all. */
enum { MAX_ROLES = 32 };

DB_QUERY(insert_role,
         "INSERT INTO users.roles (account_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING");
DB_QUERY(delete_role, "DELETE FROM users.roles WHERE account_id = $1 AND role = $2");
DB_QUERY(bump_account, "UPDATE users.accounts SET version = version + 1, updated_time = now()"
                       " WHERE id = $1");

/* Whoever takes an admin's role holds all of these rows: two cannot take the last two at once. */
DB_QUERY(lock_admins, "SELECT account_id FROM users.roles WHERE role = 'admin'"
                      " ORDER BY account_id FOR UPDATE");

static status check_name(struct rpc_call *call, const char *role)
{
	size_t len = strlen(role);

	if (len < 1 || len > 32 || strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789_-") != len)
		return rpc_call_invalid(call, "role", "must be 1 to 32 of a-z 0-9 _ -");
	return STATUS_OK;
}

bool users_role_parse(const char *name, bool *out_is_admin)
{
	*out_is_admin = strcmp(name, "ROLE_ADMIN") == 0;
	return *out_is_admin || strcmp(name, "ROLE_USER") == 0;
}

status users_role_check_not_last_admin(struct db_tx *tx, const struct users_account *account)
{
	struct db_rows *rows;

	if (!users_account_is_admin(account))
		return STATUS_OK;
	TRY(db_tx_query(tx, &lock_admins, DB_NO_ARGS, &rows));
	if (db_rows_count(rows) == 1 && db_rows_i64(rows, 0, 0) == account->id)
		return status_error(CODE_FAILED_PRECONDITION, "the last admin stays");
	return STATUS_OK;
}

static status check_change(struct db_tx *tx, const struct users_account *account, const char *role,
                           bool is_given)
{
	if (is_given && account->n_roles >= MAX_ROLES)
		return status_error(CODE_FAILED_PRECONDITION, "the account has too many roles");
	if (is_given)
		return STATUS_OK;
	if (strcmp(role, "user") == 0)
		return status_error(CODE_FAILED_PRECONDITION, "the role user cannot be removed");
	if (strcmp(role, "admin") == 0)
		return users_role_check_not_last_admin(tx, account);
	return STATUS_OK;
}

static bool has_role(const struct users_account *account, const char *role)
{
	for (size_t i = 0; i < account->n_roles; i++)
		if (str_eq(account->roles[i], str_c(role)))
			return true;
	return false;
}

status users_role_set(struct db_tx *tx, struct rpc_call *call, struct users_account *account,
                      const char *role, bool is_given)
{
	if (has_role(account, role) == is_given)
		return STATUS_OK;
	TRY(check_change(tx, account, role, is_given));
	TRY(db_tx_query(tx, is_given ? &insert_role : &delete_role,
	                DB_ARGS(DB_I64(account->id), DB_CSTR(role)), NULL));
	TRY(db_tx_query(tx, &bump_account, DB_ARGS(DB_I64(account->id)), NULL));
	TRY(users_account_get(tx, account->id, account));
	TRY(users_events_account_changed(tx, account));
	return users_revocation_set_roles(tx, call, account->id, account->roles, account->n_roles,
	                                  account->version);
}

struct change {
	struct rpc_call     *call;
	str                  pseudo;
	const char          *role;
	bool                 is_given;
	struct users_account account;
};

static status change(struct db_tx *tx, void *arg)
{
	struct change *c = arg;

	if (c->call->who.kind != IDENTITY_SERVICE)
		TRY(users_caller_check_admin(tx, c->call));
	TRY(users_account_lock_pseudo(tx, c->pseudo, &c->account));
	return users_role_set(tx, c->call, &c->account, c->role, c->is_given);
}

status users_role_change(struct users *app, struct rpc_call *call, const char *pseudo,
                         const char *role, bool is_given, users_roles_response *out_response)
{
	struct change c = {.call = call,
	                   .pseudo = users_account_fold(str_c(pseudo), &call->arena),
	                   .role = role,
	                   .is_given = is_given};

	TRY(check_name(call, role));
	TRY(users_change_run(app, call, change, &c));
	out_response->roles = users_account_role_list(&c.account, &call->arena);
	out_response->n_roles = c.account.n_roles;
	return STATUS_OK;
}
