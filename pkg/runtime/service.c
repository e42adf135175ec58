#include "runtime/service.h"

#include "base/mem.h"
#include "db/db.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "runtime/events.h"
#include "runtime/worker.h"

/* Besides one for each call: the database's own, health checks. */
enum { OTHER_FIBERS = 64 };

struct hosted {
	const struct runtime_service_host *host;
	struct runtime_env                 env;
	struct rpc_server                 *server;
	struct runtime_events              events;
	void                              *app;
};

static status check_health(void *arg, struct arena *a)
{
	return db_ping(arg, a);
}

static status open_database(struct hosted *h)
{
	const struct runtime_service_config *cfg = &h->host->cfg;

	return db_new(
	        &(struct db_config){
	                .loop = h->env.loop,
	                .fibers = h->env.fibers,
	                .offload = h->env.offload,
	                .url = cfg->db_url,
	                .application_name = h->host->service->name,
	                .settings = h->host->service->db_settings,
	                .read_connections = cfg->db_read_connections,
	                .write_connections = cfg->db_write_connections,
	                .statement_timeout_ms = cfg->db_statement_timeout_ms,
	                .lock_timeout_ms = cfg->db_lock_timeout_ms,
	        },
	        &h->env.db);
}

static status open_clients(struct hosted *h)
{
	const char *const *needs = h->host->service->needs;

	for (unsigned i = 0; needs[i]; i++) {
		const struct rpc_client_config cfg = {.loop = h->env.loop,
		                                      .keys = h->host->keys,
		                                      .tls = h->host->tls,
		                                      .name = str_c(h->host->service->name)};

		if (i == RUNTIME_MAX_CLIENTS)
			return status_error(CODE_INTERNAL, "a service needs too many others");
		TRY(rpc_client_new(&cfg, &h->env.clients[i]));
		TRY(runtime_address_link(h->host->addresses, needs[i], h->env.clients[i]));
	}
	return STATUS_OK;
}

static status start(void *arg, struct runtime_worker *w)
{
	struct hosted                *h = arg;
	const struct runtime_service *service = h->host->service;

	h->env.loop = runtime_worker_loop(w);
	h->env.fibers = runtime_worker_fibers(w);
	h->env.offload = h->host->offload;
	h->env.config = h->host->config;
	TRY(open_database(h));
	TRY(open_clients(h));
	TRY(rpc_server_new(&(struct rpc_server_config){.loop = h->env.loop,
	                                               .fibers = h->env.fibers,
	                                               .keys = h->host->keys,
	                                               .tls = h->host->tls,
	                                               .max_calls = h->host->cfg.max_calls,
	                                               .max_timeout_ms = service->max_timeout_ms,
	                                               .check_health = check_health,
	                                               .health_arg = h->env.db},
	                   &h->server));
	TRY(runtime_events_open(&h->events, h->host));
	h->env.publisher = h->events.publisher;
	TRY(service->start(&h->env, &h->app));
	rpc_server_add(h->server, service->handlers, h->app);
	TRY(runtime_events_start(&h->events, h->host, &h->env, h->server, h->app));
	return runtime_address_listen(h->host->listen.rpc, h->server);
}

static bool is_ready(void *arg)
{
	struct hosted *h = arg;

	for (unsigned i = 0; h->host->service->needs[i]; i++)
		if (!rpc_client_is_up(h->env.clients[i]))
			return false;
	return true;
}

static void drain(void *arg)
{
	struct hosted *h = arg;

	rpc_server_drain(h->server);
}

static bool is_idle(void *arg)
{
	struct hosted *h = arg;

	return rpc_server_is_idle(h->server) && runtime_events_close(&h->events);
}

static void cancel(void *arg)
{
	struct hosted *h = arg;

	rpc_server_cancel(h->server);
	runtime_events_cancel(&h->events);
}

static void stop(void *arg)
{
	struct hosted *h = arg;

	rpc_server_free(h->server);
	runtime_events_fini(&h->events, h->env.loop);
	if (h->app)
		h->host->service->stop(h->app);
	for (unsigned i = 0; i < RUNTIME_MAX_CLIENTS; i++)
		rpc_client_free(h->env.clients[i]);
	db_free(h->env.db);
	mem_free(h);
}

status runtime_service_start(const struct runtime_service_host *host,
                             struct runtime_worker            **out_worker)
{
	static const struct runtime_worker_ops ops = {.start = start,
	                                              .is_ready = is_ready,
	                                              .drain = drain,
	                                              .is_idle = is_idle,
	                                              .cancel = cancel,
	                                              .stop = stop};
	struct hosted                         *h = mem_zalloc(sizeof *h);

	h->host = host;
	return runtime_worker_new(
	        &(struct runtime_worker_config){.name = host->service->name,
	                                        .ops = &ops,
	                                        .arg = h,
	                                        .max_fibers = host->cfg.max_calls + OTHER_FIBERS},
	        out_worker);
}
