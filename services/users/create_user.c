#include "canaduck/users/v1/users.server.h"

#include "auth/password.h"
#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/caller.h"
#include "services/users/creation.h"
#include "services/users/role.h"
#include "services/users/taken.h"
#include "services/users/users.h"

struct work {
	struct rpc_call      *call;
	struct users_creation creation;
	struct users_account  account;
};

static status insert(struct db_tx *tx, void *arg)
{
	struct work *w = arg;

	TRY(users_caller_check_admin(tx, w->call));
	return users_creation_insert(tx, &w->creation, &w->account);
}

status users_create_user(struct users *app, struct rpc_call *call,
                         const users_create_user_request *req, users_user *out_response)
{
	struct work w = {.call = call, .creation = {.email = req->email}};
	status      st;

	if (!users_role_parse(req->role, &w.creation.is_admin))
		return rpc_call_invalid(call, "role", "must be ROLE_USER or ROLE_ADMIN");
	w.creation.pseudo = users_account_fold(str_c(req->pseudo), &call->arena);
	if (users_create_user_request_has_profile_picture(req))
		w.creation.picture = req->profile_picture;
	TRY(users_taken_check_reserved(call, w.creation.pseudo));
	TRY(password_hash(app->offload, &app->password_cost, str_c(req->password), &call->arena,
	                  &w.creation.password_hash));
	st = db_tx_run(app->db, &call->arena, insert, &w);
	if (st.code == CODE_ALREADY_EXISTS)
		return users_taken_explain(app, call, 0, w.creation.pseudo, str_c(req->email));
	TRY(st);
	users_account_to_user(&w.account, &call->arena, out_response);
	return STATUS_OK;
}
