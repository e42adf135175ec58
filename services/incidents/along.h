/*
 * incidents/along.h - the incidents along a route, for whoever names one.
 */
#ifndef SERVICES_INCIDENTS_ALONG_H
#define SERVICES_INCIDENTS_ALONG_H

#include "canaduck/incidents/v1/incidents.schema.h"
#include "rpc/call.h"
#include "services/incidents/place.h"

struct incidents;

struct incidents_along_request {
	const char                   *field;  /* that names the route, for what is wrong with it */
	const struct incidents_place *points; /* 1 to 10,000 */
	size_t                        n_points;
	double                        metres; /* from the way at most; 1 to 1,000 */
	size_t                        limit;
	const char                   *include; /* as in incidents/show.h */
};

enum { INCIDENTS_ALONG_METRES = 30, INCIDENTS_ALONG_LIMIT = 1000 };

/*
 * Lists those that are there in the order of the way, each where the way is nearest to it, with the
 * distance from the way. Where more than 50,000 are so near, those count that the way meets first.
 * INVALID_ARGUMENT for a route of more than 100,000 km.
 */
must_check status incidents_along(struct incidents *app, struct rpc_call *call,
                                  const struct incidents_along_request *req,
                                  incidents_incident ***out_incidents, size_t *out_count);

#endif
