/*
 * runtime/service.h - hosts one service on a worker: database, server, clients of other services.
 *
 * A service describes itself with a struct runtime_service; the executable hosts any of them.
 */
#ifndef RUNTIME_SERVICE_H
#define RUNTIME_SERVICE_H

#include <stdint.h>

#include "auth/identity.h"
#include "base/status.h"
#include "config/config.h"
#include "db/migrate.h"
#include "rpc/service.h"
#include "runtime/address.h"

struct db;
struct events_consumer_ops;
struct events_publisher;
struct fiber_scheduler;
struct loop;
struct offload;
struct outbox;
struct rpc_client;
struct rpc_tls;
struct runtime_worker;

enum { RUNTIME_MAX_CLIENTS = 8 };

/* What a service is given to build its context from; borrowed as long as it lives. */
struct runtime_env {
	struct loop             *loop;
	struct fiber_scheduler  *fibers;
	struct offload          *offload;
	struct db               *db;
	const void              *config; /* as service->config_fields filled it */
	struct rpc_client       *clients[RUNTIME_MAX_CLIENTS]; /* in the order of service->needs */
	struct events_publisher *publisher; /* for signals (events/publisher.h); NULL: no outbox */
};

/* The stream of another service, and what comes of it. A list of them ends with NULL. */
struct runtime_stream {
	const char                       *service;
	const struct events_consumer_ops *ops; /* their arg is the service's context */
};

struct runtime_service {
	const char                *name; /* "users" */
	const struct rpc_handlers *handlers;
	const struct db_schema    *schema;
	const char                *db_settings; /* of PostgreSQL, "-c name=value"...; NULL: none */
	const struct outbox       *outbox;      /* what it tells (outbox/outbox.h); NULL: nothing */
	const struct runtime_stream *streams;   /* that it follows; NULL: none */
	const char *const           *needs;     /* names of the services it calls, NULL-ended */
	const struct config_field   *config_fields;
	size_t                       config_bytes;
	uint32_t                     max_timeout_ms; /* as rpc_server_config has it */
	/* Makes the context that handlers get. */
	status (*start)(const struct runtime_env *env, void **out_app);
	void (*stop)(void *app);
};

/* The part of a configuration that every service has. */
struct runtime_service_config {
	const char *db_url; /* <SERVICE>_DB_URL, else DB_URL */
	uint32_t    db_read_connections, db_write_connections;
	uint32_t    db_statement_timeout_ms, db_lock_timeout_ms;
	uint32_t    max_calls;
};

struct runtime_service_host {
	const struct runtime_service *service;
	struct runtime_service_config cfg;
	const void                   *config; /* filled from service->config_fields */
	const struct identity_keys   *keys;
	const struct rpc_tls         *tls; /* NULL: no certificates for tls+tcp */
	struct offload               *offload;
	const struct runtime_address *addresses; /* of the services that it needs */
	struct runtime_listen         listen;
};

/*
 * Starts a worker that serves it. The host is borrowed until the worker was freed
 * (runtime_worker_free).
 */
must_check status runtime_service_start(const struct runtime_service_host *host,
                                        struct runtime_worker            **out_worker);

#endif
