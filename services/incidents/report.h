/*
 * incidents/report.h - what keeps reports apart: of one person, and of one spot.
 *
 * Locks are taken in this order: the reporter, the cells by number, the incident.
 */
#ifndef SERVICES_INCIDENTS_REPORT_H
#define SERVICES_INCIDENTS_REPORT_H

#include "db/db.h"
#include "rpc/call.h"
#include "services/incidents/row.h"

/* Holds the caller's reports one by one. RESOURCE_EXHAUSTED within a minute of the last. */
must_check status incidents_report_hold_reporter(struct db_tx *tx, struct rpc_call *call);

/*
 * Holds all reports within 100 m of the place, and finds the nearest incident of the type there,
 * whose row is held too. *out_found: there is one.
 */
must_check status incidents_report_hold_place(struct db_tx *tx, struct incidents_place place,
                                              int64_t type_id, struct incidents_row *out_row,
                                              bool *out_found);

/* Writes down an incident of the reporter and the place that are held, and tells of it. */
must_check status incidents_report_insert(struct db_tx *tx, struct incidents_place place,
                                          int64_t type_id, int64_t account_id,
                                          struct incidents_row *out_row);

/* For people's on_deleted: forgets when they reported. */
must_check status incidents_report_forget(struct db_tx *tx, const int64_t *account_ids, size_t n);

#endif
