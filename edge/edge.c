#include "edge/edge.h"

#include "base/clock.h"
#include "base/mem.h"
#include "edge/address.h"
#include "edge/feed.h"
#include "edge/internal.h"
#include "edge/streams.h"
#include "fiber/fiber.h"
#include "runtime/worker.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, TOKENS_KEPT = 4096, PEEK_MS = 250, LINGER_MS = 500 };

const char *const edge_followed[] = {"users", "channels", "messages", "incidents", NULL};

const struct config_field edge_config_fields[] = {
        CONFIG_STR(struct edge_config, host, "HOST", "127.0.0.1",
                   "address that the edge listens on"),
        CONFIG_U32(struct edge_config, port, "PORT", 8080, 0, 65535,
                   "port that the edge listens on; 0: any free one"),
        CONFIG_SECRET(struct edge_config, jwt_secret, "JWT_SECRET", NULL, 32,
                      "verifies access tokens; at least 32 bytes"),
        CONFIG_STR(struct edge_config, cors_allow_origins, "CORS_ALLOW_ORIGINS", "",
                   "origins whose pages may call, separated by commas, or *"),
        CONFIG_STR(struct edge_config, trusted_proxies, "TRUSTED_PROXIES", "",
                   "addresses (or networks, a.b.c.d/n) whose X-Forwarded-For is believed"),
        CONFIG_STR(struct edge_config, tls_cert_file, "TLS_CERT_FILE", "",
                   "certificate chain in PEM; without one the edge speaks plain HTTP"),
        CONFIG_STR(struct edge_config, tls_key_file, "TLS_KEY_FILE", "", "private key in PEM"),
        CONFIG_U32(struct edge_config, request_timeout_ms, "REQUEST_TIMEOUT_MS", 10000, 100, 300000,
                   "time for one request, in milliseconds"),
        CONFIG_U32(struct edge_config, send_timeout_ms, "SEND_TIMEOUT_MS", 30000, 100, 600000,
                   "time for a client to read an answer, in milliseconds"),
        CONFIG_U32(struct edge_config, idle_timeout_ms, "IDLE_TIMEOUT_MS", 10000, 100, 600000,
                   "time for a client to send a request, in milliseconds"),
        CONFIG_U32(struct edge_config, max_connections, "MAX_CONNECTIONS", 16000, 1, 1000000,
                   "connections open at once on one loop"),
        CONFIG_U32(struct edge_config, max_requests, "MAX_REQUESTS", 1024, 1, 100000,
                   "requests under way at once on one loop"),
        CONFIG_U32(struct edge_config, presence_interval_ms, "PRESENCE_INTERVAL_MS", 2000, 20, 4000,
                   "how often it is told who was there, in milliseconds"),
        CONFIG_U32(struct edge_config, max_streams, "MAX_STREAMS", 5000, 1, 1000000,
                   "streams of events open at once on one loop"),
        CONFIG_U32(struct edge_config, max_streams_each, "MAX_STREAMS_EACH", 200, 1, 1000000,
                   "of these for one account, or one address without a token"),
        CONFIG_U32(struct edge_config, events_queue_bytes, "EVENTS_QUEUE_BYTES", 262144, 4096,
                   16777216, "what may wait for a slow reader of a stream of events, in bytes"),
        CONFIG_U32(struct edge_config, events_heartbeat_ms, "EVENTS_HEARTBEAT_MS", 15000, 50, 60000,
                   "how often a silent stream of events shows that it lives, in milliseconds"),
        CONFIG_U32(struct edge_config, max_sockets, "MAX_SOCKETS", 10000, 1, 1000000,
                   "WebSockets open at once, on all loops together"),
        CONFIG_U32(struct edge_config, max_account_sockets, "MAX_ACCOUNT_SOCKETS", 20, 1, 1000000,
                   "WebSockets of one account open at once"),
        CONFIG_U32(struct edge_config, socket_ping_ms, "SOCKET_PING_MS", 30000, 20, 600000,
                   "how often a WebSocket is pinged, in milliseconds"),
        CONFIG_U32(struct edge_config, socket_silence_ms, "SOCKET_SILENCE_MS", 75000, 20, 600000,
                   "silence after which a WebSocket is closed, in milliseconds"),
        CONFIG_BOOL(struct edge_config, has_http2, "HTTP2", "0",
                    "speak HTTP/2 too (this h2o has no defence against rapid resets)"),
        {0},
};

