#include "edge/internal.h"

#include "edge/pages.h"

#include <string.h>

/* Routes with code of their own; all others come from the services' tables. */
static const struct {
	const char   *method, *path;
	enum rpc_auth auth;
	status (*handle)(struct edge_exchange *ex);
} own[] = {
        {"GET", "/api/v1/chat/ws", RPC_AUTH_PUBLIC, edge_chat_accept},
        {"GET", "/events", RPC_AUTH_PUBLIC, edge_events},
        {"GET", "/fullinfo", RPC_AUTH_PUBLIC, edge_fullinfo},
        {"GET", "/health", RPC_AUTH_IGNORED, edge_health},
        {"GET", "/healthz", RPC_AUTH_IGNORED, edge_health},
        {"GET", "/readyz", RPC_AUTH_IGNORED, edge_ready},
};

static struct edge_route *new_route(struct edge *e, const char *method, const char *path)
{
	struct edge_route *r = arena_zalloc(&e->arena, sizeof *r);

	r->name = arena_printf(&e->arena, "%s %s", method, path);
	r->max_body = EDGE_MAX_BODY;
	r->duration = metrics_histogram_get("edge_request_duration_seconds",
	                                    "Time from a whole request to its answer.",
	                                    METRICS_LABELS("route", r->name));
	return r;
}

static status add(struct edge *e, struct edge_route *r, const char *method, const char *path)
{
	status st = httprule_router_add(e->router, str_c(method), str_c(path), r, &e->arena);

	if (st.code != CODE_OK)
		return status_errorf(&e->arena, CODE_FAILED_PRECONDITION, "route %s: %s", r->name,
		                     st.msg);
	return STATUS_OK;
}

static status add_method(struct edge *e, const struct rpc_method *m, struct rpc_client *client)
{
	for (unsigned i = 0; i < m->n_routes; i++) {
		const struct rpc_route *binding = &m->routes[i];
		struct edge_route      *r = new_route(e, binding->http_method, binding->path);

		/* Whether a token is needed is told behind what there is to see. */
		r->auth = m->conceals && m->auth == RPC_AUTH_USER ? RPC_AUTH_PUBLIC : m->auth;
		r->max_body = m->max_body;
		r->handle = edge_forward;
		r->method = m;
		r->binding = binding;
		r->client = client;
		TRY(add(e, r, binding->http_method, binding->path));
	}
	return STATUS_OK;
}

/* What pages load shares one name in metrics. */
static status add_pages(struct edge *e)
{
	for (size_t i = 0; i < edge_pages_count; i++) {
		const struct edge_page *page = &edge_pages_all[i];
		bool                    is_asset = str_starts(str_c(page->path), STR("/assets/"));
		struct edge_route      *r = new_route(e, "GET", is_asset ? "/assets" : page->path);

		r->auth = RPC_AUTH_IGNORED;
		r->handle = edge_pages_serve;
		r->page = page;
		TRY(add(e, r, "GET", page->path));
	}
	return STATUS_OK;
}

status edge_routes_add(struct edge *e)
{
	e->unrouted = new_route(e, "none", "none");
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		struct edge_route *r = new_route(e, own[i].method, own[i].path);

		r->auth = own[i].auth;
		r->handle = own[i].handle;
		TRY(add(e, r, own[i].method, own[i].path));
	}
	TRY(add_pages(e));
	for (unsigned s = 0; e->host->services[s]; s++)
		for (unsigned i = 0; i < e->host->services[s]->n_methods; i++)
			TRY(add_method(e, &e->host->services[s]->methods[i], e->clients[s]));
	return STATUS_OK;
}

struct rpc_client *edge_client(struct edge *e, const char *service)
{
	for (unsigned i = 0; e->host->services[i]; i++)
		if (strcmp(e->host->services[i]->short_name, service) == 0)
			return e->clients[i];
	return NULL;
}
