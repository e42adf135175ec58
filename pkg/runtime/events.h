/*
 * runtime/events.h - what a hosted service has to do with events: it tells its own, and follows the
 * streams of others. runtime/service.c uses it.
 *
 * Threads:  the service's loop.
 */
#ifndef RUNTIME_EVENTS_H
#define RUNTIME_EVENTS_H

#include <stdbool.h>

#include "base/status.h"
#include "outbox/read.h"
#include "runtime/service.h"

enum { RUNTIME_MAX_STREAMS = 8 };

struct rpc_server;

struct runtime_events {
	struct events            served; /* by Events/Read */
	struct events_publisher *publisher;
	struct db               *relay_db; /* its own: it does not queue behind handlers */
	struct outbox_relay     *relay;
	struct rpc_client       *clients[RUNTIME_MAX_STREAMS];
	struct events_consumer  *consumers[RUNTIME_MAX_STREAMS];
};

/* Opens what the service publishes by; nothing is told yet. Nothing to do without an outbox. */
must_check status runtime_events_open(struct runtime_events             *e,
                                      const struct runtime_service_host *host);

/* Serves Events/Read, starts the relay, and follows streams with the service's context. */
must_check status runtime_events_start(struct runtime_events             *e,
                                       const struct runtime_service_host *host,
                                       const struct runtime_env *env, struct rpc_server *server,
                                       void *app);

/*
 * Ends what runs: first it stops to follow, then it tells what was committed. Asked again until it
 * is true: all has ended.
 */
bool runtime_events_close(struct runtime_events *e);

/* Ends all at once; runtime_events_close() still tells when that is done. */
void runtime_events_cancel(struct runtime_events *e);

/* Frees. What has not ended is ended first, by turning the loop. A zeroed one is fine. */
void runtime_events_fini(struct runtime_events *e, struct loop *l);

#endif
