#include "canaduck/incidents/v1/incidents.server.h"

#include "services/incidents/along.h"
#include "services/incidents/incidents.h"

status incidents_list_along(struct incidents *app, struct rpc_call *call,
                            const incidents_list_along_request *req,
                            incidents_list_along_response      *out_response)
{
	struct incidents_place *points = arena_alloc(&call->arena, req->n_route * sizeof *points);

	for (size_t i = 0; i < req->n_route; i++)
		points[i] = (struct incidents_place){req->route[i]->lat, req->route[i]->lon};
	return incidents_along(app, call,
	                       &(struct incidents_along_request){
	                               .field = "route",
	                               .points = points,
	                               .n_points = req->n_route,
	                               .metres = incidents_list_along_request_has_within(req)
	                                                 ? req->within
	                                                 : INCIDENTS_ALONG_METRES,
	                               .limit = incidents_list_along_request_has_limit(req)
	                                                ? (size_t)req->limit
	                                                : INCIDENTS_ALONG_LIMIT,
	                               .include = req->include},
	                       &out_response->incidents, &out_response->n_incidents);
}
