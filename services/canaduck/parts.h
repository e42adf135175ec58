/*
 * canaduck/parts.h - what this executable is made of: the services that it can host.
 */
#ifndef SERVICES_CANADUCK_PARTS_H
#define SERVICES_CANADUCK_PARTS_H

#include <stdbool.h>

#include "rpc/service.h"
#include "runtime/service.h"

enum { PARTS_SERVICES = 5 };

/* In the order in which they start. */
extern const struct runtime_service *const parts_services[PARTS_SERVICES];

/* Their tables, NULL-ended: for routes. */
extern const struct rpc_service *const parts_tables[PARTS_SERVICES + 1];

/* Which of them a process runs. */
struct parts {
	bool has_edge;
	bool has_service[PARTS_SERVICES];
	bool only_migrates; /* nothing of them but their data */
};

/* Reads "all", "edge" and names of services; false for any other word, or none. */
bool parts_choose(int n, char *const *words, struct parts *out_parts);

/* All of them. */
struct parts parts_all(void);

/* Any of the services. */
bool parts_has_services(const struct parts *p);

#endif
