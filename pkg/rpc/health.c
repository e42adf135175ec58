#include "canaduck/rpc/v1/health.server.h"

#include "rpc/call.h"
#include "rpc/serving.h"

static bool is_served(const struct rpc_server *s, str name)
{
	const struct rpc_service *service;

	for (unsigned i = 0; rpc_server_service(s, i, &service); i++)
		if (str_eq(str_c(service->name), name))
			return true;
	return false;
}

status health_check(struct rpc_server *server, struct rpc_call *call,
                    const rpcv1_check_request *req, rpcv1_check_response *out_response)
{
	if (*req->service && !is_served(server, str_c(req->service)))
		return status_error(CODE_NOT_FOUND, "no such service here");
	TRY(rpc_server_check(server, &call->arena));
	out_response->status = RPCV1_SERVING_STATUS_SERVING;
	return STATUS_OK;
}
