#include "edge/edge.h"

#include "base/mem.h"
#include "edge/http.h"
#include "metrics/metrics.h"
#include "runtime/worker.h"

enum { MAX_METRICS_BYTES = 8 * 1024 * 1024, IDLE_TIMEOUT_MS = 10000, MAX_CONNECTIONS = 64 };

struct private_worker {
	struct edge_http http;
	const char      *address;
	uint16_t         port;
};

static void answer(h2o_req_t *req, int http_status, const char *reason, str type, str body)
{
	req->res.status = http_status;
	req->res.reason = reason;
	req->res.content_length = body.len;
	h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, type.ptr,
	               type.len);
	h2o_send_inline(req, body.len ? body.ptr : "", body.len);
}

static void on_request(void *arg __attribute__((unused)), h2o_req_t *req)
{
	str                       path = {req->path.base, req->path.len};
	AUTO(buf_fini) struct buf out = {.ceiling = MAX_METRICS_BYTES};

	if (str_eq(path, STR("/healthz"))) {
		answer(req, 200, "OK", STR("application/json"), STR("{\"status\":\"ok\"}"));
		return;
	}
	if (!str_eq(path, STR("/metrics"))) {
		answer(req, 404, "Not Found", STR("text/plain"), STR("GET /metrics or /healthz\n"));
		return;
	}
	metrics_print(&out);
	if (buf_status(&out).code != CODE_OK)
		answer(req, 500, "Internal Server Error", STR("text/plain"),
		       STR("too many metrics\n"));
	else
		answer(req, 200, "OK", STR("text/plain; version=0.0.4"), buf_str(&out));
}

static status start(void *arg, struct runtime_worker *w)
{
	struct private_worker *p = arg;

	TRY(edge_http_init(&p->http,
	                   &(struct edge_http_config){.host = p->address,
	                                              .port = p->port,
	                                              .idle_timeout_ms = IDLE_TIMEOUT_MS,
	                                              .max_connections = MAX_CONNECTIONS,
	                                              .max_body = 0,
	                                              .tls_cert_file = "",
	                                              .tls_key_file = "",
	                                              .on_request = on_request,
	                                              .arg = p},
	                   runtime_worker_loop(w)));
	p->port = p->http.port;
	return STATUS_OK;
}

static void turn(void *arg, int max_wait_ms)
{
	struct private_worker *p = arg;

	edge_http_turn(&p->http, max_wait_ms);
}

static void drain(void *arg)
{
	struct private_worker *p = arg;

	edge_http_drain(&p->http);
}

static bool is_idle(void *arg __attribute__((unused)))
{
	return true; /* every answer is given at once */
}

static void cancel(void *arg __attribute__((unused)))
{
}

static void stop(void *arg)
{
	struct private_worker *p = arg;

	edge_http_fini(&p->http);
	mem_free(p);
}

status edge_private_start(const char *address, uint16_t port, struct runtime_worker **out_worker,
                          uint16_t *out_port)
{
	static const struct runtime_worker_ops ops = {.start = start,
	                                              .turn = turn,
	                                              .drain = drain,
	                                              .is_idle = is_idle,
	                                              .cancel = cancel,
	                                              .stop = stop};
	struct private_worker                 *p = mem_zalloc(sizeof *p);

	p->address = address;
	p->port = port;
	TRY(runtime_worker_new(
	        &(struct runtime_worker_config){.name = "private", .ops = &ops, .arg = p},
	        out_worker));
	*out_port = p->port;
	return STATUS_OK;
}
