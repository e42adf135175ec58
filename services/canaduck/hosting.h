/*
 * canaduck/hosting.h - the services that run in this process.
 */
#ifndef SERVICES_CANADUCK_HOSTING_H
#define SERVICES_CANADUCK_HOSTING_H

#include "services/canaduck/settings.h"

struct offload;
struct runtime_worker;

struct hosting {
	const struct settings      *settings;
	struct offload             *offload;
	struct runtime_service_host hosts[PARTS_SERVICES];
	struct runtime_worker      *workers[PARTS_SERVICES];
};

/* Brings the schema of every service that runs here up to date. */
must_check status hosting_migrate(const struct settings *s);

/* Starts them; on failure those that run are stopped. hosting_stop() ends them. */
must_check status hosting_start(struct hosting *h, const struct settings *s);

/* What they need of each other and of other processes is within reach. */
bool hosting_is_ready(const struct hosting *h);

/* Drains and stops them, last first. A zeroed one is fine. */
void hosting_stop(struct hosting *h);

#endif
