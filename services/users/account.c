#include "services/users/account.h"

#include "pb/timestamp.h"

#include <ctype.h>

enum { ROLE_ID_ADMIN = 1, ROLE_ID_USER = 2 };

DB_QUERY(lock_account, "SELECT id FROM users.accounts WHERE id = $1 FOR NO KEY UPDATE");
DB_QUERY(lock_pseudo, "SELECT id FROM users.accounts WHERE pseudo = $1 FOR NO KEY UPDATE");
DB_QUERY(select_account,
         "SELECT " USERS_ACCOUNT_COLUMNS " FROM users.accounts AS a WHERE a.id = $1");

static status not_found(void)
{
	return status_error(CODE_NOT_FOUND, "no such account");
}

status users_account_get(struct db_tx *tx, int64_t account_id, struct users_account *out_account)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &select_account, DB_ARGS(DB_I64(account_id)), &rows));
	if (db_rows_count(rows) == 0)
		return not_found();
	users_account_read(rows, 0, out_account);
	return STATUS_OK;
}

status users_account_lock(struct db_tx *tx, int64_t account_id, struct users_account *out_account)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &lock_account, DB_ARGS(DB_I64(account_id)), &rows));
	if (db_rows_count(rows) == 0)
		return not_found();
	return users_account_get(tx, account_id, out_account);
}

status users_account_lock_pseudo(struct db_tx *tx, str pseudo, struct users_account *out_account)
{
	struct db_rows *rows;

	TRY(db_tx_query(tx, &lock_pseudo, DB_ARGS(DB_TEXT(pseudo)), &rows));
	if (db_rows_count(rows) == 0)
		return not_found();
	return users_account_get(tx, db_rows_i64(rows, 0, 0), out_account);
}

void users_account_read(const struct db_rows *rows, size_t row, struct users_account *out_account)
{
	out_account->id = db_rows_i64(rows, row, 0);
	out_account->pseudo = db_rows_cstr(rows, row, 1);
	out_account->email = db_rows_cstr(rows, row, 2);
	out_account->picture = db_rows_is_null(rows, row, 3) ? NULL : db_rows_cstr(rows, row, 3);
	out_account->status = db_rows_cstr(rows, row, 4);
	out_account->created_us = db_rows_us(rows, row, 5);
	out_account->updated_us = db_rows_us(rows, row, 6);
	out_account->last_seen_us = db_rows_us(rows, row, 7);
	out_account->roles = db_rows_texts(rows, row, 8, &out_account->n_roles);
	out_account->version = db_rows_i64(rows, row, 9);
}

bool users_account_is_admin(const struct users_account *account)
{
	for (size_t i = 0; i < account->n_roles; i++)
		if (str_eq(account->roles[i], STR("admin")))
			return true;
	return false;
}

char **users_account_role_list(const struct users_account *account, struct arena *a)
{
	char **list = arena_alloc(a, (account->n_roles + 1) * sizeof *list);

	for (size_t i = 0; i < account->n_roles; i++)
		list[i] = arena_cstr(a, account->roles[i]);
	return list;
}

void users_account_to_user(const struct users_account *account, struct arena *a,
                           users_user *out_user)
{
	bool        is_admin = users_account_is_admin(account);
	users_role *role = arena_alloc(a, sizeof *role);

	users_role_init(role);
	role->id = is_admin ? ROLE_ID_ADMIN : ROLE_ID_USER;
	role->name = arena_cstr(a, is_admin ? STR("ROLE_ADMIN") : STR("ROLE_USER"));
	out_user->id = account->id;
	out_user->email = account->email;
	out_user->handle = arena_printf(a, "@%s", account->pseudo);
	out_user->auth_provider = arena_cstr(a, STR("local"));
	if (account->picture)
		users_user_set_profile_picture(out_user, account->picture);
	out_user->role = role;
	out_user->created_at = pb_timestamp_from_us(a, account->created_us);
	out_user->updated_at = pb_timestamp_from_us(a, account->updated_us);
	out_user->pseudo = account->pseudo;
	out_user->roles = users_account_role_list(account, a);
	out_user->n_roles = account->n_roles;
	out_user->status = account->status;
	out_user->last_seen = pb_timestamp_from_us(a, account->last_seen_us);
}

users_user *users_account_user(const struct users_account *account, struct arena *a)
{
	users_user *user = arena_alloc(a, sizeof *user);

	users_user_init(user);
	users_account_to_user(account, a, user);
	return user;
}

str users_account_fold(str pseudo, struct arena *a)
{
	char *folded = arena_cstr(a, str_starts(pseudo, STR("@")) ? str_from(pseudo, 1) : pseudo);
	str   s = str_c(folded);

	for (size_t i = 0; i < s.len; i++)
		folded[i] = (char)tolower((unsigned char)folded[i]);
	return s;
}
