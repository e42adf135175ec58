#include "canaduck/users/v1/users.server.h"

#include "services/users/password_change.h"

status users_update_password(struct users *app, struct rpc_call *call,
                             const users_update_password_request *req, users_user *out_response)
{
	struct users_password_change change = {.old_password = req->old,
	                                       .new_password = req->new_,
	                                       .field = "new",
	                                       .has_fresh_pair = true};

	TRY(users_password_change_run(app, call, &change));
	users_account_to_user(&change.account, &call->arena, out_response);
	out_response->tokens = users_session_tokens(&change.pair, &call->arena);
	return STATUS_OK;
}
