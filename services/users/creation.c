#include "services/users/creation.h"

#include "services/users/events.h"

DB_QUERY(insert_account,
         "INSERT INTO users.accounts (pseudo, email, password_hash, profile_picture)"
         " VALUES ($1, $2, $3, $4)"
         " ON CONFLICT DO NOTHING"
         " RETURNING id");

DB_QUERY(insert_roles, "INSERT INTO users.roles (account_id, role)"
                       " SELECT $1, role FROM (VALUES ('user'), ('admin')) AS r (role)"
                       "  WHERE role = 'user' OR $2");

status users_creation_insert(struct db_tx *tx, const struct users_creation *c,
                             struct users_account *out_account)
{
	const char     *picture = c->picture && *c->picture ? c->picture : NULL;
	struct db_rows *rows;
	int64_t         id;

	TRY(db_tx_query(tx, &insert_account,
	                DB_ARGS(DB_TEXT(c->pseudo), DB_CSTR(c->email), DB_TEXT(c->password_hash),
	                        DB_CSTR_OR_NULL(picture)),
	                &rows));
	if (db_rows_count(rows) == 0)
		return status_error(CODE_ALREADY_EXISTS, "the name or the e-mail is taken");
	id = db_rows_i64(rows, 0, 0);
	TRY(db_tx_query(tx, &insert_roles, DB_ARGS(DB_I64(id), DB_BOOL(c->is_admin)), NULL));
	TRY(users_account_get(tx, id, out_account));
	return users_events_account_created(tx, out_account);
}
