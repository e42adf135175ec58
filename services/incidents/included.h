/*
 * incidents/included.h - what is given along with incidents: interactions, or how many there are.
 */
#ifndef SERVICES_INCIDENTS_INCLUDED_H
#define SERVICES_INCIDENTS_INCLUDED_H

#include "rpc/call.h"
#include "services/incidents/interaction.h"

struct incidents;

struct incidents_included_summary {
	int64_t positives, negatives;
};

/* Of each of n incidents. */
struct incidents_included {
	size_t                            n;    /* incidents of which all that is wanted is here */
	struct incidents_interaction_row *said; /* by incident, the newest first */
	size_t *said_ends;                      /* of an incident: where the next one's begin */
	struct incidents_included_summary *summaries;
};

/*
 * Loads what include names ("interactions", "summary", or "": nothing) of so many incidents; lists
 * that do not matter are NULL. n is less than n_ids when there are more than 10,000 interactions.
 */
must_check status incidents_included_load(struct incidents *app, struct rpc_call *call,
                                          const int64_t *ids, size_t n_ids, const char *include,
                                          struct incidents_included *out_included);

#endif
