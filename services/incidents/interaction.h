/*
 * incidents/interaction.h - what somebody says of an incident, and what comes of it.
 */
#ifndef SERVICES_INCIDENTS_INTERACTION_H
#define SERVICES_INCIDENTS_INTERACTION_H

#include "db/db.h"
#include "services/incidents/row.h"

struct incidents_interaction_row {
	int64_t id, account_id;
	bool    is_still_present;
	int64_t created_us;
};

/*
 * Seconds until the account may say something of the incident again, 0: now. The transaction holds
 * the incident's row.
 */
must_check status incidents_interaction_wait(struct db_tx *tx, int64_t incident_id,
                                             int64_t account_id, int64_t *out_seconds);

/*
 * Adds it to an incident that is there and whose row the transaction holds; row becomes as it is
 * now. The time without confirmation begins anew. As many in a row as the type wants, each person
 * once, delete the incident or certify it, which is told.
 */
must_check status incidents_interaction_add(struct db_tx *tx, struct incidents_row *row,
                                            int64_t account_id, bool is_still_present,
                                            struct incidents_interaction_row *out_said);

#endif
