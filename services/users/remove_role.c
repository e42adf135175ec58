#include "canaduck/users/v1/users.server.h"

#include "services/users/role.h"

status users_remove_role(struct users *app, struct rpc_call *call,
                         const users_remove_role_request *req, users_roles_response *out_response)
{
	return users_role_change(app, call, req->pseudo, req->role, false, out_response);
}
