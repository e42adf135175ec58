#include "canaduck/users/v1/users.server.h"

#include "auth/password.h"
#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/session.h"
#include "services/users/users.h"

DB_QUERY(insert_account,
         "INSERT INTO users.accounts (pseudo, email, password_hash, profile_picture)"
         " VALUES ($1, $2, $3, $4)"
         " ON CONFLICT DO NOTHING"
         " RETURNING id");

DB_QUERY(insert_user_role, "INSERT INTO users.roles (account_id, role) VALUES ($1, 'user')");

DB_QUERY(select_account,
         "SELECT " USERS_ACCOUNT_COLUMNS " FROM users.accounts AS a WHERE a.id = $1");

DB_QUERY(select_taken, "SELECT EXISTS (SELECT FROM users.accounts WHERE pseudo = $1),"
                       "       EXISTS (SELECT FROM users.accounts WHERE lower(email) = lower($2))");

struct registration {
	struct users                 *app;
	struct rpc_call              *call;
	const users_register_request *req;
	str                           pseudo, password_hash;
	struct users_account          account;
	struct users_session_pair     session;
};

static status refuse_taken(struct rpc_call *call, bool pseudo, bool email)
{
	status st = status_error(CODE_ABORTED, "the other account went away meanwhile");

	if (email)
		st = rpc_call_refuse(call, CODE_ALREADY_EXISTS, "email", "is taken");
	if (pseudo)
		st = rpc_call_refuse(call, CODE_ALREADY_EXISTS, "pseudo", "is taken");
	return st;
}

static status insert(struct db_tx *tx, void *arg)
{
	struct registration *r = arg;
	struct db_rows      *rows;
	const char          *picture =
                users_register_request_has_profile_picture(r->req) && *r->req->profile_picture
	                         ? r->req->profile_picture
	                         : NULL;

	TRY(db_tx_query(tx, &insert_account,
	                DB_ARGS(DB_TEXT(r->pseudo), DB_CSTR(r->req->email),
	                        DB_TEXT(r->password_hash), DB_CSTR_OR_NULL(picture)),
	                &rows));
	if (db_rows_count(rows) == 0) {
		TRY(db_tx_query(tx, &select_taken,
		                DB_ARGS(DB_TEXT(r->pseudo), DB_CSTR(r->req->email)), &rows));
		return refuse_taken(r->call, db_rows_bool(rows, 0, 0), db_rows_bool(rows, 0, 1));
	}
	r->account.id = db_rows_i64(rows, 0, 0);
	TRY(db_tx_query(tx, &insert_user_role, DB_ARGS(DB_I64(r->account.id)), NULL));
	TRY(db_tx_query(tx, &select_account, DB_ARGS(DB_I64(r->account.id)), &rows));
	users_account_read(rows, 0, &r->account);
	return users_session_open(r->app, r->call, tx, &r->account, &r->session);
}

status users_register(struct users *app, struct rpc_call *call, const users_register_request *req,
                      users_register_response *out_response)
{
	struct registration r = {.app = app, .call = call, .req = req};

	r.pseudo = users_account_fold(str_c(req->pseudo), &call->arena);
	if (str_eq(r.pseudo, STR("me")) || str_eq(r.pseudo, STR("deleted")))
		return refuse_taken(call, true, false);
	TRY(password_hash(app->offload, &app->password_cost, str_c(req->password), &call->arena,
	                  &r.password_hash));
	TRY(db_tx_run(app->db, &call->arena, insert, &r));

	out_response->user = arena_alloc(&call->arena, sizeof *out_response->user);
	users_user_init(out_response->user);
	users_account_to_user(&r.account, &call->arena, out_response->user);
	out_response->tokens = arena_alloc(&call->arena, sizeof *out_response->tokens);
	users_tokens_init(out_response->tokens);
	out_response->tokens->access_token = r.session.access_token;
	out_response->tokens->refresh_token = r.session.refresh_token;
	return STATUS_OK;
}
