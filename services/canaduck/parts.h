/*
 * canaduck/parts.h - what this executable is made of: the services that it can host.
 */
#ifndef SERVICES_CANADUCK_PARTS_H
#define SERVICES_CANADUCK_PARTS_H

#include "rpc/service.h"
#include "runtime/service.h"

enum { PARTS_SERVICES = 3 };

/* In the order in which they start. */
extern const struct runtime_service *const parts_services[PARTS_SERVICES];

/* Their tables, NULL-ended: for routes. */
extern const struct rpc_service *const parts_tables[PARTS_SERVICES + 1];

#endif
