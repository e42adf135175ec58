#include "canaduck/incidents/v1/incidents.server.h"
#include "canaduck/users/v1/users.rpc.h"
#include "services/incidents/along.h"
#include "services/incidents/incidents.h"
#include "services/incidents/way.h"

/* users gives its owner alone a route, in their name. */
static status get_points(struct incidents *app, struct rpc_call *call, int64_t route_id,
                         struct incidents_place **out_points, size_t *out_count)
{
	users_get_saved_route_request req;
	users_saved_route            *saved;
	struct incidents_place       *points;

	users_get_saved_route_request_init(&req);
	req.id = route_id;
	TRY(users_client_get_saved_route(app->people.users, call, &req, &saved));
	if (saved->n_route == 0 || saved->n_route > INCIDENTS_WAY_MAX_POINTS)
		return status_error(CODE_INTERNAL, "a saved route of no or too many points");
	points = arena_alloc(&call->arena, saved->n_route * sizeof *points);
	for (size_t i = 0; i < saved->n_route; i++)
		points[i] = (struct incidents_place){saved->route[i]->lat, saved->route[i]->lon};
	*out_points = points;
	*out_count = saved->n_route;
	return STATUS_OK;
}

status incidents_list_along_saved_route(struct incidents *app, struct rpc_call *call,
                                        const incidents_list_along_saved_route_request *req,
                                        incidents_list_along_response *out_response)
{
	struct incidents_along_request along = {
	        .field = "route_id",
	        .metres = incidents_list_along_saved_route_request_has_within(req)
	                          ? req->within
	                          : INCIDENTS_ALONG_METRES,
	        .limit = incidents_list_along_saved_route_request_has_limit(req)
	                         ? (size_t)req->limit
	                         : INCIDENTS_ALONG_LIMIT,
	        .include = req->include};
	struct incidents_place *points;

	TRY(get_points(app, call, req->route_id, &points, &along.n_points));
	along.points = points;
	return incidents_along(app, call, &along, &out_response->incidents,
	                       &out_response->n_incidents);
}
