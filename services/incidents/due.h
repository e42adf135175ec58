/*
 * incidents/due.h - incidents whose time is over.
 */
#ifndef SERVICES_INCIDENTS_DUE_H
#define SERVICES_INCIDENTS_DUE_H

#include <stddef.h>

#include "base/status.h"

struct db_tx;

/* Nobody said anything of it for too long; it was reported too long ago. */
enum incidents_due_why { INCIDENTS_DUE_UNCONFIRMED, INCIDENTS_DUE_LIFETIME, INCIDENTS_DUE_WHYS };

/*
 * Deletes up to so many incidents that are past this time of their type, each with its event; how
 * many. Those that somebody else holds are passed over.
 */
must_check status incidents_due_delete(struct db_tx *tx, enum incidents_due_why why, size_t most,
                                       size_t *out_count);

#endif