void edge_config_check(const struct edge_config *cfg, struct buf *mistakes)
{
	if (!edge_address_are_networks(str_c(cfg->trusted_proxies)))
		buf_put(mistakes,
		        STR("TRUSTED_PROXIES: must be addresses or networks, separated by "
		            "commas\n"));
	if ((cfg->tls_cert_file[0] == '\0') != (cfg->tls_key_file[0] == '\0'))
		buf_put(mistakes, STR("TLS_CERT_FILE: goes together with TLS_KEY_FILE\n"));
}

struct edge_worker {
	struct edge             edge;
	const struct edge_host *host;
	uint16_t                port; /* read by the main thread after the start */
};

static void on_peek(struct loop_timer *t)
{
	struct edge *e = container_of(t, struct edge, peek_timer);

	edge_exchange_find_gone(e);
	edge_sse_find_gone(e);
	edge_streams_check(e->streams);
	/* Several loops add to one gauge. */
	metrics_gauge_add(e->connections, (int64_t)e->http.connections - e->counted_connections);
	e->counted_connections = e->http.connections;
	loop_timer_set(e->loop, t, clock_after_ms(PEEK_MS));
}

static status open_clients(struct edge *e)
{
	const struct rpc_client_config cfg = {
	        .loop = e->loop, .keys = e->host->keys, .name = STR("edge"), .tls = e->host->tls};

	for (unsigned i = 0; e->host->services[i]; i++) {
		if (i == EDGE_MAX_SERVICES)
			return status_error(CODE_INTERNAL, "too many services");
		TRY(rpc_client_new(&cfg, &e->clients[i]));
		TRY(runtime_address_link(e->host->addresses, e->host->services[i]->short_name,
		                         e->clients[i]));
	}
	return STATUS_OK;
}

static void on_request(void *arg, h2o_req_t *req)
{
	edge_exchange_start(arg, req);
}

static status listen_http(struct edge *e)
{
	const struct edge_config *cfg = e->cfg;

	return edge_http_init(&e->http,
	                      &(struct edge_http_config){.host = cfg->host,
	                                                 .port = (uint16_t)cfg->port,
	                                                 .idle_timeout_ms = cfg->idle_timeout_ms,
	                                                 .max_connections = cfg->max_connections,
	                                                 .max_body = EDGE_READ_BODY,
	                                                 .tls_cert_file = cfg->tls_cert_file,
	                                                 .tls_key_file = cfg->tls_key_file,
	                                                 .has_http2 = cfg->has_http2,
	                                                 .shares_port = e->host->shares_port,
	                                                 .on_request = on_request,
	                                                 .arg = e},
	                      e->loop);
}

static status start(void *arg, struct runtime_worker *w)
{
	struct edge_worker *ew = arg;
	struct edge        *e = &ew->edge;

	e->host = ew->host;
	e->cfg = ew->host->cfg;
	e->loop = runtime_worker_loop(w);
	e->fibers = runtime_worker_fibers(w);
	arena_init(&e->arena, ARENA_BYTES);
	e->router = httprule_router_new();
	e->tokens = token_cache_new(TOKENS_KEPT);
	e->in_flight = metrics_gauge_get("edge_requests_in_flight", "HTTP requests under way.",
	                                 METRICS_LABELS());
	e->connections =
	        metrics_gauge_get("edge_connections", "Connections open.", METRICS_LABELS());
	e->slow_readers = metrics_counter_get("edge_streams_slow_total",
	                                      "Streams of events cut off: their readers were slow.",
	                                      METRICS_LABELS());
	edge_session_asks_init(&e->asks, e);
	TRY(open_clients(e));
	TRY(edge_sessions_follow(e->host->sessions, e));
	edge_streams_start(e);
	TRY(edge_chat_start(e));
	TRY(edge_routes_add(e));
	TRY(listen_http(e));
	edge_presence_start(e);
	ew->port = e->http.port;
	loop_timer_init(&e->peek_timer, on_peek);
	on_peek(&e->peek_timer);
	return STATUS_OK;
}

