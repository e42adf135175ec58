#include "canaduck/users/v1/users.server.h"

#include "auth/password.h"
#include "db/db.h"
#include "rpc/call.h"
#include "services/users/account.h"
#include "services/users/creation.h"
#include "services/users/session.h"
#include "services/users/taken.h"
#include "services/users/throttle.h"
#include "services/users/users.h"

struct registration {
	struct users             *app;
	struct rpc_call          *call;
	struct users_creation     creation;
	struct users_account      account;
	struct users_session_pair pair;
};

static status insert(struct db_tx *tx, void *arg)
{
	struct registration *r = arg;

	TRY(users_creation_insert(tx, &r->creation, &r->account));
	return users_session_open(r->app, r->call, tx, &r->account, &r->pair);
}

static void fill(struct registration *r, users_register_response *out_response)
{
	out_response->user = users_account_user(&r->account, &r->call->arena);
	out_response->tokens = users_session_tokens(&r->pair, &r->call->arena);
}

status users_register(struct users *app, struct rpc_call *call, const users_register_request *req,
                      users_register_response *out_response)
{
	struct registration r = {.app = app, .call = call, .creation = {.email = req->email}};
	status              st;

	r.creation.pseudo = users_account_fold(str_c(req->pseudo), &call->arena);
	if (users_register_request_has_profile_picture(req))
		r.creation.picture = req->profile_picture;
	TRY(users_taken_check_reserved(call, r.creation.pseudo));
	TRY(users_throttle_register(app, call));
	TRY(password_hash(app->offload, &app->password_cost, str_c(req->password), &call->arena,
	                  &r.creation.password_hash));
	st = db_tx_run(app->db, &call->arena, insert, &r);
	if (st.code == CODE_ALREADY_EXISTS)
		return users_taken_explain(app, call, 0, r.creation.pseudo, str_c(req->email));
	TRY(st);
	fill(&r, out_response);
	return STATUS_OK;
}
