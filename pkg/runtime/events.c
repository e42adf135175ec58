#include "runtime/events.h"

#include "db/db.h"
#include "events/consumer.h"
#include "events/publisher.h"
#include "loop/loop.h"
#include "outbox/outbox.h"
#include "outbox/relay.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "runtime/address.h"

enum { END_TURNS = 1000, END_TURN_MS = 5 };

status runtime_events_open(struct runtime_events *e, const struct runtime_service_host *host)
{
	if (host->service->outbox == NULL)
		return STATUS_OK;
	TRY(events_publisher_new(&e->publisher));
	TRY(events_publisher_listen(e->publisher, EVENTS_INTERNAL, str_c(host->listen.events),
	                            host->tls));
	return events_publisher_listen(e->publisher, EVENTS_PUBLIC,
	                               str_c(host->listen.public_events), host->tls);
}

static status tell(struct runtime_events *e, const struct runtime_service_host *host,
                   const struct runtime_env *env, struct rpc_server *server)
{
	const struct runtime_service_config *service = &host->cfg;
	const struct db_config               db = {
	                      .loop = env->loop,
	                      .fibers = env->fibers,
	                      .offload = env->offload,
	                      .url = service->db_url,
	                      .application_name = host->service->name,
	                      .read_connections = 1,
	                      .write_connections = 1,
	                      .statement_timeout_ms = service->db_statement_timeout_ms,
	                      .lock_timeout_ms = service->db_lock_timeout_ms,
        };
	struct outbox_relay_config cfg = {.loop = env->loop,
	                                  .fibers = env->fibers,
	                                  .writer = env->db,
	                                  .outbox = host->service->outbox,
	                                  .publisher = e->publisher};

	TRY(db_new(&db, &e->relay_db));
	cfg.db = e->relay_db;
	e->served = (struct events){.db = env->db, .outbox = host->service->outbox};
	rpc_server_add(server, &events_handlers, &e->served);
	return outbox_relay_new(&cfg, &e->relay);
}

static status follow(struct runtime_events *e, unsigned i, const struct runtime_service_host *host,
                     const struct runtime_env *env, void *app)
{
	const struct runtime_stream   *stream = &host->service->streams[i];
	const struct runtime_address  *at = runtime_address_find(host->addresses, stream->service);
	const struct rpc_client_config client = {.loop = env->loop,
	                                         .keys = host->keys,
	                                         .tls = host->tls,
	                                         .name = str_c(host->service->name)};

	if (i == RUNTIME_MAX_STREAMS)
		return status_error(CODE_INTERNAL, "a service follows too many others");
	TRY(rpc_client_new(&client, &e->clients[i]));
	TRY(runtime_address_link(host->addresses, stream->service, e->clients[i]));
	return events_consumer_new(&(struct events_consumer_config){.loop = env->loop,
	                                                            .fibers = env->fibers,
	                                                            .client = e->clients[i],
	                                                            .service = stream->service,
	                                                            .urls = at->events,
	                                                            .tls = host->tls,
	                                                            .ops = stream->ops,
	                                                            .arg = app},
	                           &e->consumers[i]);
}

status runtime_events_start(struct runtime_events *e, const struct runtime_service_host *host,
                            const struct runtime_env *env, struct rpc_server *server, void *app)
{
	const struct runtime_stream *streams = host->service->streams;

	if (host->service->outbox)
		TRY(tell(e, host, env, server));
	for (unsigned i = 0; streams && streams[i].service; i++)
		TRY(follow(e, i, host, env, app));
	return STATUS_OK;
}

bool runtime_events_close(struct runtime_events *e)
{
	bool is_closed = true;

	for (unsigned i = 0; i < RUNTIME_MAX_STREAMS; i++) {
		if (e->consumers[i] == NULL || events_consumer_is_closed(e->consumers[i]))
			continue;
		events_consumer_close(e->consumers[i]);
		is_closed = false;
	}
	if (!is_closed || e->relay == NULL)
		return is_closed;
	outbox_relay_close(e->relay);
	return outbox_relay_is_closed(e->relay);
}

void runtime_events_cancel(struct runtime_events *e)
{
	for (unsigned i = 0; i < RUNTIME_MAX_STREAMS; i++)
		if (e->consumers[i])
			events_consumer_close(e->consumers[i]);
	if (e->relay)
		outbox_relay_cancel(e->relay);
}

void runtime_events_fini(struct runtime_events *e, struct loop *l)
{
	runtime_events_cancel(e);
	for (int i = 0; i < END_TURNS && !runtime_events_close(e); i++)
		loop_turn(l, END_TURN_MS);
	for (unsigned i = 0; i < RUNTIME_MAX_STREAMS; i++) {
		events_consumer_free(e->consumers[i]);
		rpc_client_free(e->clients[i]);
	}
	outbox_relay_free(e->relay);
	db_free(e->relay_db);
	events_publisher_free(e->publisher);
}