static bool is_ready(void *arg)
{
	struct edge *e = &((struct edge_worker *)arg)->edge;

	for (unsigned i = 0; e->host->services[i]; i++)
		if (!rpc_client_is_up(e->clients[i]))
			return false;
	return edge_sessions_are_known(e->host->sessions);
}

static void turn(void *arg, int max_wait_ms)
{
	struct edge_worker *ew = arg;

	edge_http_turn(&ew->edge.http, max_wait_ms);
}

static void drain(void *arg)
{
	struct edge_worker *ew = arg;

	ew->edge.draining_since_ns = clock_now_ns();
	edge_streams_drain(ew->edge.streams);
	edge_chat_drain(&ew->edge);
	edge_http_drain(&ew->edge.http);
}

/* Idle connections are given a moment: a request may be on its way, its answer will close them. */
static bool is_idle(void *arg)
{
	struct edge *e = &((struct edge_worker *)arg)->edge;
	int64_t      since = clock_now_ns() - e->draining_since_ns;

	return e->n_exchanges == 0 && (e->n_anchors == 0 || e->is_cut_off) &&
	       (e->http.connections == 0 || since > LINGER_MS * CLOCK_NS_PER_MS) &&
	       edge_chat_is_idle(e) && edge_presence_is_told(e) &&
	       edge_session_asks_are_done(&e->asks) && edge_sessions_leave(e->host->sessions, e) &&
	       edge_streams_leave(e->streams) && edge_feed_leave(e);
}

static void cancel(void *arg)
{
	struct edge *e = &((struct edge_worker *)arg)->edge;

	e->is_cut_off = true;
	edge_chat_cancel(e);
	edge_presence_cancel(e);
	list_for_each (it, &e->exchanges) {
		struct edge_exchange *ex = container_of(it, struct edge_exchange, link);

		if (ex->fiber)
			fiber_cancel(ex->fiber);
	}
}

static void stop(void *arg)
{
	struct edge_worker *ew = arg;
	struct edge        *e = &ew->edge;

	if (e->loop)
		loop_timer_cancel(e->loop, &e->peek_timer);
	edge_presence_stop(e);
	edge_sessions_stop(ew->host->sessions, e);
	edge_streams_quiet(e);
	edge_feed_stop(e);
	edge_http_fini(&e->http);
	edge_streams_stop(e);
	edge_chat_stop(e);
	edge_exchange_free_kept(e);
	for (unsigned i = 0; i < EDGE_MAX_SERVICES; i++)
		rpc_client_free(e->clients[i]);
	token_cache_free(e->tokens);
	httprule_router_free(e->router);
	arena_fini(&e->arena);
	mem_free(ew);
}

status edge_start(const struct edge_host *host, struct runtime_worker **out_worker,
                  uint16_t *out_port)
{
	static const struct runtime_worker_ops ops = {.start = start,
	                                              .is_ready = is_ready,
	                                              .turn = turn,
	                                              .drain = drain,
	                                              .is_idle = is_idle,
	                                              .cancel = cancel,
	                                              .stop = stop};
	struct edge_worker                    *ew = mem_zalloc(sizeof *ew);

	ew->host = host;
	list_init(&ew->edge.feeds);
	list_init(&ew->edge.responses);
	list_init(&ew->edge.exchanges);
	list_init(&ew->edge.kept);
	TRY(runtime_worker_new(
	        &(struct runtime_worker_config){.name = "edge",
	                                        .ops = &ops,
	                                        .arg = ew,
	                                        .max_fibers = host->cfg->max_requests + 160},
	        out_worker));
	*out_port = ew->port;
	return STATUS_OK;
}
