/*
 * canaduck/settings.h - the configuration of the process and of all that it hosts.
 */
#ifndef SERVICES_CANADUCK_SETTINGS_H
#define SERVICES_CANADUCK_SETTINGS_H

#include <stdbool.h>

#include "auth/identity.h"
#include "base/buf.h"
#include "edge/edge.h"
#include "runtime/address.h"
#include "services/canaduck/parts.h"
#include "services/canaduck/tls_files.h"

struct process_config {
	uint32_t    environment, log_level, log_format; /* indices of their choices */
	const char *run_dir;                            /* of the sockets; "": none */
	const char *service_urls[PARTS_SERVICES];       /* "": in this process, or in run_dir */
	const char *service_listen[PARTS_SERVICES];     /* "": in run_dir */
	const char *events_urls[PARTS_SERVICES];        /* "": beside those of RPCs, and so on */
	const char *events_listen[PARTS_SERVICES];
	const char *public_listen[PARTS_SERVICES];
	const char *identity_key, *identity_key_previous;
	const char *jwt_secret;
	const char *metrics_host;
	uint32_t    metrics_port;
	uint32_t    edge_loops;
	uint32_t    max_calls;
	uint32_t    drain_timeout_ms;
	const char *notify_socket;

	struct tls_files rpc_tls; /* all, or none */
};

/* What a process that hosts a service needs besides. */
struct database_config {
	const char *db_url, *migrate_db_url;
	const char *service_db_url[PARTS_SERVICES]; /* "": db_url */
	uint32_t    db_read_connections, db_write_connections;
	uint32_t    db_statement_timeout_ms, db_lock_timeout_ms, db_start_timeout_ms;
};

struct settings {
	struct parts           parts;
	struct process_config  process;
	struct database_config database;
	struct edge_config     edge;
	void                *services[PARTS_SERVICES]; /* as parts_services[i]->config_fields say */
	struct identity_keys keys;
	struct rpc_tls       tls; /* what the files hold */
	struct runtime_address
	        addresses[PARTS_SERVICES + 1];        /* of all services, as seen from here */
	struct runtime_listen listen[PARTS_SERVICES]; /* where those hosted here listen */
	struct buf            mistakes;               /* what is wrong with it, one a line */
};

/*
 * Reads the environment as far as the parts that run here need it; sets up logs. INVALID_ARGUMENT
 * with all mistakes, one a line, in the message, which lives as long as the settings.
 */
must_check status settings_load(struct settings *s, const struct parts *parts);

/* Warnings at most, in a command whose output is what is asked for. */
void settings_log_less(const struct settings *s);

/* What this process shows over tls+tcp and believes; NULL: it has no certificates. */
const struct rpc_tls *settings_tls(const struct settings *s);

/* Where a service's data is. */
const char *settings_db_url(const struct settings *s, unsigned service);

/* Prints the table of all variables to stdout. */
void settings_print_help(void);

#endif
