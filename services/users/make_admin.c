#include "canaduck/users/v1/users.server.h"

#include "services/users/role.h"

status users_make_admin(struct users *app, struct rpc_call *call,
                        const users_make_admin_request *req, users_roles_response *out_response)
{
	return users_role_change(app, call, req->pseudo, "admin", true, out_response);
}
