#include "canaduck/users/v1/users.server.h"

#include "pb/mask.h"
#include "services/users/patch.h"

status users_update_me(struct users *app, struct rpc_call *call, const users_update_me_request *req,
                       users_update_user_response *out_response)
{
	struct users_patch patch = {.account_id = call->who.account_id};

	if (users_update_me_request_has_email(req))
		patch.email = req->email;
	if (users_update_me_request_has_pseudo(req))
		patch.pseudo = req->pseudo;
	if (users_update_me_request_has_profile_picture(req))
		patch.picture = req->profile_picture;
	patch.sets_picture = patch.picture || pb_mask_has(req->update_mask, "profile_picture");
	return users_patch_run(app, call, &patch, out_response);
}
