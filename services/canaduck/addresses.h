/*
 * canaduck/addresses.h - where services are and listen, from what the configuration says of them.
 */
#ifndef SERVICES_CANADUCK_ADDRESSES_H
#define SERVICES_CANADUCK_ADDRESSES_H

#include "services/canaduck/settings.h"

/*
 * Fills in addresses[] and listen[] from the process's part of the settings; their texts live in
 * the arena. Appends what is missing or of no use to the mistakes, one a line.
 */
void addresses_find(struct settings *s, struct arena *a, struct buf *mistakes);

#endif
