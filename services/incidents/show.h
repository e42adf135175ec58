/*
 * incidents/show.h - incidents as people see them: with names, and what others said of them.
 */
#ifndef SERVICES_INCIDENTS_SHOW_H
#define SERVICES_INCIDENTS_SHOW_H

#include "rpc/call.h"
#include "services/incidents/interaction.h"
#include "services/incidents/row.h"

struct incidents;

/*
 * Makes the messages of rows, in their order; distances NULL: without. include is "interactions",
 * "summary" or "" and was checked. With interactions, there may be fewer incidents than rows: at
 * least the first, and at most 10,000 interactions, the newest 1,000 of each. A few statements,
 * however many rows. UNAVAILABLE when a name is not known here and users is out of reach.
 */
must_check status incidents_show(struct incidents *app, struct rpc_call *call,
                                 const struct incidents_row *rows, size_t n,
                                 const double *distances, const char *include,
                                 incidents_incident ***out_incidents, size_t *out_count);

/* One of them, in a message that was initialised. */
must_check status incidents_show_one(struct incidents *app, struct rpc_call *call,
                                     const struct incidents_row *row, const char *include,
                                     incidents_incident *out_incident);

/* An interaction with its incident, in a message that was initialised. */
must_check status incidents_show_interaction(struct incidents *app, struct rpc_call *call,
                                             const struct incidents_interaction_row *said,
                                             const struct incidents_row *row, const char *include,
                                             incidents_interaction *out_interaction);

#endif
